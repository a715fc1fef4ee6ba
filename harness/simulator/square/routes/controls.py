"""Control calls of simulated Square: what buyers, banks and the seller's dashboard do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.simulator.square import registry
from harness.simulator.square.account import SquareAccount
from harness.simulator.square.state import disputes, payments, refunds, subscriptions
from harness.simulator.square.state.objects import COMPLETED, FAILED, REJECTED
from harness.simulator.square.wire import payments as wire

Arguments = dict[str, Any]
_ENDS = {"complete": COMPLETED, "reject": REJECTED, "fail": FAILED}
_OUTCOMES = {
    "won": disputes.WON,
    "lost": disputes.LOST,
    "warning_closed": "INQUIRY_CLOSED",
    "escalated": disputes.REQUIRED,
}


@registry.control
def control(account: SquareAccount, method: str, path: str, arguments: Arguments) -> dict[str, Any] | None:
    """Calls under ``/_sim/`` that only Square has, or that name its objects."""
    if method == "GET":
        return account.identity() if path == "credentials" else None
    kind, _, rest = path.partition("/")
    act = _CALLS.get(kind) if method == "POST" else None
    return None if act is None else act(account, rest.split("/") if rest else [], arguments)


def _disputes(account: SquareAccount, rest: list[str], arguments: Arguments) -> dict[str, Any] | None:
    match rest:
        case []:
            return _dispute(account, arguments)
        case [id_, "resolve"]:
            outcome = str(arguments.get("outcome", ""))
            outcome = _OUTCOMES.get(outcome.lower(), outcome)
            return disputes.shown(disputes.resolve(account, disputes.get(account, id_), outcome))
    return None


def _refunds(account: SquareAccount, rest: list[str], arguments: Arguments) -> dict[str, Any] | None:
    match rest:
        case []:
            return _refund(account, arguments)
        case [id_, end] if end in _ENDS:
            return wire.refund(refunds.settle(account, refunds.get(account, id_), _ENDS[end]))
    return None


def _payments(account: SquareAccount, rest: list[str], arguments: Arguments) -> dict[str, Any] | None:
    match rest:
        case [id_, "processing_fee"]:
            return wire.payment(account, payments.add_fee(account, payments.get(account, id_)))
        case [id_, "customer"]:
            customer = str(arguments.get("customer_id", ""))
            return wire.payment(account, payments.attach_customer(account, payments.get(account, id_), customer))
    return None


def _tokens(account: SquareAccount, rest: list[str], arguments: Arguments) -> dict[str, Any] | None:
    """``tokens/revoke`` and ``tokens/restore``: whether the access token is good."""
    del arguments
    if rest not in (["revoke"], ["restore"]):
        return None
    account.revoked = rest == ["revoke"]
    return {"revoked": account.revoked}


def _subscriptions(account: SquareAccount, rest: list[str], arguments: Arguments) -> dict[str, Any] | None:
    """A new key; Square knows no overlap, so that a receiver must know both for a while."""
    del arguments
    match rest:
        case [id_, "roll"]:
            done = subscriptions.rotate(account, subscriptions.get(account, id_))
            return {"secret": done.key, "previous_expires_at": account.clock.now()}
    return None


def _dispute(account: SquareAccount, arguments: Arguments) -> dict[str, Any]:
    one = payments.get(account, str(arguments.get("payment") or arguments.get("charge") or ""))
    reason = str(arguments.get("reason") or "NO_KNOWLEDGE").upper()
    inquiry = bool(arguments.get("inquiry"))
    return disputes.shown(disputes.open_one(account, one, reason, arguments.get("amount"), inquiry=inquiry))


def _refund(account: SquareAccount, arguments: Arguments) -> dict[str, Any]:
    """A refund that was made in the dashboard."""
    one = payments.get(account, str(arguments.get("payment") or arguments.get("charge") or ""))
    left = one.total - one.refunded
    amount = int(arguments.get("amount") or left)
    if one.status != COMPLETED or not 0 < amount <= left:
        raise ValueError(f"Payment {one.id} is {one.status} with {left} left; refund at most that.")
    return wire.refund(refunds.make(account, one, amount, arguments.get("reason")))


_CALLS: dict[str, Callable[[SquareAccount, list[str], Arguments], dict[str, Any] | None]] = {
    "disputes": _disputes,
    "refunds": _refunds,
    "payments": _payments,
    "tokens": _tokens,
    "webhook_subscriptions": _subscriptions,
    "webhook_endpoints": _subscriptions,
}
