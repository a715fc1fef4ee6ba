"""What a run recorded as rows: one function for each data frame. pandas is loaded when the first one is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from harness.drawing.names import risk_of, title_of
from harness.record.model import ScenarioRecord

if TYPE_CHECKING:
    import pandas as pd

SEVERITIES = ("critical", "high", "medium", "low")
_TIMES = frozenset({"started", "at", "created", "processed"})
_KEYS = frozenset({"idempotency-key", "paypal-request-id"})

SCENARIO = (
    "id", "risk", "feature", "rule", "name", "title", "example", "provider", "severity", "tags", "verdict", "reason",
    "ms", "steps", "exchanges", "receipts", "journal", "started", "worker", "evidence",
)  # fmt: skip
STEP = ("scenario", "index", "keyword", "text", "status", "ms", "error")
EXCHANGE = (
    "scenario", "step", "at", "actor", "method", "url", "path", "status", "ms", "error", "idempotency_key",
    "request_bytes", "response_bytes", "request", "response",
)  # fmt: skip
RECEIPT = (
    "scenario", "step", "event_id", "event_type", "provider", "variant", "status", "ms", "created", "at", "processed",
    "object_id", "error",
)  # fmt: skip
JOURNAL = (
    "scenario", "seq", "at", "method", "path", "status", "ms", "idempotency_key", "replayed", "fault", "params",
    "response", "request_id",
)  # fmt: skip
READING = ("scenario", "step", "at", "probe", "value")


def scenarios(records: Iterable[ScenarioRecord]) -> pd.DataFrame:
    """A row for each scenario; ``severity`` is the tag of that kind, the last columns count what was recorded."""
    return frame(
        SCENARIO,
        (
            {
                "id": one.id,
                "risk": risk_of(one.feature),
                "feature": one.feature,
                "rule": one.rule,
                "name": one.name,
                "title": title_of(one),
                "example": ", ".join(f"{name}: {value}" for name, value in one.example.items()),
                "provider": one.provider,
                "severity": next((tag for tag in one.tags if tag.removeprefix("@") in SEVERITIES), None),
                "tags": one.tags,
                "verdict": str(one.verdict),
                "reason": one.reason,
                "ms": one.ms,
                "steps": len(one.steps),
                "exchanges": len(one.exchanges),
                "receipts": len(one.receipts),
                "journal": len(one.journal),
                "started": one.started,
                "worker": one.worker,
                "evidence": one.evidence,
            }
            for one in records
        ),
    )


def steps(records: Iterable[ScenarioRecord]) -> pd.DataFrame:
    """A row for each step, in order."""
    return frame(
        STEP,
        (
            {
                "scenario": one.id,
                "index": index,
                "keyword": row.keyword.strip(),
                "text": row.text,
                "status": str(row.status),
                "ms": row.ms,
                "error": row.error,
            }
            for one in records
            for index, row in enumerate(one.steps)
        ),
    )


def exchanges(records: Iterable[ScenarioRecord]) -> pd.DataFrame:
    """A row for each HTTP exchange; ``request`` and ``response`` are the recorded bodies (redacted, at most 16 KB)."""
    return frame(EXCHANGE, _exchanges(records))


def receipts(records: Iterable[ScenarioRecord]) -> pd.DataFrame:
    """A row for each webhook delivery: made at ``created``, delivered at ``at``, handled at ``processed``."""
    return frame(RECEIPT, _plain(records, "receipts"))


def journal(records: Iterable[ScenarioRecord]) -> pd.DataFrame:
    """A row for each call that reached a simulated provider."""
    return frame(JOURNAL, _plain(records, "journal"))


def readings(records: Iterable[ScenarioRecord]) -> pd.DataFrame:
    """A row for each look at the target's state."""
    return frame(READING, _plain(records, "readings"))


def frame(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """A data frame of these columns, also where there is no row; times become UTC timestamps."""
    import pandas as pd

    made = pd.DataFrame(list(rows), columns=list(columns))
    for name in _TIMES.intersection(columns):
        made[name] = pd.to_datetime(made[name], utc=True, format="ISO8601", errors="coerce")
    return made


def _exchanges(records: Iterable[ScenarioRecord]) -> Iterator[dict[str, Any]]:
    for one in records:
        for exchange in one.exchanges:
            keys = (value for name, value in exchange.request.headers.items() if name.lower() in _KEYS)
            yield {
                "scenario": one.id,
                "step": exchange.step,
                "at": exchange.at,
                "actor": exchange.actor,
                "method": exchange.method,
                "url": exchange.url,
                "path": urlsplit(exchange.url).path,
                "status": exchange.status,
                "ms": exchange.ms,
                "error": exchange.error,
                "idempotency_key": next(keys, None),
                "request_bytes": exchange.request.size,
                "response_bytes": exchange.response.size if exchange.response else None,
                "request": exchange.request.body,
                "response": exchange.response.body if exchange.response else None,
            }


def _plain(records: Iterable[ScenarioRecord], kind: str) -> Iterator[dict[str, Any]]:
    for one in records:
        for row in getattr(one, kind):
            yield {"scenario": one.id} | msgspec.structs.asdict(row)
