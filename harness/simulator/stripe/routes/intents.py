"""What payment intents and setup intents share: how their parameters name a payment method, and who may ask."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from typing import Any

from harness.simulator.stripe import errors
from harness.simulator.stripe.routes.registry import Call
from harness.simulator.stripe.state import payment_methods
from harness.simulator.stripe.state.objects import PaymentIntent, PaymentMethod, SetupIntent
from harness.simulator.stripe.unsimulated import not_simulated
from harness.simulator.stripe.wire.payments import client_secret

Intent = PaymentIntent | SetupIntent
AUTOMATIC = {"allow_redirects": "always", "enabled": True}


def refuse_early(params: dict[str, Any], noun: str, names: Iterable[str]) -> None:
    """Refuse parameters that mean nothing before a confirmation."""
    for name in names:
        if name in params:
            raise errors.invalid(
                f'The parameter "{name}" cannot be passed in when creating a {noun} unless "confirm" is set to true.',
                param=name,
                stored=False,
            )


def method_types(params: dict[str, Any]) -> dict[str, Any]:
    """Fields that say which types of payment method an intent takes; by default those switched on in the account."""
    automatic, types = params.get("automatic_payment_methods"), params.get("payment_method_types")
    if automatic and automatic.get("enabled") and types:
        raise errors.invalid(
            "You may only specify one of these parameters: automatic_payment_methods, payment_method_types.",
            stored=False,
        )
    if types:
        return {"payment_method_types": tuple(types)}
    if automatic is None:
        automatic = AUTOMATIC
    if not automatic.get("enabled"):
        return {"payment_method_types": ("card",)}
    redirects = automatic.get("allow_redirects", "always")
    return {
        "automatic_payment_methods": AUTOMATIC
        if redirects == "always"
        else {"allow_redirects": redirects, "enabled": True},
        "payment_method_types": ("card", "link"),
    }


def method(call: Call, it: Intent, *, before: Intent | None = None) -> PaymentMethod | None:
    """The payment method that the call names or describes, if it may be used with this intent.

    ``before``: the intent as it is stored, which travels in a refusal; None while it is being made.
    """
    account, params = call.account, call.params
    if params.get("confirmation_token"):
        raise not_simulated("The parameter `confirmation_token`")
    given, data = params.get("payment_method"), params.get("payment_method_data")
    if given:
        found = payment_methods.find(account, given)
    elif data:
        found = payment_methods.create(
            account, data, raw_allowed=call.publishable or account.settings.raw_card_data, prefix="payment_method_data"
        )
    else:
        return None
    payment_methods.check_owner(found, it.customer, noun_of(it), **_embedded(before))
    return found


def check_type(it: Intent, found: PaymentMethod, *, before: Intent | None = None) -> None:
    """Refuse a payment method of a type that the intent does not take."""
    automatic = it.automatic_payment_methods is not None and found.bank is not None
    if found.type in it.payment_method_types or automatic:
        return
    noun, allowed = noun_of(it), ", ".join(it.payment_method_types)
    raise errors.StripeError(
        f"The PaymentMethod provided ({found.type}) is not allowed for this {noun}. Please attach a payment method "
        f"of one of the following types: {allowed}. Alternatively update the allowed payment_method_types for this "
        f'{noun} to include "{found.type}".',
        param="payment_method",
        extra=_embedded(before),
    )


def check_return_url(call: Call, it: Intent) -> None:
    """Refuse a confirmation that might have to redirect and does not know where to."""
    automatic = it.automatic_payment_methods
    if automatic is None or automatic["allow_redirects"] == "never" or call.publishable:
        return
    if call.params.get("return_url") or call.params.get("use_stripe_sdk"):
        return
    raise errors.invalid(
        f"This {noun_of(it)} is configured to accept payment methods enabled in your Dashboard. Because some of these "
        "payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't "
        "want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and "
        "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.",
        stored=False,
    )


def check_client_secret(call: Call, it: Intent) -> None:
    """A browser proves with the client secret that the intent is its own; a wrong one is refused from anybody."""
    given = call.params.get("client_secret")
    if given is None:
        if call.publishable:
            raise errors.missing_parameter("client_secret")
        return
    if not hmac.compare_digest(str(given).encode(), client_secret(it.id, call.account).encode()):
        noun = noun_of(it)
        raise errors.StripeError(
            f"The client_secret provided does not match the client_secret associated with the {noun}.",
            code=f"{noun.removesuffix('Intent').lower()}_intent_invalid_parameter",
            param="client_secret",
            stored=False,
        )


def noun_of(it: Intent) -> str:
    """How Stripe's messages name the kind of intent."""
    return "PaymentIntent" if isinstance(it, PaymentIntent) else "SetupIntent"


def _embedded(before: Intent | None) -> dict[str, Any]:
    if before is None:
        return {}
    return {"payment_intent" if isinstance(before, PaymentIntent) else "setup_intent": before}
