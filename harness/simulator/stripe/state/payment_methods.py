"""Payment methods: making them from test cards, attaching, detaching, and who may be charged with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from harness.simulator.stripe import cards, errors
from harness.simulator.stripe.account import StripeAccount
from harness.simulator.stripe.cards import Card
from harness.simulator.stripe.state.customers import customer_of
from harness.simulator.stripe.state.kinds import PAYMENT_METHODS
from harness.simulator.stripe.state.merge import merged, metadata
from harness.simulator.stripe.state.objects import PaymentMethod

USED_UP = (
    "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a "
    "connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use "
    "a PaymentMethod multiple times, you must attach it to a Customer first."
)


AliasResolver = Callable[[StripeAccount, str], PaymentMethod | None]
alias_resolvers: list[AliasResolver] = []
"""Who knows aliases of payment methods that are no cards."""
Maker = Callable[[StripeAccount, str, dict[str, Any], dict[str, Any]], PaymentMethod]
makers: dict[str, Maker] = {}
"""Who makes payment methods of a type from its parameters: (account, type, parameters, common fields)."""
TokenResolver = Callable[[StripeAccount, str, str], dict[str, Any] | None]
token_resolvers: list[TokenResolver] = []
"""Who knows single-use tokens: (account, token, param) -> fields of the payment method (``card`` at least), or None."""


def from_card(account: StripeAccount, card: Card, **fields: Any) -> PaymentMethod:
    """A stored payment method of a test card. Aliases carry an expiry in the next year, as Stripe's own do."""
    now = account.now()
    if not fields.get("exp_month"):
        moment = datetime.fromtimestamp(now, UTC)
        fields["exp_month"], fields["exp_year"] = moment.month, moment.year + 1
    return account.of(PAYMENT_METHODS).add(
        PaymentMethod(id=account.new_id(PAYMENT_METHODS), created=now, card=card, **fields)
    )


def find(account: StripeAccount, id: str, param: str = "payment_method", *, status: int = 400) -> PaymentMethod:  # noqa: A002
    """The payment method of an id, or a fresh one of an alias (``pm_card_*``, ``pm_usBankAccount_*``, ...)."""
    found = account.of(PAYMENT_METHODS).get(id)
    if found is not None:
        return found
    card = cards.lookup(id) if id.startswith("pm_card_") else None
    if card is not None:
        return from_card(account, card)
    for resolve in alias_resolvers:
        found = resolve(account, id)
        if found is not None:
            return found
    raise errors.resource_missing("PaymentMethod", id, param, status=status)


def create(account: StripeAccount, params: dict[str, Any], *, raw_allowed: bool, prefix: str = "") -> PaymentMethod:
    """Make a payment method from parameters (those of its own call, or a ``payment_method_data``).

    ``prefix`` is where the parameters sit, for error messages. Raises 402 for card details that cannot be right.
    """

    def param(name: str) -> str:
        if not prefix:
            return name
        first, bracket, rest = name.partition("[")
        return f"{prefix}[{first}]{bracket}{rest}"

    type_ = params.get("type")
    if type_ is None:
        raise errors.missing_parameter(param("type"))
    common: dict[str, Any] = {
        "billing_details": _billing(params.get("billing_details")),
        "metadata": metadata(None, params.get("metadata")),
        "allow_redisplay": params.get("allow_redisplay", "unspecified"),
    }
    if type_ != "card":
        return makers.get(type_, _without_behaviour)(account, type_, params, common)
    given = params.get("card")
    if not isinstance(given, dict) or not given:
        raise errors.missing_parameter(param("card"))
    common |= _checks_to_come(common["billing_details"])
    token = given.get("token")
    if token is not None:
        return from_card(account, **(common | _of_token(account, token, param("card[token]"))))
    for name in ("number", "exp_month", "exp_year"):
        if name not in given:
            raise errors.missing_parameter(param(f"card[{name}]"))
    if not raw_allowed:
        raise errors.raw_card_data()
    cvc = given.get("cvc")
    card = cards.enter(
        str(given["number"]), given["exp_month"], given["exp_year"], cvc, now=account.clock.now(), live=account.livemode
    )
    networks = given.get("networks")
    return from_card(
        account,
        card,
        exp_month=int(given["exp_month"]),
        exp_year=cards.full_year(given["exp_year"]),
        cvc_given=bool(cvc),
        cvc_check="unchecked" if cvc else None,
        preferred_network=networks.get("preferred") if isinstance(networks, dict) else None,
        **common,
    )


def _without_behaviour(
    account: StripeAccount, type_: str, params: dict[str, Any], common: dict[str, Any]
) -> PaymentMethod:
    """A payment method of a type that can be kept, but not paid with."""
    details = params.get(type_)
    return account.of(PAYMENT_METHODS).add(
        PaymentMethod(
            id=account.new_id(PAYMENT_METHODS),
            created=account.now(),
            type=type_,
            details=details if isinstance(details, dict) else {},
            **common,
        )
    )


