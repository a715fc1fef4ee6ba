"""Operations of setup intents and setup attempts."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from harness.simulator.stripe import errors
from harness.simulator.stripe.routes import intents
from harness.simulator.stripe.routes.registry import Call, Listing, operation
from harness.simulator.stripe.state import setups
from harness.simulator.stripe.state.customers import customer_of
from harness.simulator.stripe.state.formats import check_url
from harness.simulator.stripe.state.kinds import PAYMENT_METHODS, SETUP_ATTEMPTS, SETUP_INTENTS
from harness.simulator.stripe.state.merge import merged, metadata, text
from harness.simulator.stripe.state.objects import PaymentMethod, SetupIntent
from harness.simulator.stripe.wire.render import render
from harness.simulator.stripe.wire.setups import for_browsers


@operation("POST /v1/setup_intents")
def create(call: Call) -> SetupIntent:
    """Make one, and confirm it if asked. ``usage`` stays ``off_session`` whatever is asked (recorded in test mode)."""
    account, params = call.account, call.params
    confirming = params.get("confirm", False)
    if not confirming:
        intents.refuse_early(params, "SetupIntent", ("return_url", "mandate_data"))
    customer = params.get("customer")
    if customer is not None:
        customer_of(account, customer)
    it = SetupIntent(
        id=account.new_id(SETUP_INTENTS),
        created=account.now(),
        customer=customer,
        attach_to_self=params.get("attach_to_self"),
        **intents.method_types(params),
        **_changes(None, params),
    )
    method = intents.method(call, it)
    if method is not None:
        intents.check_type(it, method)
    if not confirming:
        if method is not None:
            it = replace(it, payment_method=method.id, status="requires_confirmation")
        return setups.add(account, it)
    if method is None:
        raise errors.StripeError(setups.MISSING_METHOD, code=setups.UNEXPECTED)
    intents.check_return_url(call, it)
    return _confirm(call, setups.add(account, it), method)


@operation("GET /v1/setup_intents")
def listed(call: Call) -> Listing:
    """All, those of a customer, or those of a payment method."""
    customer, method = call.params.get("customer"), call.params.get("payment_method")
    if customer is not None:
        customer_of(call.account, customer)
    if method is not None:
        return call.listing(
            SETUP_INTENTS,
            index="payment_method",
            keys=(method,),
            keep=lambda it: customer in {None, it.customer},
        )
    if customer is not None:
        return call.listing(SETUP_INTENTS, index="customer", keys=(customer,))
    return call.listing(SETUP_INTENTS)


@operation("GET /v1/setup_intents/{intent}", publishable=True)
def retrieve(call: Call, intent: str) -> Any:
    """One; a browser needs the client secret."""
    return _shown(call, _find(call, intent))


@operation("POST /v1/setup_intents/{intent}")
def update(call: Call, intent: str) -> SetupIntent:
    """Change what its state allows: description and metadata always, the rest while it is open."""
    account, params = call.account, call.params
    it = _find(call, intent)
    if any(name in params for name in ("payment_method", "payment_method_data", "customer", "payment_method_types")):
        setups.check_confirmable(it, "update")
    changes = _changes(it, params)
    if "customer" in params:
        if params["customer"]:
            customer_of(account, params["customer"])
        changes["customer"] = text(params["customer"])
    if "payment_method_types" in params:
        changes["payment_method_types"] = tuple(params["payment_method_types"])
        changes["automatic_payment_methods"] = None
    after = replace(it, **changes)
    method = intents.method(call, after, before=it)
    if method is not None:
        intents.check_type(after, method, before=it)
        after = replace(after, payment_method=method.id, status="requires_confirmation", next_action=None)
    elif params.get("payment_method") == "":
        after = replace(after, payment_method=None, status="requires_payment_method")
    return account.of(SETUP_INTENTS).put(after)


@operation("POST /v1/setup_intents/{intent}/confirm", publishable=True)
def confirm(call: Call, intent: str) -> Any:
    """Try to set up; the customer's default payment method is never used (recorded)."""
    account = call.account
    it = _find(call, intent)
    setups.check_confirmable(it)
    changes = _changes(it, call.params)
    after = replace(it, **changes) if changes else it
    method = intents.method(call, after, before=it)
    if method is None and it.payment_method is not None:
        method = account.get(PAYMENT_METHODS, it.payment_method)
    if method is not None:
        intents.check_type(after, method, before=it)
        intents.check_return_url(call, after)
        if after is not it:
            account.of(SETUP_INTENTS).put(after)
    return _shown(call, _confirm(call, after, method))


@operation("POST /v1/setup_intents/{intent}/cancel")
def cancel(call: Call, intent: str) -> SetupIntent:
    """Give it up."""
    return setups.cancel(call.account, _find(call, intent), call.params.get("cancellation_reason"))


@operation(
    "POST /v1/setup_intents/{intent}/verify_microdeposits",
    publishable=True,
    loose=("amounts", "client_secret", "descriptor_code"),
)
def verify_microdeposits(call: Call, intent: str) -> SetupIntent:
    """Only bank accounts have micro-deposits, and no bank account waits for them here."""
    it = _find(call, intent)
    raise errors.StripeError(
        f"This SetupIntent cannot be actioned on because it has a status of {it.status}. Only a SetupIntent with one "
        'of the following statuses may be actioned on: ["requires_action"].',
        code="intent_invalid_state",
        extra={"setup_intent": it},
    )


@operation("GET /v1/setup_attempts")
def attempts(call: Call) -> Listing:
    """The attempts of a setup intent."""
    intent = call.params["setup_intent"]
    call.account.get(SETUP_INTENTS, intent, "setup_intent", status=400)
    return call.listing(SETUP_ATTEMPTS, index="setup_intent", keys=(intent,))


def _find(call: Call, intent: str) -> SetupIntent:
    it = call.account.get(SETUP_INTENTS, intent, "intent")
    intents.check_client_secret(call, it)
    return it


def _shown(call: Call, it: SetupIntent) -> Any:
    return for_browsers(render(it, call.account)) if call.publishable else it


def _confirm(call: Call, it: SetupIntent, method: PaymentMethod | None) -> SetupIntent:
    params = call.params
    return setups.confirm(
        call.account,
        it,
        method,
        return_url=text(params.get("return_url")),
        use_stripe_sdk=bool(params.get("use_stripe_sdk", False)) or (call.publishable and "return_url" not in params),
    )


def _changes(old: SetupIntent | None, params: dict[str, Any]) -> dict[str, Any]:
    check_url(params, "return_url")
    changes: dict[str, Any] = {}
    if "description" in params:
        changes["description"] = text(params["description"])
    if "metadata" in params:
        changes["metadata"] = metadata(old.metadata if old else None, params["metadata"])
    if "payment_method_options" in params:
        changes["payment_method_options"] = merged(
            old.payment_method_options if old else None, params["payment_method_options"]
        )
    if "flow_directions" in params:
        changes["flow_directions"] = tuple(params["flow_directions"] or ())
    if "excluded_payment_method_types" in params:
        changes["excluded_payment_method_types"] = tuple(params["excluded_payment_method_types"] or ())
    return changes
