"""Payment intents: the state machine of a payment. Stripe, "How PaymentIntents and SetupIntents work".

    requires_payment_method -> requires_confirmation -> requires_action -> (requires_capture) -> succeeded
    any of them but succeeded -> canceled; a decline leads back to requires_payment_method

Refusals carry the intent as it is then, which the wire renders into the error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from msgspec.structs import replace

from harness.simulator.stripe import cards, errors
from harness.simulator.stripe.account import StripeAccount, timer
from harness.simulator.stripe.cards import Decline
from harness.simulator.stripe.state import authentication, charging, payment_methods
from harness.simulator.stripe.state.authentication import Demand, demand, without_challenge
from harness.simulator.stripe.state.kinds import CHARGES, PAYMENT_INTENTS, PAYMENT_METHODS
from harness.simulator.stripe.state.objects import PaymentIntent, PaymentMethod
from harness.simulator.stripe.unsimulated import not_simulated

UNEXPECTED = "payment_intent_unexpected_state"
CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
CANCELABLE = ("requires_payment_method", "requires_capture", "requires_confirmation", "requires_action", "processing")
MISSING_METHOD = (
    "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
    "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method "
    "or ConfirmationToken."
)
AUTHENTICATION_FAILED = Decline(
    code="payment_intent_authentication_failure",
    message=(
        "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new "
        "PaymentMethod to attempt to fulfill this PaymentIntent again."
    ),
)


class Rail(NamedTuple):
    """How another kind of payment method pays: ``check`` refuses before anything changes, ``pay`` does it."""

    check: Callable[[PaymentIntent, PaymentMethod], None]
    pay: Callable[[StripeAccount, PaymentIntent, PaymentMethod], PaymentIntent]


rails: dict[str, Rail] = {}
"""How payment methods that are no cards pay, by their type."""
IntentHook = Callable[[StripeAccount, PaymentIntent], object]
after_settlement: list[IntentHook] = []
"""Who wants to know that an intent of a Checkout Session was captured or cancelled, or that the bank has answered."""


def add(account: StripeAccount, it: PaymentIntent) -> PaymentIntent:
    """Store a new intent, with its event."""
    account.of(PAYMENT_INTENTS).add(it)
    account.emit("payment_intent.created", it)
    return it


def missing_method(it: PaymentIntent) -> str:
    """Why a payment without a payment method cannot be confirmed; the customer's default one is never used."""
    if it.customer is None:
        return MISSING_METHOD
    return (
        "You cannot confirm this PaymentIntent because it's missing a payment method. To confirm the PaymentIntent "
        f"with {it.customer}, specify a payment method attached to this customer along with the customer ID."
    )


def store(account: StripeAccount, it: PaymentIntent, **changes: Any) -> PaymentIntent:
    """A new version of an intent."""
    return account.of(PAYMENT_INTENTS).put(replace(it, **changes))


def confirm(
    account: StripeAccount,
    it: PaymentIntent,
    method: PaymentMethod | None,
    *,
    off_session: bool = False,
    return_url: str | None = None,
    use_stripe_sdk: bool = False,
    fail_on_action: bool = False,
) -> PaymentIntent:
    """Try to pay.

    Args:
        account: whose payment.
        it: the intent; must be confirmable.
        method: what to pay with.
        off_session: nobody is there to answer a challenge.
        return_url: where a challenge sends the shopper afterwards.
        use_stripe_sdk: a challenge is handled by Stripe.js rather than by a redirect.
        fail_on_action: refuse instead of asking for a challenge.

    Raises:
        StripeError: 400 for a wrong state, 402 for a decline; the failed attempt is kept either way.
    """
    check_confirmable(it)
    if method is None:
        raise errors.unexpected_state(UNEXPECTED, missing_method(it), payment_intent=it)
    if method.card is None:
        rail = rails.get(method.type)
        if rail is None:
            raise not_simulated(f"Paying with a payment method of type `{method.type}`")
        rail.check(it, method)
    it = store(
        account,
        it,
        payment_method=method.id,
        status="requires_confirmation",
        return_url=return_url,
        off_session=off_session,
        next_action=None,
        last_payment_error=None,
        attempts=it.attempts + 1,
    )
    if it.authenticated == method.id:
        return _charge(account, it, method, authentication.AUTHENTICATED)
    requested = ((it.payment_method_options or {}).get("card") or {}).get("request_three_d_secure")
    wanted = demand(method, requested, off_session=off_session)
    if wanted is Demand.NOTHING:
        return _charge(account, it, method, without_challenge(method, requested))
    if account.livemode:
        raise decline(account, it, method, cards.decline("live_mode_test_card"), None)
    if wanted is Demand.BROKEN:
        raise decline(account, it, method, cards.decline("generic_decline"), None)
    if wanted is Demand.REFUSED:
        raise decline(account, it, method, cards.decline("authentication_required"), None)
    if fail_on_action:
        why = cards.decline("authentication_required")
        raise _fail(account, it, method, why, charge=None)
    it = store(account, it, status="requires_action", next_action=_challenge(account, it, return_url, use_stripe_sdk))
    account.emit("payment_intent.requires_action", it)
    return it


