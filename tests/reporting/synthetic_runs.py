"""Builder of synthetic runs: every verdict, many exchanges, webhooks in disorder, texts that try to break a report."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from harness.domain.ids import evidence_id, scenario_id
from harness.domain.verdicts import StepStatus, Verdict
from harness.record import store
from harness.record.model import (
    Exchange,
    JournalEntry,
    Message,
    Reading,
    Receipt,
    RunInfo,
    ScanHit,
    ScenarioRecord,
    StepRow,
)
from harness.record.redaction import Redactor
from harness.record.writer import Recorder

START = datetime(2026, 11, 23, 16, 2, 3, tzinfo=UTC)
RUN_ID = "20261123T160203Z-a1b2c3"

HOSTILE = "<script>alert('x')</script></style></title>\"'><img src=x onerror=alert(1)>&amp;\x00\x1b[31m\u202egnp.exe"


def at(ms: float) -> str:
    """The recorded form of a moment so many milliseconds after the start of the run."""
    return (START + timedelta(milliseconds=ms)).isoformat(timespec="microseconds")


def info(**more: object) -> RunInfo:
    fields: dict[str, object] = {
        "id": RUN_ID,
        "started": at(0),
        "finished": at(41_300),
        "target": "reference",
        "providers": ["stripe"],
        "mode": "simulated",
        "arguments": ["run", "--target", "reference"],
        "versions": {"payment-harness": "0.1.0", "python": "3.11.7", "stripe": "16.1.0", "pytest": "9.2.0"},
        "seed": 7,
        "workers": 2,
        "commit": "3f2a9d1c0b7e4f6a8d5c2b1a0f9e8d7c6b5a4f3e",
        "host": "build-host",
        "previous": "ab" * 32,
    }
    return RunInfo(**(fields | more))


def intent(**more: object) -> str:
    """A payment intent as the provider prints it."""
    return json.dumps(
        {
            "id": "pi_3QabcDEFghiJKL01",
            "object": "payment_intent",
            "amount": 4999,
            "currency": "eur",
            "client_secret": "[client secret]",
            "status": "succeeded",
            "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
            "metadata": {"order": "ord_01"},
        }
        | more,
        indent=2,
    )


def exchange(step: int, ms: float, **more: object) -> Exchange:
    fields: dict[str, object] = {
        "actor": "shopper",
        "method": "POST",
        "url": "http://127.0.0.1:8000/orders",
        "request": Message(
            headers={
                "content-type": "application/json",
                "authorization": "Bearer [redacted]",
                "idempotency-key": f"order-{step}-{ms:g}",
            },
            body='{"currency": "eur", "lines": [{"sku": "MUG", "quantity": 1}], "note": "it\'s a gift"}',
            size=83,
        ),
        "response": Message(headers={"content-type": "application/json"}, body=intent(), size=len(intent())),
        "status": 201,
        "ms": 11.4,
        "at": at(ms),
        "step": step,
    }
    return Exchange(**(fields | more))


def webhook(step: int, ms: float, event: str, status: int = 200, **more: object) -> Exchange:
    fields: dict[str, object] = {
        "actor": "courier",
        "url": "http://127.0.0.1:8000/webhooks/stripe",
        "request": Message(
            headers={
                "Stripe-Signature": "t=1764000123,v1=" + hashlib.sha256(event.encode()).hexdigest(),
                "Content-Type": "application/json",
            },
            body=json.dumps({"id": event, "type": "payment_intent.succeeded", "data": {}}, indent=2),
        ),
        "response": Message(headers={}, body=""),
        "status": status,
    }
    return exchange(step, ms, **(fields | more))


def receipt(event: str, ms: float, **more: object) -> Receipt:
    fields: dict[str, object] = {
        "event_id": event,
        "event_type": "payment_intent.succeeded",
        "provider": "stripe",
        "variant": "as sent",
        "status": 200,
        "ms": 8.2,
        "at": at(ms),
        "created": at(ms - 400),
        "processed": at(ms + 60),
        "object_id": "pi_3QabcDEFghiJKL01",
        "step": 1,
    }
    return Receipt(**(fields | more))


def scenario(
    number: int,
    verdict: Verdict = Verdict.PASSED,
    feature: str = "features/payments/cards.feature",
    name: str = "A card pays for an order",
    **more: object,
) -> ScenarioRecord:
    example = more.pop("example", {})
    base = number * 900.0
    status = StepStatus(str(verdict))
    shown = " | ".join(f"{k}={v}" for k, v in example.items()) or None
    fields: dict[str, object] = {
        "id": scenario_id(feature, None, name, shown, "stripe"),
        "feature": feature,
        "feature_title": "Only the provider can say that money moved",
        "rule": None,
        "name": name,
        "example": example,
        "provider": "stripe",
        "tags": ["payments", "critical", "pci-6.2.4", "cwe-347", "asvs-V2.2.2", "defect-W17"],
        "verdict": verdict,
        "reason": None if verdict is Verdict.PASSED else f"the scenario ended as {verdict}",
        "steps": [
            StepRow("Given", "a shopper with an unpaid order of 49.99 EUR", StepStatus.PASSED, 12.5, line=9),
            StepRow(
                "When",
                "the shopper pays with a Visa card",
                StepStatus.PASSED if verdict is not Verdict.NOT_RUN else status,
                31.0,
                line=10,
            ),
            StepRow(
                "Then",
                "the order is paid",
                status,
                102.25,
                None if verdict is Verdict.PASSED else "AssertionError: the order is 'unpaid', expected 'paid'",
                11,
            ),
            StepRow(
                "And",
                "the books balance",
                StepStatus.PASSED if verdict is Verdict.PASSED else StepStatus.NOT_RUN,
                0 if verdict is not Verdict.PASSED else 3.0,
                line=12,
            ),
        ],
        "exchanges": [exchange(0, base + 10), exchange(1, base + 40, method="GET", status=200)],
        "journal": [
            JournalEntry(
                number * 10,
                at(base + 30),
                "POST",
                "/v1/payment_intents",
                200,
                idempotency_key=f"order-{number}",
                params={"amount": 4999, "currency": "eur"},
                response=json.loads(intent()),
                request_id=f"req_{number:06d}",
                ms=0.4,
            )
        ],
        "readings": [Reading("order", {"state": "paid", "captured": 4999}, at(base + 90), 2)],
        "started": at(base),
        "ms": 148.75,
        "worker": f"gw{number % 2}",
        "evidence": evidence_id(number),
    }
    return ScenarioRecord(**(fields | more))


def disorder(step: int = 1) -> list[Receipt]:
    """Three events: the last overtakes, one comes three times, one is forged and refused."""
    return [
        receipt("evt_B", 1200, event_type="payment_intent.succeeded", created=at(700), step=step),
        receipt("evt_A", 1300, event_type="payment_intent.created", created=at(500), processed=at(1500), step=step),
        receipt("evt_B", 1310, variant="duplicate 2 of 3", created=at(700), processed=at(1260), step=step),
        receipt("evt_B", 1320, variant="duplicate 3 of 3", created=at(700), processed=at(1260), step=step),
        receipt(
            "evt_C",
            1400,
            event_type="charge.refunded",
            variant="forged: no signature",
            status=400,
            created=at(900),
            processed=None,
            step=step,
        ),
        receipt("evt_D", 1500, variant="lost", status=0, processed=None, error="connection refused", step=step),
    ]


def scenarios() -> list[ScenarioRecord]:
    """Some of everything."""
    webhooks = "features/webhooks/disorder.feature"
    return [
        scenario(1),
        scenario(2, name="A card pays in every currency", example={"currency": "JPY", "amount": "5000 ¥"}),
        scenario(
            3,
            Verdict.FAILED,
            webhooks,
            "An event that comes twice is acted on once",
            receipts=disorder(),
            exchanges=[
                exchange(0, 2710),
                webhook(1, 2740, "evt_A"),
                webhook(1, 2760, "evt_B", 500),
                exchange(None, 2800, status=0, error="the connection was cut", response=None),
            ],
            reason="the order was fulfilled 2 times, expected once",
            tags=["webhooks", "high", "pci-6.2.4", "cwe-837", "defect-W17"],
        ),
        scenario(
            4,
            Verdict.BROKEN,
            webhooks,
            "A lost event is found again",
            reason="HarnessError: the simulator does not answer",
        ),
        scenario(
            5,
            Verdict.NOT_OBSERVABLE,
            "features/card_data/logs.feature",
            "No card number in a log",
            reason="no log channel: declare [probes.log] in the target profile",
            tags=["card_data", "pci-3.3.1", "cwe-532"],
        ),
        scenario(
            6,
            Verdict.NOT_APPLICABLE,
            "features/disputes/evidence.feature",
            "Evidence is handed in",
            reason="the target declares no operation submit_evidence",
        ),
        scenario(
            7,
            Verdict.TARGET_DEAD,
            "features/refunds/races.feature",
            "Two refunds race",
            reason="the target ended with exit code 137",
        ),
        scenario(8, Verdict.NOT_RUN, "features/refunds/races.feature", "A refund is repeated", reason="interrupted"),
        scenario(
            9,
            Verdict.FAILED,
            "features/integrity/hostile.feature",
            f"Hostile {HOSTILE}",
            example={HOSTILE: HOSTILE, "größe": "日本語 🧾"},
            reason=HOSTILE,
            tags=["integrity", "critical", "cwe-79", HOSTILE],
            receipts=[receipt(HOSTILE, 8200, event_type=HOSTILE, variant=HOSTILE, error=HOSTILE)],
            exchanges=[
                exchange(
                    0,
                    8110,
                    url=f"http://127.0.0.1:8000/orders?q={HOSTILE}",
                    request=Message(headers={HOSTILE: HOSTILE, "idempotency-key": HOSTILE}, body=HOSTILE, size=9),
                    response=Message(headers={"x": HOSTILE}, body="x" * 16_000 + HOSTILE, size=2_000_000),
                )
            ],
            readings=[Reading(HOSTILE, HOSTILE, at(8150), 2)],
            hits=[ScanHit("card number", "555555******4444", HOSTILE)],
        ),
    ]


def written(
    folder: Path, records: list[ScenarioRecord], *, seal: bool = True, unredacted: bool = False, **facts: object
) -> Path:
    """A run in a folder of runs, as the plugin would have recorded it; ``unredacted`` as a broken redactor would."""
    path = store.create(folder, info(**facts))
    stream = store.open_stream(path, "main", alone=True)
    recorder = Recorder(stream, Unredacting() if unredacted else Redactor())
    recorder.run_started([_bare(record) for record in records])
    for record in records:
        if record.verdict is Verdict.NOT_RUN:
            continue
        recorder.scenario_started(_bare(record))
        for one in record.exchanges:
            recorder.exchange(one)
        for one in record.receipts:
            recorder.receipt(one)
        recorder.journal(record.journal)
        for one in record.readings:
            recorder.step = one.step
            recorder.reading(one.probe, one.value)
        for one in record.hits:
            recorder.hit(one)
        recorder.scenario_finished(record)
    recorder.run_finished()
    stream.close()
    if seal:
        store.seal(path)
    return path


class Unredacting(Redactor):
    """A redactor with a hole as large as itself."""

    def text(self, text: str) -> str:
        return text


def _bare(record: ScenarioRecord) -> ScenarioRecord:
    return msgspec.structs.replace(
        record, exchanges=[], receipts=[], journal=[], readings=[], hits=[], verdict=Verdict.NOT_RUN, reason=None
    )


def many(count: int = 150) -> list[ScenarioRecord]:
    """A suite of the size that the product ships, with long bodies and many calls."""
    risks = ("payments", "refunds", "disputes", "webhooks", "integrity", "card_data", "environment")
    body = intent(padding=[{"id": f"ch_{i}", "note": "settled"} for i in range(60)])
    long = Message(headers={"content-type": "application/json"}, body=body, size=len(body))
    return [
        scenario(
            number,
            Verdict.FAILED if number % 50 == 0 else Verdict.PASSED,
            f"features/{risks[number % len(risks)]}/part_{number % 3}.feature",
            f"Promise {number} is kept",
            exchanges=[exchange(i % 4, number * 900 + i * 10, response=long, status=200) for i in range(12)],
            receipts=[receipt(f"evt_{number}_{i}", number * 900 + i * 25) for i in range(6)],
        )
        for number in range(1, count + 1)
    ]
