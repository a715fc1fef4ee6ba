"""How Square writes moments and ids. Moments are kept as whole milliseconds since the epoch."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from harness.simulator.kernel.ids import Ids, spelling

UPPER = spelling("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
"""Locations, merchants, customers, payment links."""
HEX = spelling("0123456789abcdef")
TOKEN = spelling("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")


@lru_cache(maxsize=8192)
def timestamp(milliseconds: int) -> str:
    """As ``2026-01-02T03:04:05.678Z``."""
    moment = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"


def moment(text: str) -> int | None:
    """Milliseconds of an RFC 3339 text; None for anything else."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1000)


def seconds(text: str) -> float | None:
    """Seconds of an ISO 8601 duration of days, hours, minutes and seconds; None for anything else."""
    match = _DURATION.fullmatch(text)
    if match is None or text in {"P", "PT"} or text.endswith("T"):
        return None
    days, hours, minutes, rest = match.groups()
    span = timedelta(days=int(days or 0), hours=int(hours or 0), minutes=int(minutes or 0), seconds=float(rest or 0))
    return span.total_seconds()


def payment_id(ids: Ids) -> str:
    """29 characters that end in ``ZY``: payments and orders."""
    return f"{ids.text(27)}ZY"


def event_id(ids: Ids) -> str:
    """A UUID."""
    return str(uuid.UUID(hex=ids.spelled(HEX, 32), version=4))