def complete_challenge(account: StripeAccount, intent_id: str, *, passed: bool) -> PaymentIntent:
    """The shopper answered the 3-D Secure challenge (or made it fail); a decline that follows does not raise."""
    it = account.get(PAYMENT_INTENTS, intent_id, "intent")
    if it.status != "requires_action" or it.payment_method is None:
        return it
    method = account.get(PAYMENT_METHODS, it.payment_method)
    try:
        if not passed:
            raise _fail(account, it, method, AUTHENTICATION_FAILED, charge=None)
        if it.setup_future_usage == "off_session":
            method = account.of(PAYMENT_METHODS).put(replace(method, ready_off_session=True))
        it = store(account, it, next_action=None, authenticated=method.id)
        if it.confirmation_method == "manual":
            return store(account, it, status="requires_confirmation")
        return _charge(account, it, method, authentication.AUTHENTICATED)
    except errors.StripeError:
        return account.get(PAYMENT_INTENTS, intent_id, "intent")


def capture(account: StripeAccount, it: PaymentIntent, amount: int | None, changes: dict[str, Any]) -> PaymentIntent:
    """Take the money that is held: all, or ``amount`` (minor units) with the rest released."""
    if it.status != "requires_capture":
        raise errors.unexpected_state(
            UNEXPECTED,
            f"This PaymentIntent could not be captured because it has a status of {it.status}. Only a PaymentIntent "
            "with one of the following statuses may be captured: requires_capture.",
            payment_intent=it,
        )
    wanted = it.amount_capturable if amount is None else amount
    if wanted < 1:
        raise errors.StripeError(
            "This value must be greater than or equal to 1.",
            code="parameter_invalid_integer",
            param="amount_to_capture",
            stored=False,
        )
    if wanted > it.amount_capturable:
        raise errors.StripeError(
            "You cannot capture more than the remaining capturable amount of this PaymentIntent: the amount to capture "
            f"({wanted}) is greater than the amount capturable ({it.amount_capturable}).",
            code="amount_too_large",
            param="amount_to_capture",
            extra={"payment_intent": it},
        )
    account.timers.cancel("payment_intent.lapse", it.id)
    it = store(account, it, **changes) if changes else it
    charge = account.get(CHARGES, it.latest_charge or "")
    charging.capture(account, it, charge, wanted)
    it = store(account, it, status="succeeded", amount_capturable=0, amount_received=wanted)
    account.emit("payment_intent.succeeded", it)
    settled(account, it)
    return it


def cancel(account: StripeAccount, it: PaymentIntent, reason: str | None) -> PaymentIntent:
    """Give a payment up; what is held is released."""
    if it.status not in CANCELABLE:
        allowed = ", ".join(CANCELABLE)
        raise errors.unexpected_state(
            UNEXPECTED,
            f"You cannot cancel this PaymentIntent because it has a status of {it.status}. Only a PaymentIntent with "
            f"one of the following statuses may be canceled: {allowed}.",
            payment_intent=it,
        )
    if it.checkout_session is not None and it.status != "requires_capture" and reason != "expired":
        raise errors.unexpected_state(
            UNEXPECTED,
            "You cannot cancel this PaymentIntent because it was created by a Checkout Session. Expire the session "
            "instead.",
            payment_intent=it,
        )
    if it.status == "requires_capture" and it.latest_charge is not None:
        account.timers.cancel("payment_intent.lapse", it.id)
        charging.release(account, account.get(CHARGES, it.latest_charge))
    it = store(
        account,
        it,
        status="canceled",
        canceled_at=account.now(),
        cancellation_reason=reason,
        amount_capturable=0,
        next_action=None,
    )
    account.emit("payment_intent.canceled", it)
    return it


