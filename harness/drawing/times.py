"""Reading and saying recorded times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from harness.record.model import Exchange

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_SECOND_MS = 1000
_EXACT_BELOW_MS = 10


def moment(recorded: str | None) -> datetime | None:
    """A recorded time (UTC, ISO 8601), or None where none was recorded or it cannot be read."""
    if not recorded:
        return None
    try:
        read = datetime.fromisoformat(recorded)
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def began(exchange: Exchange) -> datetime | None:
    """When a call was made: an exchange is recorded when its answer has been seen."""
    end = moment(exchange.at)
    return end - timedelta(milliseconds=exchange.ms) if end else None


def since(first: datetime | None, then: datetime | None) -> str:
    """The time from one moment to another as a reader says it: ``+0.012 s``, ``+4 min 10 s``, ``+3 d 0 h``."""
    if first is None or then is None:
        return ""
    seconds = (then - first).total_seconds()
    sign, seconds = ("-" if seconds < 0 else "+"), abs(seconds)
    if seconds < _MINUTE:
        return f"{sign}{seconds:.3f} s"
    if seconds < _HOUR:
        return f"{sign}{seconds // _MINUTE:.0f} min {seconds % _MINUTE:.0f} s"
    if seconds < _DAY:
        return f"{sign}{seconds // _HOUR:.0f} h {seconds % _HOUR // _MINUTE:.0f} min"
    return f"{sign}{seconds // _DAY:.0f} d {seconds % _DAY // _HOUR:.0f} h"


def duration(ms: float) -> str:
    """Milliseconds as a reader says them: ``0.4 ms``, ``12 ms``, ``1.25 s``, ``2 min 5 s``."""
    if ms < _SECOND_MS:
        return f"{ms:.1f} ms" if ms < _EXACT_BELOW_MS else f"{ms:.0f} ms"
    seconds = ms / _SECOND_MS
    if seconds < _MINUTE:
        return f"{seconds:.2f} s"
    return f"{seconds // _MINUTE:.0f} min {seconds % _MINUTE:.0f} s"


def plain(recorded: str | None) -> str:
    """A recorded time as ``2026-11-23 16:02:03 UTC``."""
    read = moment(recorded)
    return f"{read.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if read else recorded or ""