def update(account: StripeAccount, it: PaymentMethod, params: dict[str, Any]) -> PaymentMethod:
    """Change what may change: billing details, expiry, metadata, redisplay."""
    if it.customer is None:
        raise errors.invalid(
            "You must save this PaymentMethod to a customer before you can update it.", param="payment_method"
        )
    changes: dict[str, Any] = {}
    if "billing_details" in params:
        changes["billing_details"] = merged(it.billing_details, params["billing_details"])
    if "metadata" in params:
        changes["metadata"] = metadata(it.metadata, params["metadata"])
    if "allow_redisplay" in params:
        changes["allow_redisplay"] = params["allow_redisplay"]
    card = params.get("card") or {}
    if "exp_month" in card:
        changes["exp_month"] = int(card["exp_month"])
    if "exp_year" in card:
        changes["exp_year"] = cards.full_year(card["exp_year"])
    if (card.get("networks") or {}).get("preferred"):
        changes["preferred_network"] = card["networks"]["preferred"]
    after = account.of(PAYMENT_METHODS).put(replace(it, **changes))
    account.emit("payment_method.updated", after)
    return after


def attach(account: StripeAccount, it: PaymentMethod, customer: str) -> PaymentMethod:
    """Save to a customer. The issuer is asked: a declining card cannot be saved (402)."""
    customer_of(account, customer)
    if it.customer == customer:
        return it
    if it.customer is not None:
        raise errors.invalid("The payment method you provided has already been attached to a customer.")
    if it.used_up:
        raise errors.invalid(USED_UP)
    if it.card is not None and not it.card.attaches and it.card.decline is not None:
        refusal = it.card.decline.error()
        refusal.param = refusal.param or ""  # recorded: a refused attachment names an empty parameter
        raise refusal
    return saved(account, it, customer)


def saved(account: StripeAccount, it: PaymentMethod, customer: str) -> PaymentMethod:
    """Attached, with its event; the issuer has agreed already."""
    after = account.of(PAYMENT_METHODS).put(replace(checked(it), customer=customer))
    account.emit("payment_method.attached", after)
    return after


def detach(account: StripeAccount, it: PaymentMethod) -> PaymentMethod:
    """Take away from its customer; it can never be used again."""
    if it.customer is None:
        raise errors.invalid(
            "The payment method you provided is not attached to a customer so detachment is impossible."
        )
    after = account.of(PAYMENT_METHODS).put(replace(it, customer=None, used_up=True))
    account.emit("payment_method.detached", after, {"customer": it.customer})
    return after


def checked(it: PaymentMethod) -> PaymentMethod:
    """As it is once the issuer has seen it: the checks have results."""
    card = it.card
    if card is None:
        return it
    changes: dict[str, Any] = {}
    if it.cvc_check == "unchecked":
        changes["cvc_check"] = card.cvc_check
    if it.postal_check == "unchecked":
        changes["postal_check"] = card.postal_code_check
    if it.line1_check == "unchecked":
        changes["line1_check"] = card.line1_check
    return replace(it, **changes) if changes else it


def check_owner(it: PaymentMethod, customer: str | None, intent: str, **objects: Any) -> None:
    """Refuse a payment method that belongs to another customer, or that was used up.

    ``intent`` is how Stripe names the kind of intent in the message; ``objects`` travel in the error.
    """
    if it.customer is not None and customer is not None and it.customer != customer:
        raise errors.StripeError(
            f"The PaymentMethod {it.id} does not belong to the Customer you supplied {customer}. Please use this "
            "PaymentMethod with the Customer that it belongs to instead.",
            param="payment_method",
            extra=objects,
        )
    if it.customer is not None and customer is None:
        raise errors.StripeError(
            f"The payment method supplied ({it.id}) belongs to the Customer {it.customer}. Please include the Customer "
            f"in the `customer` parameter on the {intent}.",
            param="payment_method",
            extra=objects,
        )
    if it.used_up and it.customer is None:
        raise errors.StripeError(USED_UP, extra=objects)


def _of_token(account: StripeAccount, token: str, param: str) -> dict[str, Any]:
    card = cards.lookup(token) if token.startswith("tok_") else None
    if card is not None:
        return {"card": card}
    for resolve in token_resolvers:
        fields = resolve(account, token, param)
        if fields is not None:
            return fields
    raise errors.referenced_missing("token", token, param)


def _billing(given: Any) -> dict[str, Any] | None:
    return merged(None, given) if isinstance(given, dict) else None


def _checks_to_come(billing: dict[str, Any] | None) -> dict[str, Any]:
    address = (billing or {}).get("address") or {}
    return {
        "postal_check": "unchecked" if address.get("postal_code") else None,
        "line1_check": "unchecked" if address.get("line1") else None,
    }