def settled(account: StripeAccount, it: PaymentIntent) -> None:
    """Tell those who wait for the money of a Checkout Session."""
    if it.checkout_session is not None:
        for hook in after_settlement:
            hook(account, it)


def check_confirmable(it: PaymentIntent) -> None:
    """Refuse what cannot be confirmed (any more)."""
    if it.status in CONFIRMABLE:
        return
    if it.status == "succeeded":
        message = (
            "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed."
        )
    else:
        message = (
            f"You cannot confirm this PaymentIntent because it has a status of {it.status}. Only a PaymentIntent with "
            "one of the following statuses may be confirmed: requires_confirmation, requires_action."
        )
    raise errors.unexpected_state(UNEXPECTED, message, payment_intent=it)


def decline(
    account: StripeAccount,
    it: PaymentIntent,
    method: PaymentMethod,
    why: Decline,
    three_d_secure: dict[str, Any] | None,
) -> errors.StripeError:
    """Record a refused attempt (the charge stays); the 402 to raise."""
    charge = charging.failed(account, it, method, why, three_d_secure)
    return _fail(account, it, charge.paid_with, why, charge=charge.id)


def _charge(
    account: StripeAccount, it: PaymentIntent, method: PaymentMethod, three_d_secure: dict[str, Any] | None
) -> PaymentIntent:
    if method.card is None:
        return rails[method.type].pay(account, it, method)
    why = charging.refusal(account, method)
    if why is not None:
        raise decline(account, it, method, why, three_d_secure)
    if it.setup_future_usage is not None and it.customer is not None and method.customer is None:
        method = payment_methods.saved(account, method, it.customer)
    elif method.customer is None:
        method = account.of(PAYMENT_METHODS).put(replace(payment_methods.checked(method), used_up=True))
    options = (it.payment_method_options or {}).get("card") or {}
    automatic = "manual" not in {it.capture_method, options.get("capture_method")}
    charge = charging.authorise(account, it, method, capture=automatic, three_d_secure=three_d_secure)
    if automatic:
        it = store(
            account, it, status="succeeded", latest_charge=charge.id, amount_received=it.amount, next_action=None
        )
        account.emit("payment_intent.succeeded", it)
        return it
    it = store(
        account, it, status="requires_capture", latest_charge=charge.id, amount_capturable=it.amount, next_action=None
    )
    account.emit("payment_intent.amount_capturable_updated", it)
    account.set_timer(charge.created + charging.HOLD_SECONDS, "payment_intent.lapse", it.id)
    return it


def _fail(
    account: StripeAccount, it: PaymentIntent, method: PaymentMethod, why: Decline, *, charge: str | None
) -> errors.StripeError:
    objects: dict[str, Any] = {"payment_method": method}
    if charge is not None:
        objects["charge"] = charge
    error = why.error(**objects)
    if why is AUTHENTICATION_FAILED:
        error.type, error.status = errors.INVALID_REQUEST, 400
    changes: dict[str, Any] = {} if charge is None else {"latest_charge": charge}
    it = store(
        account,
        it,
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        authenticated=None,
        last_payment_error=error.body(),
        **changes,
    )
    account.emit("payment_intent.payment_failed", it)
    error.extra["payment_intent"] = it
    return error


def _challenge(
    account: StripeAccount, it: PaymentIntent, return_url: str | None, use_stripe_sdk: bool
) -> dict[str, Any]:
    url = f"{account.base_url}/pages/3d_secure/{account.token}/{it.id}"
    if return_url is not None and not use_stripe_sdk:
        return {"redirect_to_url": {"return_url": return_url, "url": url}, "type": "redirect_to_url"}
    return {
        "type": "use_stripe_sdk",
        "use_stripe_sdk": {
            "source": f"payatt_3{account.ids.text(22)}",
            "stripe_js": url,
            "type": "three_d_secure_redirect",
        },
    }


@timer("payment_intent.lapse")
def _lapse(account: StripeAccount, intent_id: str) -> None:
    it = account.get(PAYMENT_INTENTS, intent_id)
    if it.status != "requires_capture" or it.latest_charge is None:
        return
    charging.release(account, account.get(CHARGES, it.latest_charge), lapsed=True)
    it = store(
        account,
        it,
        status="canceled",
        canceled_at=account.now(),
        cancellation_reason="automatic",
        amount_capturable=0,
    )
    account.emit("payment_intent.canceled", it)


timer("charge.booked")(charging.book_late)
