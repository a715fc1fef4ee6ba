"""Operations of payment intents: what the parameters mean before the state machine is asked."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from harness.simulator.stripe import errors
from harness.simulator.stripe.routes import intents
from harness.simulator.stripe.routes.registry import Call, Listing, operation
from harness.simulator.stripe.state import payments
from harness.simulator.stripe.state.amounts import check_amount, checked_currency
from harness.simulator.stripe.state.customers import customer_of
from harness.simulator.stripe.state.formats import check_email, check_url
from harness.simulator.stripe.state.kinds import PAYMENT_INTENTS, PAYMENT_METHODS
from harness.simulator.stripe.state.merge import merged, metadata, text
from harness.simulator.stripe.state.objects import PaymentIntent, PaymentMethod
from harness.simulator.stripe.wire.payments import for_browsers
from harness.simulator.stripe.wire.render import render

ONLY_WHEN_CONFIRMING = ("off_session", "return_url", "error_on_requires_action", "mandate", "mandate_data")
_PLAIN = (
    "description",
    "receipt_email",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
    "setup_future_usage",
)
_BROWSER_MAY = frozenset(
    """client_secret payment_method payment_method_data payment_method_options return_url setup_future_usage shipping
    receipt_email use_stripe_sdk mandate mandate_data off_session error_on_requires_action expected_payment_method_type
    radar_options confirmation_token""".split()  # noqa: SIM905 - a table reads better than a list
)


@operation("POST /v1/payment_intents")
def create(call: Call) -> PaymentIntent:
    """Make a payment intent, and confirm it if asked."""
    account, params = call.account, call.params
    confirming = params.get("confirm", False)
    if not confirming:
        intents.refuse_early(params, "PaymentIntent", ONLY_WHEN_CONFIRMING)
    currency = checked_currency(params["currency"])
    check_amount(params["amount"], currency)
    customer = params.get("customer")
    if customer is not None:
        customer_of(account, customer)
    it = PaymentIntent(
        id=account.new_id(PAYMENT_INTENTS),
        created=account.now(),
        amount=params["amount"],
        currency=currency,
        customer=customer,
        capture_method=params.get("capture_method", "automatic_async"),
        confirmation_method=params.get("confirmation_method", "automatic"),
        **intents.method_types(params),
        **_changes(None, params),
    )
    method = intents.method(call, it)
    if confirming:
        if method is None:
            raise errors.StripeError(
                payments.missing_method(it),
                code=payments.UNEXPECTED,
            )
        intents.check_type(it, method)
        intents.check_return_url(call, it)
        payments.add(account, it)
        return _confirm(call, it, method)
    if method is not None:
        intents.check_type(it, method)
        it = replace(it, payment_method=method.id, status="requires_confirmation")
    return payments.add(account, it)


@operation("GET /v1/payment_intents")
def listed(call: Call) -> Listing:
    """All, or those of a customer."""
    customer = call.params.get("customer")
    if customer is None:
        return call.listing(PAYMENT_INTENTS)
    customer_of(call.account, customer)
    return call.listing(PAYMENT_INTENTS, index="customer", keys=(customer,))


@operation("GET /v1/payment_intents/{intent}", publishable=True)
def retrieve(call: Call, intent: str) -> Any:
    """One; a browser needs the client secret."""
    return _shown(call, _find(call, intent))


@operation("POST /v1/payment_intents/{intent}")
def update(call: Call, intent: str) -> PaymentIntent:  # noqa: C901 - one branch per parameter
    """Change what its state allows."""
    account, params = call.account, call.params
    it = _find(call, intent)
    changes = _changes(it, params)
    is_open = it.status in payments.CONFIRMABLE
    for name in ("amount", "currency", "payment_method", "payment_method_data", "customer", "payment_method_types"):
        if name in params and not is_open:
            allowed = ", ".join(payments.CONFIRMABLE)
            raise errors.unexpected_state(
                payments.UNEXPECTED,
                f"This PaymentIntent's {name} could not be updated because it has a status of {it.status}. You may "
                f"only update the {name} of a PaymentIntent with one of the following statuses: {allowed}.",
                param=name,
                payment_intent=it,
            )
    currency = checked_currency(params["currency"]) if "currency" in params else it.currency
    amount = params.get("amount", it.amount)
    if "amount" in params or "currency" in params:
        check_amount(amount, currency)
        changes |= {"amount": amount, "currency": currency}
    if "capture_method" in params:
        changes["capture_method"] = params["capture_method"]
    if "customer" in params:
        if params["customer"]:
            customer_of(account, params["customer"])
        changes["customer"] = text(params["customer"])
    if "payment_method_types" in params:
        changes["payment_method_types"] = tuple(params["payment_method_types"])
        changes["automatic_payment_methods"] = None
    if params.get("payment_method") == "":
        changes |= {"payment_method": None, "status": "requires_payment_method"}
        params = {name: value for name, value in params.items() if name != "payment_method"}
        call.params = params
    after = replace(it, **changes)
    method = intents.method(call, after, before=it)
    if method is not None:
        intents.check_type(after, method, before=it)
        after = replace(after, payment_method=method.id, status="requires_confirmation", next_action=None)
    elif it.status == "requires_action" and amount != it.amount:
        after = replace(after, status="requires_confirmation", next_action=None)
    return account.of(PAYMENT_INTENTS).put(after)


@operation("POST /v1/payment_intents/{intent}/confirm", publishable=True)
def confirm(call: Call, intent: str) -> Any:
    """Try to pay."""
    account, params = call.account, call.params
    it = _find(call, intent)
    if call.publishable:
        for name in params:
            if name not in _BROWSER_MAY:
                raise errors.unknown_parameter(name)
        if it.confirmation_method == "manual":
            raise errors.unexpected_state(
                payments.UNEXPECTED,
                "This PaymentIntent cannot be confirmed using your publishable key because its `confirmation_method` "
                "is set to `manual`. Please use your secret key instead, or create a PaymentIntent with "
                "`confirmation_method` set to `automatic`.",
                payment_intent=it,
            )
    payments.check_confirmable(it)
    changes = _changes(it, params)
    if "capture_method" in params:
        changes["capture_method"] = params["capture_method"]
    after = replace(it, **changes) if changes else it
    method = intents.method(call, after, before=it)
    if method is None and it.payment_method is not None:
        method = account.get(PAYMENT_METHODS, it.payment_method)
    if method is not None:
        intents.check_type(after, method, before=it)
        intents.check_return_url(call, after)
        if after is not it:
            account.of(PAYMENT_INTENTS).put(after)
    return _shown(call, _confirm(call, after, method))


@operation("POST /v1/payment_intents/{intent}/capture")
def capture(call: Call, intent: str) -> PaymentIntent:
    """Take the money that is held."""
    it = _find(call, intent)
    params = call.params
    changes: dict[str, Any] = {
        name: text(params[name]) for name in ("statement_descriptor", "statement_descriptor_suffix") if name in params
    }
    if "metadata" in params:
        changes["metadata"] = metadata(it.metadata, params["metadata"])
    return payments.capture(call.account, it, params.get("amount_to_capture"), changes)


@operation("POST /v1/payment_intents/{intent}/cancel")
def cancel(call: Call, intent: str) -> PaymentIntent:
    """Give it up."""
    it = _find(call, intent)
    return payments.cancel(call.account, it, call.params.get("cancellation_reason"))


def _find(call: Call, intent: str) -> PaymentIntent:
    it = call.account.get(PAYMENT_INTENTS, intent, "intent")
    intents.check_client_secret(call, it)
    return it


def _shown(call: Call, it: PaymentIntent) -> Any:
    return for_browsers(render(it, call.account)) if call.publishable else it


def _confirm(call: Call, it: PaymentIntent, method: PaymentMethod | None) -> PaymentIntent:
    params = call.params
    return payments.confirm(
        call.account,
        it,
        method,
        off_session=_off_session(params.get("off_session")),
        return_url=text(params.get("return_url")),
        use_stripe_sdk=bool(params.get("use_stripe_sdk", False)) or (call.publishable and "return_url" not in params),
        fail_on_action=bool(params.get("error_on_requires_action", False)),
    )


def _off_session(given: Any) -> bool:
    return given in {True, "one_off", "recurring", "true"}


def _changes(old: PaymentIntent | None, params: dict[str, Any]) -> dict[str, Any]:
    check_email(params, "receipt_email")
    check_url(params, "return_url")
    changes: dict[str, Any] = {name: text(params[name]) for name in _PLAIN if name in params}
    if "metadata" in params:
        changes["metadata"] = metadata(old.metadata if old else None, params["metadata"])
    if "shipping" in params:
        changes["shipping"] = merged(None, params["shipping"])
    if "amount_details" in params:
        changes["amount_details"] = merged(old.amount_details if old else None, params["amount_details"])
    if "payment_details" in params:
        changes["payment_details"] = merged(old.payment_details if old else None, params["payment_details"])
    if "payment_method_options" in params:
        changes["payment_method_options"] = merged(
            old.payment_method_options if old else None, params["payment_method_options"]
        )
    if "excluded_payment_method_types" in params:
        changes["excluded_payment_method_types"] = tuple(params["excluded_payment_method_types"] or ())
    return changes
