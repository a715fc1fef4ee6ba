"""What a run records: the types that every writer and reader of the run store shares.

All are msgspec structs, so that a line of ``events.ndjson`` decodes straight into them. Times are UTC ISO 8601 with
microseconds; durations are milliseconds (float). Everything here has been redacted before it exists.
"""

from __future__ import annotations

from typing import Any

import msgspec

from harness.domain.verdicts import StepStatus, Verdict


class Message(msgspec.Struct, omit_defaults=True):
    """One side of an exchange. ``body`` is text (redacted, cut at 16 KB), ``size`` the bytes that were sent."""

    headers: dict[str, str]
    body: str = ""
    size: int = 0


class Exchange(msgspec.Struct, omit_defaults=True):
    """One HTTP request with its answer, as the actor who made it saw it.

    ``actor``: shopper, operator, attacker, courier, provider, probe.
    ``status`` 0 means that no answer came; ``error`` says why.
    """

    actor: str
    method: str
    url: str
    request: Message
    response: Message | None = None
    status: int = 0
    ms: float = 0.0
    error: str | None = None
    at: str = ""
    step: int | None = None


class Receipt(msgspec.Struct, omit_defaults=True):
    """What came of one webhook delivery.

    ``variant`` says how it was carried ("as sent", "forged: no signature", "duplicate 2 of 6", ...).
    ``created`` when the provider made the event, ``at`` when it was delivered,
    ``processed`` when the target says that it was handled.
    """

    event_id: str
    event_type: str
    provider: str
    variant: str
    status: int
    ms: float = 0.0
    at: str = ""
    created: str = ""
    processed: str | None = None
    object_id: str | None = None
    error: str | None = None
    step: int | None = None


class JournalEntry(msgspec.Struct, omit_defaults=True):
    """One API call that reached a simulated provider."""

    seq: int
    at: str
    method: str
    path: str
    status: int
    idempotency_key: str | None = None
    replayed: bool = False
    fault: str | None = None
    params: dict[str, Any] = {}
    response: Any = None
    request_id: str | None = None
    ms: float = 0.0


INBOX = "webhook inbox"
"""Probe whose readings are rows of the target's inbox: ``{event_id, status, received_at, handled_at, attempts}``."""


class Reading(msgspec.Struct, omit_defaults=True):
    """One look at the target's state through a probe."""

    probe: str
    value: Any
    at: str = ""
    step: int | None = None


class ScanHit(msgspec.Struct, omit_defaults=True):
    """Something that must not be where it was found: kind of value, masked value, and the place."""

    kind: str
    masked: str
    place: str


class StepRow(msgspec.Struct, omit_defaults=True):
    """One step of a scenario."""

    keyword: str
    text: str
    status: StepStatus = StepStatus.NOT_RUN
    ms: float = 0.0
    error: str | None = None
    line: int = 0


class ScenarioRecord(msgspec.Struct, omit_defaults=True):
    """One scenario as it ran: identity, steps, verdict, and everything that was seen on the way."""

    id: str
    feature: str
    feature_title: str
    rule: str | None
    name: str
    example: dict[str, str]
    provider: str | None
    tags: list[str]
    verdict: Verdict = Verdict.NOT_RUN
    reason: str | None = None
    steps: list[StepRow] = []
    exchanges: list[Exchange] = []
    receipts: list[Receipt] = []
    journal: list[JournalEntry] = []
    readings: list[Reading] = []
    hits: list[ScanHit] = []
    started: str = ""
    ms: float = 0.0
    worker: str = "main"
    evidence: str | None = None


class RunInfo(msgspec.Struct, omit_defaults=True):
    """``run.json``: what was tested, with what, by which settings."""

    id: str
    started: str
    target: str
    providers: list[str]
    mode: str
    arguments: list[str]
    versions: dict[str, str]
    seed: int = 0
    workers: int = 1
    commit: str | None = None
    clock: str = "system"
    host: str = ""
    finished: str | None = None
    interrupted: bool = False
    previous: str | None = None
    """Manifest hash of the run before this one in the same folder; the chain between runs."""


class Event(msgspec.Struct):
    """A line of ``events.ndjson``. ``data`` is one of the structs above as plain values, by ``kind``.

    ``run.started``: ``{"planned": [ScenarioRecord]}`` (from the process that collected), ``scenario.started``:
    ``ScenarioRecord``, ``step.finished``: ``{"index", **StepRow}``, ``exchange``, ``receipt``, ``journal``,
    ``reading``, ``hit``: the struct of that name, ``note``: ``{"text", ...}``, ``scenario.finished``: ``{"verdict",
    "reason", "ms", "steps"}``, ``run.finished`` and ``run.interrupted``: ``{"reason"?}``.
    """

    seq: int
    at: str
    kind: str
    scenario: str | None
    worker: str
    prev: str
    data: Any = None


class Line(msgspec.Struct):
    """An event whose ``data`` is still JSON, byte for byte as it was written."""

    seq: int
    at: str
    kind: str
    scenario: str | None
    worker: str
    prev: str
    data: msgspec.Raw


class FileSeal(msgspec.Struct):
    """A file of a run as it was when the run was sealed; ``size`` in bytes."""

    sha256: str
    size: int


class Manifest(msgspec.Struct):
    """``manifest.json``: every other file of the run, by path in the order of their names.

    ``merkle`` is the root over them, ``previous`` the SHA-256 of the manifest of the run before this one, ``seal`` the
    SHA-256 over run id, root and previous.
    """

    run: str
    files: dict[str, FileSeal]
    merkle: str
    previous: str | None
    seal: str
