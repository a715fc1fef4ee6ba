"""Requests of disputes: JSON or multipart bodies, their fields, and what a search asks for."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson

from harness.simulator.kernel.forms import FormError, UploadedFile, parse_multipart
from harness.simulator.kernel.store import Window
from harness.simulator.paypal import errors
from harness.simulator.paypal.account import PayPalAccount
from harness.simulator.paypal.errors import PayPalError
from harness.simulator.paypal.registry import Call
from harness.simulator.paypal.state import amounts
from harness.simulator.paypal.state.disputes import DISPUTES, Dispute
from harness.simulator.paypal.wire import disputes as wire

SEARCH_DAYS = 180
_DAY = 86400
_LONGEST_NOTE = 2000
_MOST_A_PAGE = 50
_STATES = frozenset(
    {
        "OPEN_INQUIRIES",
        "REQUIRED_ACTION",
        "REQUIRED_OTHER_PARTY_ACTION",
        "UNDER_PAYPAL_REVIEW",
        "APPEALABLE",
        "RESOLVED",
    }
)


def read(call: Call) -> tuple[Any, list[dict[str, Any]]]:
    """The JSON of a call and the documents beside it: a JSON body, or ``input`` in a multipart body."""
    request = call.request
    content_type = request.header(b"content-type") or ""
    text: bytes | str = request.body
    documents: list[dict[str, Any]] = []
    if content_type.lower().startswith("multipart/"):
        try:
            as_form = re.sub(r"(?i)^multipart/\w+", "multipart/form-data", content_type)
            fields, files = parse_multipart(request.body, as_form)
        except FormError:
            raise errors.invalid("MALFORMED_REQUEST_BODY", "/") from None
        part = files.pop("input", None)
        text = part.content if isinstance(part, UploadedFile) else str(fields.get("input", ""))
        documents = [{"name": file.filename} for file in files.values()]
    elif content_type and "json" not in content_type:
        raise PayPalError(415)
    if not text.strip():
        return {}, documents
    try:
        return orjson.loads(text), documents
    except orjson.JSONDecodeError:
        raise errors.invalid("MALFORMED_REQUEST_JSON", "/") from None


def evidences(body: dict[str, Any], documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Evidence as it is kept: the kinds and notes that were sent, the documents with the first one."""
    sent = body.get("evidences", [body] if "evidence_type" in body else None)
    if sent is None and documents:
        sent = [{"evidence_type": "OTHER"}]
    if not isinstance(sent, list) or not sent:
        raise PayPalError(400, [errors.detail("MISSING_OR_INVALID_REQUEST_BODY", "/evidences")])
    for place, one in enumerate(sent):
        kind = one.get("evidence_type") if isinstance(one, dict) else None
        if not isinstance(kind, str) or not re.fullmatch(r"[0-9A-Z_]{1,255}", kind):
            raise errors.invalid("INVALID_PARAMETER_VALUE", f"/evidences/{place}/evidence_type", kind)
        text(one, "notes", required=False)
    kept = [{name: one[name] for name in _KEPT if name in one} for one in sent]
    if documents:
        kept[0] = {**kept[0], "documents": documents}
    return kept


_KEPT = ("evidence_type", "evidence_info", "notes", "item_id", "item_type")


def text(body: dict[str, Any], name: str, *, required: bool = True) -> str:
    """A text field, "" where it may be absent and is."""
    value = body.get(name)
    if value is None and not required:
        return ""
    if value is None or value == "":
        raise errors.invalid("MISSING_REQUIRED_PARAMETER", f"/{name}")
    if not isinstance(value, str) or len(value) > _LONGEST_NOTE:
        raise errors.invalid("INVALID_STRING_LENGTH", f"/{name}")
    return value


def choice(body: dict[str, Any], name: str, known: frozenset[str]) -> str:
    """A field that is one of some words."""
    value = text(body, name)
    if value not in known:
        raise errors.invalid("INVALID_PARAMETER_VALUE", f"/{name}", value)
    return value


def amount(body: dict[str, Any], name: str, it: Dispute) -> int | None:
    """A sum of money in minor units of the dispute's currency; None where it is absent."""
    if name not in body:
        return None
    sent = body[name]
    value, currency = (sent.get("value"), sent.get("currency_code")) if isinstance(sent, dict) else (None, None)
    if not isinstance(value, str) or not re.fullmatch(r"\d+(\.\d+)?", value):
        raise errors.invalid("INVALID_PARAMETER_SYNTAX", f"/{name}/value")
    if currency != it.currency:
        raise errors.unprocessable("CURRENCY_MISMATCH", f"/{name}/currency_code", currency)
    found = amounts.minor(value, it.currency)
    if found is None:
        raise errors.unprocessable("DECIMAL_PRECISION", f"/{name}/value", value)
    return found


def window(account: PayPalAccount, query: dict[str, str]) -> Window:
    """Which part of the list a search wants."""
    size = query.get("page_size", "10")
    if not size.isdecimal() or not 1 <= int(size) <= _MOST_A_PAGE:
        raise errors.invalid("INVALID_PARAMETER_VALUE", "page_size", size, location="query")
    oldest = account.now() - SEARCH_DAYS * _DAY
    start = _moment(query, "start_time")
    if start is not None and start < oldest:
        raise errors.invalid("INVALID_PARAMETER_VALUE", "start_time", query["start_time"], location="query")
    token = query.get("next_page_token")
    if token is not None and not account.of(DISPUTES).knows(token):
        raise errors.invalid("INVALID_PARAMETER_VALUE", "next_page_token", token, location="query")
    transaction = "disputed_transaction_id" in query
    return Window(int(size), token, None, None if transaction else start or oldest, None)


def wanted(query: dict[str, str]) -> Callable[[Dispute], bool]:
    """Which disputes a search wants."""
    states = [one for one in query.get("dispute_state", "").split(",") if one]
    for one in states:
        if one not in _STATES:
            raise errors.invalid("INVALID_PARAMETER_VALUE", "dispute_state", one, location="query")
    before, after = _moment(query, "update_time_before"), _moment(query, "update_time_after")

    def keep(it: Dispute) -> bool:
        return (
            (not states or wire.state(it) in states)
            and (before is None or it.updated <= before)
            and (after is None or it.updated >= after)
        )

    return keep


def _moment(query: dict[str, str], name: str) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise errors.invalid("INVALID_PARAMETER_SYNTAX", name, text, location="query") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
