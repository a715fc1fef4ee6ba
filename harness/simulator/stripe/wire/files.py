"""The JSON of files."""

from __future__ import annotations

from harness.simulator.stripe.account import StripeAccount
from harness.simulator.stripe.state.files import File
from harness.simulator.stripe.wire.render import Json, renders


@renders(File, "file")
def file(it: File, account: StripeAccount) -> Json:
    """A file; links to it are not simulated, so that their list is empty."""
    del account
    return {
        "id": it.id,
        "object": "file",
        "created": it.created,
        "expires_at": it.expires_at,
        "filename": it.filename,
        "links": {"object": "list", "data": [], "has_more": False, "url": f"/v1/file_links?file={it.id}"},
        "purpose": it.purpose,
        "size": it.size,
        "title": None,
        "type": it.type,
        "url": it.url,
    }
