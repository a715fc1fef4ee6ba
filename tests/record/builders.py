"""Small runs to test the run store with."""

from harness.domain.verdicts import StepStatus, Verdict
from harness.record import store
from harness.record.model import (
    Exchange,
    JournalEntry,
    Message,
    Receipt,
    RunInfo,
    ScanHit,
    ScenarioRecord,
    StepRow,
)
from harness.record.redaction import Redactor
from harness.record.writer import Recorder


def build_info(**changes):
    facts = {"id": "", "started": "", "target": "reference", "providers": ["stripe"], "mode": "simulated"}
    return RunInfo(**{**facts, "arguments": ["features"], "versions": {"python": "3.11.7"}, **changes})


def build_scenario(name="An order is paid", steps=2, **changes):
    return ScenarioRecord(
        id=f"features/payments/orders.feature / {name} [stripe]",
        feature="features/payments/orders.feature",
        feature_title="Orders",
        rule=None,
        name=name,
        example={},
        provider="stripe",
        tags=["payments"],
        steps=[StepRow("Given", f"step {number}", line=number + 3) for number in range(steps)],
        **changes,
    )


def record_scenario(recorder, scenario, verdict=Verdict.PASSED):
    """Everything that a scenario can record, once."""
    recorder.scenario_started(scenario)
    for index, row in enumerate(scenario.steps):
        recorder.step = index
        recorder.exchange(
            Exchange(
                actor="shopper",
                method="POST",
                url="http://127.0.0.1/orders",
                request=Message({"Authorization": "Bearer ot_secret1234"}, '{"number": "4242424242424242"}'),
                response=Message({}, "{}"),
                status=201,
                ms=1.5,
            )
        )
        row.status, row.ms = StepStatus.PASSED, 2.0
        recorder.step_finished(index, row)
    recorder.receipt(Receipt("evt_1", "payment_intent.succeeded", "stripe", "as sent", 200))
    recorder.journal([JournalEntry(1, "2026-11-23T16:00:00.000000Z", "POST", "/v1/payment_intents", 200)])
    recorder.reading("order", {"state": "paid"})
    recorder.hit(ScanHit("card number", "424242******4242", "log"))
    recorder.note("it is done", count=1)
    scenario.verdict, scenario.ms = verdict, 4.0
    recorder.scenario_finished(scenario)


def begin(folder, *, worker="main", alone=True, run=None, planned=()):
    """A run that is under way: its folder, stream and recorder."""
    run = run or store.create(folder, build_info())
    stream = store.open_stream(run, worker, alone=alone)
    recorder = Recorder(stream, Redactor())
    recorder.run_started(planned)
    return run, stream, recorder


def build_run(folder, names=("An order is paid", "An order is refunded")):
    """A run that was sealed."""
    scenarios = [build_scenario(name) for name in names]
    run, stream, recorder = begin(folder, planned=[build_scenario(name) for name in names])
    for scenario in scenarios:
        record_scenario(recorder, scenario)
    recorder.run_finished()
    stream.close()
    store.seal(run)
    return run
