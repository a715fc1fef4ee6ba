"""Operations of payment intents: what the parameters mean before the state machine is asked."""

from __future__ import annotations

import hmac
from typing import Any

from msgspec.structs import replace

from harness.simulator.stripe import errors
from harness.simulator.stripe.account import StripeAccount
from harness.simulator.stripe.routes.registry import Call, Listing, operation
from harness.simulator.stripe.state import payment_methods, payments
from harness.simulator.stripe.state.amounts import check_amount, checked_currency
from harness.simulator.stripe.state.customers import customer_of
from harness.simulator.stripe.state.kinds import PAYMENT_INTENTS, PAYMENT_METHODS
from harness.simulator.stripe.state.merge import merged, metadata, text
from harness.simulator.stripe.state.objects import PaymentIntent, PaymentMethod
from harness.simulator.stripe.wire.payments import client_secret, for_browsers
from harness.simulator.stripe.wire.render import render

AUTOMATIC = {"allow_redirects": "always", "enabled": True}
_ONLY_WHEN_CONFIRMING = ("off_session", "return_url", "error_on_requires_action", "mandate", "mandate_data")
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
        _refuse_early(params)
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
        **_method_types(account, params),
        **_changes(None, params),
    )
    method = _method(call, it, embed=False)
    if confirming:
        if method is None:
            raise errors.StripeError(
                payments.MISSING_METHOD,
                code=payments.UNEXPECTED,
            )
        _check_type(it, method, embed=False)
        _check_return_url(call, it)
        payments.add(account, it)
        return _confirm(call, it, method)
    if method is not None:
        _check_type(it, method, embed=False)
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
    method = _method(call, after, embed=it)
    if method is not None:
        _check_type(after, method, embed=True)
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
    method = _method(call, after, embed=it)
    if method is None and it.payment_method is not None:
        method = account.get(PAYMENT_METHODS, it.payment_method)
    if method is not None:
        _check_type(after, method, embed=True)
        _check_return_url(call, after)
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
    if it.checkout_session is not None:
        raise errors.unexpected_state(
            payments.UNEXPECTED,
            "You cannot cancel this PaymentIntent because it was created by a Checkout Session. Expire the session "
            "instead.",
            payment_intent=it,
        )
    return payments.cancel(call.account, it, call.params.get("cancellation_reason"))


def _find(call: Call, intent: str) -> PaymentIntent:
    it = call.account.get(PAYMENT_INTENTS, intent, "intent")
    if call.publishable or "client_secret" in call.params:
        check_client_secret(call, it.id, "PaymentIntent")
    return it


def check_client_secret(call: Call, id: str, noun: str) -> None:  # noqa: A002 - the API's name
    """A browser proves with the client secret that the intent is its own."""
    given = call.params.get("client_secret")
    if given is None:
        raise errors.missing_parameter("client_secret")
    if not hmac.compare_digest(str(given).encode(), client_secret(id, call.account).encode()):
        code = "payment_intent_invalid_parameter" if noun == "PaymentIntent" else "setup_intent_invalid_parameter"
        raise errors.StripeError(
            f"The client_secret provided does not match the client_secret associated with the {noun}.",
            code=code,
            param="client_secret",
            stored=False,
        )


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


def _refuse_early(params: dict[str, Any]) -> None:
    for name in _ONLY_WHEN_CONFIRMING:
        if name in params:
            raise errors.invalid(
                f'The parameter "{name}" cannot be passed in when creating a PaymentIntent unless "confirm" is set to '
                "true.",
                param=name,
                stored=False,
            )


def _method_types(account: StripeAccount, params: dict[str, Any]) -> dict[str, Any]:
    automatic, types = params.get("automatic_payment_methods"), params.get("payment_method_types")
    if automatic and automatic.get("enabled") and types:
        raise errors.invalid(
            "You may only specify one of these parameters: automatic_payment_methods, payment_method_types.",
            stored=False,
        )
    del account
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


def _changes(old: PaymentIntent | None, params: dict[str, Any]) -> dict[str, Any]:
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


def _method(call: Call, it: PaymentIntent, *, embed: PaymentIntent | bool) -> PaymentMethod | None:
    """The payment method that the call names or describes, allowed for this intent; ``embed``: goes into errors."""
    account, params = call.account, call.params
    if params.get("confirmation_token"):
        raise errors.not_simulated("confirmation tokens")
    objects = {"payment_intent": embed} if isinstance(embed, PaymentIntent) else {}
    given, data = params.get("payment_method"), params.get("payment_method_data")
    if given:
        method = payment_methods.find(account, given)
    elif data:
        method = payment_methods.create(
            account,
            data,
            raw_allowed=call.publishable or account.settings.raw_card_data,
            prefix="payment_method_data",
        )
    else:
        return None
    payment_methods.check_owner(method, it.customer, "PaymentIntent", **objects)
    return method


def _check_type(it: PaymentIntent, method: PaymentMethod, *, embed: bool) -> None:
    if method.type in it.payment_method_types:
        return
    allowed = ", ".join(it.payment_method_types)
    raise errors.StripeError(
        f"The PaymentMethod provided ({method.type}) is not allowed for this PaymentIntent. Please attach a payment "
        f"method of one of the following types: {allowed}. Alternatively update the allowed payment_method_types for "
        f'this PaymentIntent to include "{method.type}".',
        param="payment_method",
        extra={"payment_intent": it} if embed else {},
    )


def _check_return_url(call: Call, it: PaymentIntent) -> None:
    automatic = it.automatic_payment_methods
    if automatic is None or automatic["allow_redirects"] == "never" or call.publishable:
        return
    if call.params.get("return_url") or call.params.get("use_stripe_sdk"):
        return
    raise errors.invalid(
        "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these "
        "payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't "
        "want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and "
        "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.",
        stored=False,
    )
