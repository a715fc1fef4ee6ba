"""Setup intents: saving a payment method for later. Recorded from test mode (scenario 10).

    requires_payment_method -> requires_confirmation -> requires_action -> succeeded | canceled

A decline leads back to requires_payment_method. A setup that succeeds attaches the payment method to its customer.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from harness.simulator.stripe import cards, errors
from harness.simulator.stripe.account import StripeAccount
from harness.simulator.stripe.cards import Decline
from harness.simulator.stripe.state import authentication, payment_methods
from harness.simulator.stripe.state.authentication import Demand, demand, without_challenge
from harness.simulator.stripe.state.kinds import PAYMENT_METHODS, SETUP_ATTEMPTS, SETUP_INTENTS
from harness.simulator.stripe.state.objects import PaymentMethod, SetupAttempt, SetupIntent

UNEXPECTED = "setup_intent_unexpected_state"
CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
AUTHENTICATION_FAILED = Decline(
    code="setup_intent_authentication_failure",
    message=(
        "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new "
        "PaymentMethod to attempt to fulfill this SetupIntent again."
    ),
)
MISSING_METHOD = (
    "You cannot confirm this SetupIntent because it's missing a payment method. You can either update the SetupIntent "
    "with a payment method and then confirm it again, or confirm it again directly with a payment method or "
    "ConfirmationToken."
)


def add(account: StripeAccount, it: SetupIntent) -> SetupIntent:
    """Store a new one, with its event."""
    account.of(SETUP_INTENTS).add(it)
    account.emit("setup_intent.created", it)
    return it


def store(account: StripeAccount, it: SetupIntent, **changes: Any) -> SetupIntent:
    """A new version."""
    return account.of(SETUP_INTENTS).put(replace(it, **changes))


def confirm(
    account: StripeAccount,
    it: SetupIntent,
    method: PaymentMethod | None,
    *,
    return_url: str | None = None,
    use_stripe_sdk: bool = False,
) -> SetupIntent:
    """Try to set up; parameters as for a payment. Raises 400 for a wrong state, 402 for a decline."""
    check_confirmable(it)
    if method is None:
        raise errors.unexpected_state(UNEXPECTED, MISSING_METHOD, setup_intent=it)
    it = store(
        account,
        it,
        payment_method=method.id,
        status="requires_confirmation",
        return_url=return_url,
        next_action=None,
        last_setup_error=None,
    )
    requested = ((it.payment_method_options or {}).get("card") or {}).get("request_three_d_secure")
    if account.livemode and method.card is not None:
        raise _fail(account, it, method, cards.decline("live_mode_test_card"), None)
    wanted = demand(method, requested, off_session=False, setup=True)
    if wanted is Demand.CHALLENGE:
        it = store(
            account, it, status="requires_action", next_action=_challenge(account, it, return_url, use_stripe_sdk)
        )
        account.emit("setup_intent.requires_action", it)
        return it
    if wanted is Demand.BROKEN:
        raise _fail(account, it, method, cards.decline("generic_decline"), None)
    return _set_up(account, it, method, without_challenge(method, requested))


def complete_challenge(account: StripeAccount, intent_id: str, *, passed: bool) -> SetupIntent:
    """The shopper answered the challenge; a decline that follows does not raise."""
    it = account.get(SETUP_INTENTS, intent_id, "intent")
    if it.status != "requires_action" or it.payment_method is None:
        return it
    method = account.get(PAYMENT_METHODS, it.payment_method)
    try:
        if not passed:
            raise _fail(account, it, method, AUTHENTICATION_FAILED, authentication.ABANDONED)
        method = account.of(PAYMENT_METHODS).put(replace(method, ready_off_session=True))
        return _set_up(account, it, method, authentication.AUTHENTICATED)
    except errors.StripeError:
        return account.get(SETUP_INTENTS, intent_id, "intent")


def cancel(account: StripeAccount, it: SetupIntent, reason: str | None) -> SetupIntent:
    """Give a setup up."""
    if it.status == "canceled":
        raise errors.unexpected_state(
            UNEXPECTED, "You cannot cancel this SetupIntent because it is already canceled.", setup_intent=it
        )
    if it.status not in CONFIRMABLE:
        raise errors.unexpected_state(
            UNEXPECTED,
            f"You cannot cancel this SetupIntent because it has a status of {it.status}. Only a SetupIntent with one "
            "of the following statuses may be canceled: `requires_payment_method`, `requires_confirmation`, or "
            "`requires_action`.",
            setup_intent=it,
        )
    it = store(account, it, status="canceled", cancellation_reason=reason, next_action=None)
    account.emit("setup_intent.canceled", it)
    return it


def check_confirmable(it: SetupIntent, verb: str = "confirm") -> None:
    """Refuse what cannot be confirmed (or, with another verb, updated) any more."""
    if it.status in CONFIRMABLE:
        return
    why = "has been canceled" if it.status == "canceled" else f"has already {it.status}"
    raise errors.unexpected_state(UNEXPECTED, f"You cannot {verb} this SetupIntent because it {why}.", setup_intent=it)


def _set_up(
    account: StripeAccount, it: SetupIntent, method: PaymentMethod, three_d_secure: dict[str, Any] | None
) -> SetupIntent:
    card = method.card
    if card is not None and card.decline is not None and not card.attaches:
        raise _fail(account, it, method, card.decline, three_d_secure)
    if it.customer is not None and method.customer is None:
        method = payment_methods.saved(account, method, it.customer)
    else:
        method = _keep_checks(account, method)
    attempt = _attempt(account, it, method, "succeeded", None, three_d_secure)
    it = store(account, it, status="succeeded", latest_attempt=attempt.id, next_action=None)
    account.emit("setup_intent.succeeded", it)
    return it


def _fail(
    account: StripeAccount,
    it: SetupIntent,
    method: PaymentMethod,
    why: Decline,
    three_d_secure: dict[str, Any] | None,
) -> errors.StripeError:
    method = _keep_checks(account, method)
    error = why.error(payment_method=method)
    if why is AUTHENTICATION_FAILED:
        error.type, error.status = errors.INVALID_REQUEST, 400
    attempt = _attempt(account, it, method, "failed", error.body(), three_d_secure)
    it = store(
        account,
        it,
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        latest_attempt=attempt.id,
        last_setup_error=error.body(),
    )
    account.emit("setup_intent.setup_failed", it)
    error.extra["setup_intent"] = it
    return error


def _attempt(
    account: StripeAccount,
    it: SetupIntent,
    method: PaymentMethod,
    status: str,
    error: dict[str, Any] | None,
    three_d_secure: dict[str, Any] | None,
) -> SetupAttempt:
    return account.of(SETUP_ATTEMPTS).add(
        SetupAttempt(
            id=account.new_id(SETUP_ATTEMPTS),
            created=account.now(),
            setup_intent=it.id,
            status=status,
            usage=it.usage,
            payment_method=method.id,
            customer=it.customer,
            setup_error=error,
            three_d_secure=three_d_secure,
            type=method.type,
        )
    )


def _keep_checks(account: StripeAccount, method: PaymentMethod) -> PaymentMethod:
    after = payment_methods.checked(method)
    return method if after is method else account.of(PAYMENT_METHODS).put(after)


def _challenge(account: StripeAccount, it: SetupIntent, return_url: str | None, use_stripe_sdk: bool) -> dict[str, Any]:
    url = f"{account.base_url}/pages/3d_secure/{account.token}/{it.id}"
    if return_url is not None and not use_stripe_sdk:
        return {"redirect_to_url": {"return_url": return_url, "url": url}, "type": "redirect_to_url"}
    return {
        "type": "use_stripe_sdk",
        "use_stripe_sdk": {
            "source": f"setatt_1{account.ids.text(22)}",
            "stripe_js": url,
            "type": "three_d_secure_redirect",
        },
    }
