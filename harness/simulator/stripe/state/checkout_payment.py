"""The customer pays a Checkout Session: the intent that it makes then, and what its outcome does to the session."""

from __future__ import annotations

from typing import Any

from harness.simulator.stripe import errors
from harness.simulator.stripe.account import StripeAccount
from harness.simulator.stripe.state import checkout, customers, payments, setups
from harness.simulator.stripe.state.checkout import SESSIONS, CheckoutSession
from harness.simulator.stripe.state.kinds import PAYMENT_INTENTS, SETUP_INTENTS
from harness.simulator.stripe.state.objects import Map, PaymentIntent, PaymentMethod, SetupIntent

FOR_INTENT = (
    "capture_method", "description", "metadata", "receipt_email", "setup_future_usage", "shipping",
    "statement_descriptor", "statement_descriptor_suffix", "transfer_group",
)  # fmt: skip
"""Fields of ``payment_intent_data`` that the payment takes over."""


def pay(
    account: StripeAccount,
    session: CheckoutSession,
    method: PaymentMethod,
    *,
    email: str | None,
    name: str | None = None,
    phone: str | None = None,
    address: Map = None,
    return_url: str,
) -> CheckoutSession:
    """Pay (or set up) with a payment method; the session as it is afterwards, still open while a challenge waits.

    Raises:
        StripeError: 400 where the session is not open, 402 for a decline; the session then takes another card.
    """
    if session.status != "open":
        raise errors.invalid(
            f"You cannot confirm this Checkout Session because it has a status of {session.status}.",
            code="checkout_session_not_open",
        )
    known = session.customer_details or {}
    session = checkout.put(
        account,
        session,
        typed=checkout.details(
            email=known.get("email") or email,
            name=name or known.get("name"),
            phone=phone or known.get("phone"),
            address=address or known.get("address"),
        ),
    )
    if session.mode == "payment" and not session.total:
        return checkout.complete(account, session, payment_status="no_payment_required")
    session = _with_customer(account, session)
    if session.mode == "setup":
        return _set_up(account, session, method, return_url)
    intent = account.of(PAYMENT_INTENTS).get(session.payment_intent or "")
    if intent is None:
        intent = payments.add(account, _intent(account, session))
    elif intent.amount != session.total:
        intent = payments.store(account, intent, amount=session.total)
    session = checkout.put(account, session, payment_intent=intent.id)
    intent = payments.confirm(account, intent, method, return_url=return_url)
    return intent_changed(account, intent) or session


def intent_changed(account: StripeAccount, intent: PaymentIntent | SetupIntent) -> CheckoutSession | None:
    """The session of an intent that moved on (after a challenge, a capture, a delayed payment); None without one."""
    session = account.of(SESSIONS).get(intent.checkout_session or "")
    if session is None:
        return None
    if isinstance(intent, SetupIntent):
        if intent.status == "succeeded":
            return checkout.complete(account, session, payment_status="no_payment_required")
        return session
    if session.status == "complete":
        return _settled(account, session, intent)
    if intent.status == "succeeded":
        return checkout.complete(account, session, payment_status="paid")
    if intent.status in {"requires_capture", "processing"}:
        return checkout.complete(account, session, payment_status="unpaid")
    return session


def _settled(account: StripeAccount, session: CheckoutSession, intent: PaymentIntent) -> CheckoutSession:
    if session.payment_status != "unpaid":
        return session
    if intent.capture_method == "manual":
        return checkout.put(account, session, payment_status="paid") if intent.status == "succeeded" else session
    if intent.status in {"succeeded", "requires_payment_method", "canceled"}:
        return checkout.settled(account, session, paid=intent.status == "succeeded")
    return session


def _with_customer(account: StripeAccount, session: CheckoutSession) -> CheckoutSession:
    data = session.kept.get("payment_intent_data") or {}
    wanted = session.kept.get("customer_creation") == "always" or data.get("setup_future_usage")
    if session.customer is not None or not wanted:
        return session
    known = session.typed or {}
    params = {key: known[key] for key in ("email", "name", "phone") if known.get(key)}
    return checkout.put(account, session, customer=customers.create(account, params).id)


def _intent(account: StripeAccount, session: CheckoutSession) -> PaymentIntent:
    data: dict[str, Any] = session.kept.get("payment_intent_data") or {}
    assert session.currency is not None
    return PaymentIntent(
        id=account.new_id(PAYMENT_INTENTS),
        created=account.now(),
        amount=session.total,
        currency=session.currency,
        customer=session.customer,
        payment_method_types=session.payment_method_types,
        payment_method_options=session.kept.get("payment_method_options"),
        checkout_session=session.id,
        **{name: data[name] for name in FOR_INTENT if data.get(name)},
    )


def _set_up(
    account: StripeAccount, session: CheckoutSession, method: PaymentMethod, return_url: str
) -> CheckoutSession:
    intent = account.of(SETUP_INTENTS).get(session.setup_intent or "")
    if intent is None:
        data: dict[str, Any] = session.kept.get("setup_intent_data") or {}
        intent = setups.add(
            account,
            SetupIntent(
                id=account.new_id(SETUP_INTENTS),
                created=account.now(),
                customer=session.customer,
                description=data.get("description"),
                metadata=data.get("metadata"),
                payment_method_types=session.payment_method_types,
                payment_method_options=session.kept.get("payment_method_options"),
                checkout_session=session.id,
            ),
        )
    session = checkout.put(account, session, setup_intent=intent.id)
    intent = setups.confirm(account, intent, method, return_url=return_url)
    return intent_changed(account, intent) or session


payments.after_settlement.append(intent_changed)
