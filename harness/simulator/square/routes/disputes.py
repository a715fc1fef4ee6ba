"""Disputes: list, get, accept, evidence as text or file, submit."""

from __future__ import annotations

from typing import Any

import orjson

from harness.simulator.kernel.forms import FormError, parse_multipart
from harness.simulator.kernel.messages import Answer
from harness.simulator.square.checks import Text, checked
from harness.simulator.square.errors import SquareError, invalid
from harness.simulator.square.pagination import page
from harness.simulator.square.registry import Call, operation
from harness.simulator.square.state import disputes
from harness.simulator.square.state.objects import DISPUTES, EVIDENCE, Dispute

_TYPES = frozenset({"image/heic", "image/heif", "image/jpeg", "application/pdf", "image/png", "image/tiff"})
_PAGE, _LONGEST_NAME, _LARGEST = 100, 40, 5 * 1_048_576
_TEXT = {
    "idempotency_key": Text(45, 1, required=True),
    "evidence_type": Text(),
    "evidence_text": Text(500, 1, required=True),
}
_FILE = {"idempotency_key": Text(45, 1, required=True), "evidence_type": Text(), "content_type": Text()}


@operation("GET /v2/disputes")
def listed(call: Call) -> Answer:
    """Disputes by state and location."""
    query = call.query
    states = set(query["states"].split(",")) if query.get("states") else None
    unknown = sorted((states or set()) - disputes.STATES)
    if unknown:
        raise invalid("INVALID_ENUM_VALUE", f"`{unknown[0]}` is not a valid enum value for `states`.", "states")
    found, cursor = page(
        call.account.of(DISPUTES),
        cursor=query.get("cursor"),
        limit=_PAGE,
        keep=lambda one: (
            (states is None or one.state in states) and query.get("location_id") in {None, "", one.location}
        ),
    )
    body = {"disputes": [disputes.shown(one) for one in found]} if found else {}
    return call.answer(body | ({"cursor": cursor} if cursor else {}))


@operation("GET /v2/disputes/{id}")
def read(call: Call, id_: str) -> Answer:
    """One dispute."""
    return _shown(call, disputes.get(call.account, id_))


@operation("POST /v2/disputes/{id}/accept")
def accept(call: Call, id_: str) -> Answer:
    """Give in."""
    return _shown(call, disputes.accept(call.account, disputes.get(call.account, id_)))


@operation("POST /v2/disputes/{id}/submit-evidence")
def submit(call: Call, id_: str) -> Answer:
    """Send the evidence to the bank."""
    return _shown(call, disputes.submit(call.account, disputes.get(call.account, id_)))


@operation("POST /v2/disputes/{id}/evidence-text", key=45)
def add_text(call: Call, id_: str) -> Answer:
    """Evidence as text."""
    one = disputes.get(call.account, id_)
    body = checked(_TEXT, call.params)
    made = disputes.add_evidence(call.account, one, type=body.get("evidence_type"), text=body["evidence_text"])
    return call.answer({"evidence": disputes.shown_evidence(made)})


@operation("POST /v2/disputes/{id}/evidence-files", raw=True)
def add_file(call: Call, id_: str) -> Answer:
    """Evidence as a file: parts ``request`` (JSON) and ``image_file``."""
    one = disputes.get(call.account, id_)
    content_type = call.request.header(b"content-type") or ""
    if not content_type.lower().startswith("multipart/form-data"):
        raise SquareError(415)
    try:
        fields, files = parse_multipart(call.request.body, content_type)
        sent: Any = orjson.loads(fields.get("request") or "{}")
    except (FormError, orjson.JSONDecodeError) as failure:
        raise invalid("BAD_REQUEST", f"The parts of the request cannot be read: {failure}.") from None
    body = checked(_FILE, sent if isinstance(sent, dict) else {})
    upload = next(iter(files.values()), None)
    if upload is None:
        raise invalid("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", "image_file")
    kind = body.get("content_type") or upload.content_type or ""
    if kind not in _TYPES:
        raise invalid("UNSUPPORTED_MEDIA_TYPE", "Files are HEIC, HEIF, JPEG, PDF, PNG or TIFF.", "image_file")
    name = upload.filename or "file"
    if len(name) > _LONGEST_NAME or len(upload.content) > _LARGEST:
        raise invalid("BAD_REQUEST", "The file's name has 40 characters and the file 5 MB at most.", "image_file")
    made = disputes.add_evidence(call.account, one, type=body.get("evidence_type"), file_name=name, file_type=kind)
    return call.answer({"evidence": disputes.shown_evidence(made)})


@operation("GET /v2/disputes/{id}/evidence")
def evidence_of(call: Call, id_: str) -> Answer:
    """The evidence of a dispute."""
    one = disputes.get(call.account, id_)
    found, cursor = page(
        call.account.of(EVIDENCE).by("dispute", one.id), cursor=call.query.get("cursor"), limit=_PAGE, ascending=True
    )
    body = {"evidence": [disputes.shown_evidence(piece) for piece in found]} if found else {}
    return call.answer(body | ({"cursor": cursor} if cursor else {}))


@operation("GET /v2/disputes/{id}/evidence/{evidence}")
def read_evidence(call: Call, id_: str, evidence: str) -> Answer:
    """One piece of evidence."""
    one = disputes.get(call.account, id_)
    return call.answer({"evidence": disputes.shown_evidence(disputes.evidence(call.account, one, evidence))})


@operation("DELETE /v2/disputes/{id}/evidence/{evidence}")
def delete_evidence(call: Call, id_: str, evidence: str) -> Answer:
    """Take a piece of evidence back."""
    disputes.remove_evidence(call.account, disputes.get(call.account, id_), evidence)
    return call.answer()


def _shown(call: Call, one: Dispute) -> Answer:
    return call.answer({"dispute": disputes.shown(one)})
