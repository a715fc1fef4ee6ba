"""The JSON of setup intents and their attempts."""

from __future__ import annotations

from harness.simulator.stripe.account import StripeAccount
from harness.simulator.stripe.state.objects import SetupAttempt, SetupIntent
from harness.simulator.stripe.wire.payments import client_secret, error
from harness.simulator.stripe.wire.render import Json, renders

_CARD_OPTIONS: Json = {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}

_BROWSERS_SEE = """
    id object automatic_payment_methods cancellation_reason client_secret created description last_setup_error livemode
    next_action payment_method payment_method_configuration_details payment_method_types status usage
""".split()  # noqa: SIM905 - a table reads better than a list


@renders(
    SetupIntent,
    "setup_intent",
    expandable=(
        "application",
        "customer",
        "latest_attempt",
        "mandate",
        "on_behalf_of",
        "payment_method",
        "single_use_mandate",
    ),
)
def setup_intent(it: SetupIntent, account: StripeAccount) -> Json:
    """A setup intent."""
    given = it.payment_method_options or {}
    options: Json = {}
    for name in it.payment_method_types:
        if name == "card":
            options["card"] = {**_CARD_OPTIONS, **(given.get("card") or {})}
        elif name == "link":
            options["link"] = {"persistent_token": None}
        else:
            options[name] = dict(given.get(name) or {})
    return {
        "id": it.id,
        "object": "setup_intent",
        "allowed_payment_method_types": None,
        "application": None,
        "automatic_payment_methods": it.automatic_payment_methods,
        "cancellation_reason": it.cancellation_reason,
        "client_secret": client_secret(it.id, account),
        "created": it.created,
        "customer": it.customer,
        "customer_account": None,
        "description": it.description,
        "excluded_payment_method_types": (
            None if it.excluded_payment_method_types is None else list(it.excluded_payment_method_types)
        ),
        "flow_directions": None if it.flow_directions is None else list(it.flow_directions),
        "last_setup_error": error(it.last_setup_error, account),
        "latest_attempt": it.latest_attempt,
        "livemode": account.livemode,
        "managed_payments": None,
        "mandate": it.mandate,
        "metadata": it.metadata or {},
        "next_action": it.next_action,
        "on_behalf_of": None,
        "payment_method": it.payment_method,
        "payment_method_configuration_details": None,
        "payment_method_options": options,
        "payment_method_types": list(it.payment_method_types),
        "single_use_mandate": None,
        "status": it.status,
        "usage": it.usage,
    }


def for_browsers(body: Json) -> Json:
    """What a publishable key gets to see of a setup intent."""
    return {name: body[name] for name in _BROWSERS_SEE}


@renders(
    SetupAttempt,
    "setup_attempt",
    expandable=("application", "customer", "on_behalf_of", "payment_method", "setup_intent"),
)
def setup_attempt(it: SetupAttempt, account: StripeAccount) -> Json:
    """One attempt."""
    details: Json = {"type": it.type}
    details[it.type] = (
        {
            "brand": None,
            "checks": None,
            "country": None,
            "exp_month": None,
            "exp_year": None,
            "fingerprint": None,
            "funding": None,
            "last4": None,
            "network": None,
            "three_d_secure": it.three_d_secure,
            "wallet": None,
        }
        if it.type == "card"
        else {}
    )
    return {
        "id": it.id,
        "object": "setup_attempt",
        "application": None,
        "created": it.created,
        "customer": it.customer,
        "customer_account": None,
        "flow_directions": None,
        "livemode": account.livemode,
        "on_behalf_of": None,
        "payment_method": it.payment_method,
        "payment_method_details": details,
        "setup_error": error(it.setup_error, account),
        "setup_intent": it.setup_intent,
        "status": it.status,
        "usage": it.usage,
    }
