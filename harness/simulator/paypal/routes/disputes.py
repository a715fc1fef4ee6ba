"""Operations of disputes; the calls that open and decide one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from harness.simulator.kernel.messages import Answer
from harness.simulator.paypal import errors
from harness.simulator.paypal.account import PayPalAccount
from harness.simulator.paypal.errors import PayPalError
from harness.simulator.paypal.registry import Call, control, operation
from harness.simulator.paypal.routes import dispute_requests as requests
from harness.simulator.paypal.state import amounts
from harness.simulator.paypal.state import dispute_steps as steps
from harness.simulator.paypal.state import disputes as state
from harness.simulator.paypal.state.disputes import DISPUTES, Dispute
from harness.simulator.paypal.state.objects import CAPTURES
from harness.simulator.paypal.wire import disputes as wire

BASE = wire.BASE
_OFFERS = frozenset({"REFUND", "REFUND_WITH_RETURN", "REFUND_WITH_REPLACEMENT", "REPLACEMENT_WITHOUT_REFUND"})
_SIMULATED_ERRORS = {
    "ERRDIS023": (403, "FORBIDDEN"),
    "ERRDIS024": (404, "INVALID_RESOURCE_ID"),
    "ERRDIS025": (406, "NOT_ACCEPTABLE"),
    "ERRDIS026": (415, "UNSUPPORTED_MEDIA_TYPE"),
    "ERRDIS027": (429, "RATE_LIMIT_REACHED"),
    "ERRDIS028": (503, "SERVICE_UNAVAILABLE"),
    "ERRDIS029": (500, "INTERNAL_SERVICE_ERROR"),
    "ERRDIS030": (401, "AUTHORIZATION_ERROR"),
    "ERRDIS031": (400, "VALIDATION_ERROR"),
}
"""PayPal, "Simulate error scenarios" (disputes): transaction ids that are answered with an error."""


@operation(f"GET {BASE}")
def listed(call: Call) -> Answer:
    """Disputes, newest first: since a moment, or of one transaction."""
    account, query = call.account, call.query
    transaction = query.get("disputed_transaction_id")
    if transaction in _SIMULATED_ERRORS:
        status, name = _SIMULATED_ERRORS[str(transaction)]
        raise PayPalError(status, name=name)
    if transaction is not None and "start_time" in query:
        raise errors.invalid("INVALID_PARAMETER_VALUE", "disputed_transaction_id", transaction, location="query")
    window, keep = requests.window(account, query), requests.wanted(query)
    index = "capture" if transaction is not None else None
    found = account.of(DISPUTES).page(window, index=index, keys=(transaction,) if index else (), keep=keep)
    here = f"{account.base_url}{BASE}"
    links = [{"href": here, "rel": "self", "method": "GET"}, {"href": here, "rel": "first", "method": "GET"}]
    if found.has_more:
        following = f"{here}?page_size={window.limit}&next_page_token={found.items[-1].id}"
        links.append({"href": following, "rel": "next", "method": "GET"})
    return call.answer(200, {"items": [wire.summary(account, it) for it in found.items], "links": links})


@operation(f"GET {BASE}/{{id}}")
def retrieve(call: Call, id_: str) -> Answer:
    """One."""
    it = state.get(call.account, id_)
    return call.answer(200, wire.dispute(call.account, it, state.actions(it)))


@operation(f"PATCH {BASE}/{{id}}", raw=True)
def update(call: Call, id_: str) -> Answer:
    """Add an address or a note for the other side; nothing else can be patched."""
    account, it = call.account, state.get(call.account, id_)
    patch, _ = requests.read(call)
    if not isinstance(patch, list) or not patch:
        raise errors.invalid("MISSING_REQUIRED_PARAMETER", "/")
    communication = dict(it.communication)
    for place, sent in enumerate(patch):
        one = sent if isinstance(sent, dict) else {}
        path, value = one.get("path"), one.get("value")
        name = path.removeprefix("/communication_details/") if isinstance(path, str) else ""
        if one.get("op") not in {"add", "replace"} or name not in {"email", "note"} or not isinstance(value, str):
            raise errors.unprocessable("PATCH_PATH_NOT_SUPPORTED", f"/{place}/path", path)
        communication[name] = value
    account.of(DISPUTES).put(replace(it, communication=communication, updated=account.now()))
    return call.answer(204)


# ---- actions -------------------------------------------------------------------------------------

Act = Callable[[PayPalAccount, Dispute, dict[str, Any], list[dict[str, Any]]], Dispute]


def _action(name: str) -> Callable[[Act], Act]:
    """Register ``POST /{id}/<name>``: allowed by the dispute's state, JSON or multipart, answered with links.

    The function gets the body's fields and the documents that came with it.
    """

    def register(act: Act) -> Act:
        @operation(f"POST {BASE}/{{id}}/{name}", raw=True)
        def handler(call: Call, id_: str) -> Answer:
            account, it = call.account, state.get(call.account, id_)
            body, documents = requests.read(call)
            if not isinstance(body, dict):
                raise errors.invalid("MALFORMED_REQUEST_JSON", "/")
            state.allow(it, name.replace("-", "_"))
            it = act(account, it, body, documents)
            here = f"{account.base_url}{BASE}/{it.id}"
            return call.answer(200, {"links": [{"href": here, "rel": "self", "method": "GET"}]})

        return act

    return register


@_action("provide-evidence")
def _provide_evidence(
    account: PayPalAccount, it: Dispute, body: dict[str, Any], documents: list[dict[str, Any]]
) -> Dispute:
    return steps.provide_evidence(account, it, requests.evidences(body, documents))


@_action("appeal")
def _appeal(account: PayPalAccount, it: Dispute, body: dict[str, Any], documents: list[dict[str, Any]]) -> Dispute:
    return steps.appeal(account, it, requests.evidences(body, documents))


@_action("provide-supporting-info")
def _supporting_info(
    account: PayPalAccount, it: Dispute, body: dict[str, Any], documents: list[dict[str, Any]]
) -> Dispute:
    notes = requests.text(body, "notes", required=not documents)
    info: dict[str, Any] = {"notes": notes} if notes else {}
    return steps.provide_supporting_info(account, it, {**info, **({"documents": documents} if documents else {})})


@_action("accept-claim")
def _accept_claim(account: PayPalAccount, it: Dispute, body: dict[str, Any], _: list[dict[str, Any]]) -> Dispute:
    requests.text(body, "note", required=False)
    kind = body.get("accept_claim_type", "REFUND")
    if kind != "REFUND":
        raise errors.unprocessable("INVALID_ACCEPT_CLAIM_TYPE", "/accept_claim_type", str(kind))
    return steps.accept_claim(account, it, requests.amount(body, "refund_amount", it))


@_action("escalate")
def _escalate(account: PayPalAccount, it: Dispute, body: dict[str, Any], _: list[dict[str, Any]]) -> Dispute:
    requests.text(body, "note")
    return steps.escalate(account, it)


@_action("send-message")
def _send_message(
    account: PayPalAccount, it: Dispute, body: dict[str, Any], documents: list[dict[str, Any]]
) -> Dispute:
    return steps.send_message(account, it, requests.text(body, "message"), documents)


@_action("make-offer")
def _make_offer(account: PayPalAccount, it: Dispute, body: dict[str, Any], _: list[dict[str, Any]]) -> Dispute:
    note, kind = requests.text(body, "note"), requests.choice(body, "offer_type", _OFFERS)
    amount = requests.amount(body, "offer_amount", it)
    if amount is None and kind != "REPLACEMENT_WITHOUT_REFUND":
        raise errors.invalid("MISSING_REQUIRED_PARAMETER", "/offer_amount")
    return steps.make_offer(account, it, kind, amount, note)


@_action("accept-offer")
def _accept_offer(account: PayPalAccount, it: Dispute, body: dict[str, Any], _: list[dict[str, Any]]) -> Dispute:
    return steps.answer_offer(account, it, requests.text(body, "note", required=False), accepted=True)


@_action("deny-offer")
def _deny_offer(account: PayPalAccount, it: Dispute, body: dict[str, Any], _: list[dict[str, Any]]) -> Dispute:
    return steps.answer_offer(account, it, requests.text(body, "note"), accepted=False)


@_action("acknowledge-return-item")
def _acknowledge(account: PayPalAccount, it: Dispute, body: dict[str, Any], _: list[dict[str, Any]]) -> Dispute:
    requests.text(body, "note", required=False)
    return steps.acknowledge_return(account, it)


@_action("adjudicate")
def _adjudicate(account: PayPalAccount, it: Dispute, body: dict[str, Any], _: list[dict[str, Any]]) -> Dispute:
    outcome = requests.choice(body, "adjudication_outcome", frozenset({"BUYER_FAVOR", "SELLER_FAVOR"}))
    return steps.decide(account, it, seller=outcome == "SELLER_FAVOR")


@_action("require-evidence")
def _require(account: PayPalAccount, it: Dispute, body: dict[str, Any], _: list[dict[str, Any]]) -> Dispute:
    action = requests.choice(body, "action", frozenset({"BUYER_EVIDENCE", "SELLER_EVIDENCE"}))
    return steps.require_evidence(account, it, seller=action == "SELLER_EVIDENCE")


# ---- control -------------------------------------------------------------------------------------


@control
def disputes(account: PayPalAccount, method: str, path: str, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """``POST /_sim/disputes {"capture", "reason"?, "amount"?, "inquiry"?, "channel"?}``; ``/{id}/resolve {"outcome"}``.

    ``amount`` is a decimal such as "12.50", or minor units. Outcomes: won and lost (as the seller sees it),
    warning_closed (the buyer lets it be), escalated (an inquiry becomes a claim).
    """
    match (method, *path.split("/")):
        case ("POST", "disputes"):
            it = _opened(account, arguments)
        case ("POST", "disputes", id_, "resolve"):
            it = _decided(account, id_, arguments.get("outcome"))
        case _:
            return None
    return wire.dispute(account, it, state.actions(it))


def _opened(account: PayPalAccount, arguments: dict[str, Any]) -> Dispute:
    capture = account.of(CAPTURES).get(str(arguments.get("capture")))
    if capture is None:
        raise LookupError(f"No such capture: {arguments.get('capture')!r}; name the capture that is disputed.")
    amount = arguments.get("amount")
    if isinstance(amount, str):
        amount = amounts.minor(amount, capture.currency) if re.fullmatch(r"\d+(\.\d+)?", amount) else 0
    if amount is not None and (isinstance(amount, bool) or not isinstance(amount, int)):
        raise ValueError('An amount is a decimal such as "12.50", or a number of minor units.')
    return state.open_dispute(
        account,
        capture,
        reason=str(arguments.get("reason") or "MERCHANDISE_OR_SERVICE_NOT_RECEIVED"),
        amount=amount,
        inquiry=arguments.get("inquiry") is True,
        channel=str(arguments.get("channel") or state.INTERNAL),
    )


def _decided(account: PayPalAccount, id_: str, outcome: Any) -> Dispute:
    it = account.of(DISPUTES).get(id_)
    if it is None:
        raise LookupError(f"No such dispute: {id_!r}.")
    if it.status == state.RESOLVED:
        raise ValueError(f"Dispute {id_} is resolved already: {it.outcome}.")
    inquiry = it.stage == state.INQUIRY
    if outcome in {"won", "lost"}:
        return steps.decide(account, it, seller=outcome == "won")
    if outcome == "warning_closed" and inquiry:
        return steps.withdraw(account, it)
    if outcome == "escalated" and inquiry:
        return steps.escalate(account, it)
    known = "won, lost, warning_closed or escalated" if inquiry else "won or lost"
    raise ValueError(f"A dispute in stage {it.stage} cannot end as {outcome!r}; use {known}.")
