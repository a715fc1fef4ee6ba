"""Control calls of simulated PayPal: what buyers, banks and the merchant's dashboard do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.simulator.paypal import registry
from harness.simulator.paypal.account import PayPalAccount
from harness.simulator.paypal.checks import checked
from harness.simulator.paypal.state import amounts, authorizations, captures, orders, refunds, schemas
from harness.simulator.paypal.state.objects import ORDERS, Capture, Order
from harness.simulator.paypal.wire import orders as order_wire
from harness.simulator.paypal.wire import payments as wire

Arguments = dict[str, Any]
_calls: dict[tuple[str, str], Callable[[PayPalAccount, str, Arguments], dict[str, Any]]] = {}


@registry.control
def control(account: PayPalAccount, method: str, path: str, arguments: Arguments) -> dict[str, Any] | None:
    """``POST /_sim/<kind>/<id>/<action>``, ``POST /_sim/refunds``, ``POST /_sim/tokens/revoke``."""
    if method != "POST":
        return None
    match path.split("/"):
        case ["tokens", "revoke"]:
            return {"revoked": account.tokens.revoke(account, arguments.get("token"))}
        case ["refunds"]:
            return _refund(account, arguments)
        case [kind, id_, action]:
            call = _calls.get((kind, action))
            return None if call is None else call(account, id_, arguments)
    return None


def _order(account: PayPalAccount, id_: str) -> Order:
    found = account.of(ORDERS).get(id_)
    if found is None:
        raise LookupError(f"No such order: {id_!r} on this account.")
    return found


def _approve(account: PayPalAccount, id_: str, arguments: Arguments) -> dict[str, Any]:
    order = orders.approve(account, _order(account, id_), arguments.get("instrument"))
    return order_wire.order_view(account, order)


def _cancel(account: PayPalAccount, id_: str, arguments: Arguments) -> dict[str, Any]:
    """The buyer leaves: nothing changes, as at PayPal."""
    del arguments
    return order_wire.order_view(account, _order(account, id_))


def _expire(account: PayPalAccount, id_: str, arguments: Arguments) -> dict[str, Any]:
    del arguments
    return order_wire.order_view(account, orders.expire(account, _order(account, id_)))


def _challenge(account: PayPalAccount, id_: str, arguments: Arguments) -> dict[str, Any]:
    passed = arguments.get("outcome", "success") == "success"
    return order_wire.order_view(account, orders.authenticated(account, _order(account, id_), passed=passed))


def _complete(account: PayPalAccount, id_: str, arguments: Arguments) -> dict[str, Any]:
    del arguments
    return wire.capture(account, captures.complete(account, captures.get(account, id_)))


def _deny(account: PayPalAccount, id_: str, arguments: Arguments) -> dict[str, Any]:
    del arguments
    return wire.capture(account, captures.deny(account, captures.get(account, id_)))


def _reverse(account: PayPalAccount, id_: str, arguments: Arguments) -> dict[str, Any]:
    one = captures.get(account, id_)
    amount = _amount(arguments, one)
    reason = arguments.get("reason")
    return wire.capture(account, captures.reverse(account, one, amount, None if reason is None else str(reason)))


def _refund(account: PayPalAccount, arguments: Arguments) -> dict[str, Any]:
    id_ = arguments.get("capture")
    if not isinstance(id_, str):
        raise ValueError('A refund needs the capture it is of: send {"capture": "..."}.')  # noqa: TRY004 - answered as 400
    one = captures.get(account, id_)
    amount = _amount(arguments, one)
    wanted = {} if amount is None else {"amount": amounts.money(amount, one.currency)}
    return wire.refund(account, refunds.make(account, one, checked(schemas.REFUND, wanted)))


def _refund_complete(account: PayPalAccount, id_: str, arguments: Arguments) -> dict[str, Any]:
    del arguments
    return wire.refund(account, refunds.complete(account, refunds.get(account, id_)))


def _refund_fail(account: PayPalAccount, id_: str, arguments: Arguments) -> dict[str, Any]:
    del arguments
    return wire.refund(account, refunds.fail(account, refunds.get(account, id_)))


def _settle(account: PayPalAccount, id_: str, arguments: Arguments, *, denied: bool = False) -> dict[str, Any]:
    del arguments
    one = authorizations.settle(account, authorizations.get(account, id_), denied=denied)
    return wire.authorization(account, one)


def _amount(arguments: Arguments, one: Capture) -> int | None:
    """``amount`` as PayPal's object, or as a decimal in the capture's currency."""
    sent = arguments.get("amount")
    if sent is None:
        return None
    sent = sent if isinstance(sent, dict) else {"currency_code": one.currency, "value": str(sent)}
    amount, currency = amounts.read(checked(schemas.REFUND, {"amount": sent})["amount"])
    if currency != one.currency:
        raise ValueError(f"Capture {one.id} is in {one.currency}, not in {currency}.")
    return amount


_calls |= {
    ("orders", "approve"): _approve,
    ("orders", "cancel"): _cancel,
    ("orders", "expire"): _expire,
    ("orders", "challenge"): _challenge,
    ("captures", "complete"): _complete,
    ("captures", "deny"): _deny,
    ("captures", "reverse"): _reverse,
    ("refunds", "complete"): _refund_complete,
    ("refunds", "fail"): _refund_fail,
    ("authorizations", "complete"): _settle,
    ("authorizations", "deny"): lambda account, id_, arguments: _settle(account, id_, arguments, denied=True),
}
