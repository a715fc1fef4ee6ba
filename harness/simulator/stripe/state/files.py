"""Uploaded files: their purposes, sizes and types. Source: Stripe, "File upload guide"."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from harness.simulator.kernel.forms import UploadedFile
from harness.simulator.stripe import errors
from harness.simulator.stripe.account import StripeAccount, table


class File(Struct, frozen=True, gc=False, kw_only=True):
    """A file. ``type`` is its kind by content (``pdf``, ``png``, ...), ``size`` in bytes, ``url`` where it is read."""

    id: str
    created: int
    purpose: str
    filename: str
    type: str | None
    size: int
    url: str
    content: bytes
    expires_at: int | None = None


FILES = table("file", File, prefix="file_", noun="file", indexed=("purpose",))

MEGABYTE = 1_048_576
LARGEST = {"dispute_evidence": 5 * MEGABYTE, "business_icon": MEGABYTE // 2, "business_logo": MEGABYTE // 2}
LARGEST_OTHERWISE = 16 * MEGABYTE
EVIDENCE_TYPES = ("jpg", "pdf", "png")
EVIDENCE_DAYS = 7 * 30

_MAGIC = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF8", "gif"),
    (b"PK\x03\x04", "zip"),
)


def create(account: StripeAccount, params: dict[str, Any]) -> File:
    """Keep an uploaded file.

    Raises:
        StripeError: 400 where no file came, where it is empty or too large, or of a type that its purpose refuses.
    """
    upload, purpose = params["file"], params["purpose"]
    if not isinstance(upload, UploadedFile):
        raise errors.invalid(
            "Invalid file: send the file itself as a part of a multipart/form-data request.", param="file", stored=False
        )
    size, longest = len(upload.content), LARGEST.get(purpose, LARGEST_OTHERWISE)
    if not size:
        raise errors.invalid("The file you uploaded is empty.", param="file", stored=False)
    if size > longest:
        raise errors.invalid(
            f"The file you uploaded is too large: {size} bytes. Files with the purpose {purpose} can have at most "
            f"{longest} bytes.",
            param="file",
            stored=False,
        )
    kind = _type(upload)
    if purpose == "dispute_evidence" and kind not in EVIDENCE_TYPES:
        raise errors.invalid(
            f"The file you uploaded is of type {kind or 'unknown'}, but dispute evidence must be one of "
            f"{', '.join(EVIDENCE_TYPES)}.",
            param="file",
            stored=False,
        )
    file_id = account.new_id(FILES)
    file = File(
        id=file_id,
        created=account.now(),
        purpose=purpose,
        filename=upload.filename,
        type=kind,
        size=size,
        url=f"{account.base_url}/v1/files/{file_id}/contents",
        content=upload.content,
        expires_at=account.now() + EVIDENCE_DAYS * 86400 if purpose == "dispute_evidence" else None,
    )
    account.of(FILES).add(file)
    account.emit("file.created", file)
    return file


def _type(upload: UploadedFile) -> str | None:
    for magic, kind in _MAGIC:
        if upload.content.startswith(magic):
            return kind
    extension = upload.filename.rpartition(".")[2].lower() if "." in upload.filename else ""
    claimed = extension if extension not in {"pdf", "png", "jpg", "jpeg", "gif", "zip"} else ""
    return claimed or None
