"""Operations of files."""

from __future__ import annotations

import mimetypes

from harness.simulator.kernel.messages import Answer
from harness.simulator.stripe.routes.registry import Call, Listing, operation
from harness.simulator.stripe.state import files
from harness.simulator.stripe.state.files import FILES, File
from harness.simulator.stripe.wire import files as wire

__all__ = ["wire"]


@operation("POST /v1/files", publishable=True)
def create_file(call: Call) -> File:
    """Upload a file."""
    return files.create(call.account, call.params)


@operation("GET /v1/files/{file}")
def retrieve_file(call: Call, file_id: str) -> File:
    """Read what is known of a file."""
    return call.account.get(FILES, file_id, "file")


@operation("GET /v1/files/{file}/contents")
def read_file(call: Call, file_id: str) -> Answer:
    """Read the file itself."""
    file = call.account.get(FILES, file_id, "file")
    kind = mimetypes.types_map.get(f".{file.type}", "application/octet-stream")
    return Answer(200, file.content, [(b"content-type", kind.encode())])


@operation("GET /v1/files")
def list_files(call: Call) -> Listing:
    """Files, newest first."""
    purpose = call.params.get("purpose")
    if purpose is not None:
        return call.listing(FILES, index="purpose", keys=(purpose,))
    return call.listing(FILES)
