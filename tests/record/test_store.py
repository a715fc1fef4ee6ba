"""A run keeps everything that was recorded, however it ends."""

import json
import os
import resource
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import msgspec
import pytest
from builders import begin, build_info, build_run, build_scenario, record_scenario

from harness.domain.ids import is_run_id
from harness.domain.verdicts import StepStatus, Verdict
from harness.record import manifest, store, stream
from harness.record.model import Event, Exchange, JournalEntry, Message
from harness.record.reader import Run
from harness.record.stream import StoreError, Stream


def test_a_run_reads_back_as_it_was_recorded(tmp_path):
    run = Run.load(build_run(tmp_path))
    assert [one.name for one in run.scenarios] == ["An order is paid", "An order is refunded"]
    one = run.scenarios[0]
    assert (one.verdict, one.ms, one.evidence) == (Verdict.PASSED, 4.0, "EV-0001")
    assert [row.status for row in one.steps] == [StepStatus.PASSED] * 2
    assert [e.step for e in one.exchanges] == [0, 1]
    assert [r.event_id for r in one.receipts] == ["evt_1"]
    assert [j.path for j in one.journal] == ["/v1/payment_intents"]
    assert [r.value for r in one.readings] == [{"state": "paid"}]
    assert [h.place for h in one.hits] == ["log"]
    assert run.info.finished
    assert not run.info.interrupted


def test_nothing_secret_is_on_disk(tmp_path):
    run = build_run(tmp_path)
    everything = b"".join(path.read_bytes() for path in run.rglob("*") if path.is_file())
    assert b"4242424242424242" not in everything
    assert b"ot_secret1234" not in everything
    assert b"424242******4242" in everything


def test_runs_have_unique_ids_in_order_of_time(tmp_path):
    made = [store.create(tmp_path, build_info()) for _ in range(20)]
    assert len({path.name for path in made}) == 20
    assert all(is_run_id(path.name) for path in made)
    assert store.find(None, tmp_path) == max(made)


def test_a_run_is_found_by_id_by_path_or_as_the_last(tmp_path):
    run = build_run(tmp_path)
    assert (
        store.find(run.name, tmp_path) == store.find(run) == store.find(str(run)) == store.find(None, tmp_path) == run
    )


def test_an_unknown_run_names_the_nearest(tmp_path):
    run = build_run(tmp_path)
    wrong = run.name[:-1] + ("0" if run.name[-1] != "0" else "1")
    with pytest.raises(StoreError, match=f"there is no run {wrong} in .*: the nearest is {run.name}"):
        Run.load(wrong, tmp_path)


@pytest.mark.parametrize("which", ["../../etc", "/etc", "..", "20260101T000000Z-abcdef/../../x", "nothing"])
def test_what_is_no_run_is_refused_with_a_sentence(tmp_path, which):
    with pytest.raises(StoreError, match=r"is not a run: name a run id, or a folder that holds run\.json"):
        Run.load(which, tmp_path)


def test_a_folder_without_runs_says_how_to_make_one(tmp_path):
    with pytest.raises(StoreError, match="make one with `payharness run`"):
        Run.load(None, tmp_path / "runs")


def test_each_run_names_the_manifest_of_the_one_before(tmp_path):
    first, second = build_run(tmp_path), build_run(tmp_path)
    assert store.read_info(first).previous is None
    assert store.read_info(second).previous == manifest.hash_of(first)
    assert Run.load(second).manifest.previous == manifest.hash_of(first)


# several workers


def test_streams_of_workers_are_merged_in_order_of_time_under_one_chain(tmp_path):
    run = store.create(tmp_path, build_info(workers=2))
    parts = [begin(tmp_path, worker=name, alone=False, run=run) for name in ("gw0", "gw1")]
    for number in range(6):
        record_scenario(parts[number % 2][2], build_scenario(f"number {number}"))
    for _, part, _ in parts:
        part.close()
    store.seal(run)
    lines = (run / "events.ndjson").read_bytes().splitlines()
    events = [msgspec.json.decode(line, type=Event) for line in lines]
    assert [event.seq for event in events] == list(range(1, len(lines) + 1))
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert [event.prev for event in events[1:]] == [stream.digest(line) for line in lines[:-1]]
    assert events[0].prev == store.start_hash(store.read_info(run))
    assert {event.worker for event in events} == {"gw0", "gw1"}
    assert not list(run.glob("events.*.ndjson"))


def test_evidence_has_the_same_ids_however_scenarios_were_shared(tmp_path):
    names = [f"number {number}" for number in range(5)]
    alone = Run.load(build_run(tmp_path / "a", names))
    run = store.create(tmp_path / "b", build_info(workers=2))
    parts = [begin(tmp_path, worker=name, alone=False, run=run) for name in ("gw0", "gw1")]
    for number, name in reversed(list(enumerate(names))):
        record_scenario(parts[number % 2][2], build_scenario(name))
    for _, part, _ in parts:
        part.close()
    store.seal(run)
    ids = [{one.id: one.evidence for one in run.scenarios} for run in (alone, Run.load(run))]
    assert ids[0] == ids[1]


def test_sealing_that_was_cut_short_after_the_merge_loses_and_doubles_nothing(tmp_path):
    run, part, recorder = begin(tmp_path, worker="gw0", alone=False)
    record_scenario(recorder, build_scenario())
    part.close()
    left_over = (run / "events.gw0.ndjson").read_bytes()
    store.seal(run)
    (run / manifest.NAME).unlink()
    (run / "events.gw0.ndjson").write_bytes(left_over)
    before = (run / "events.ndjson").read_bytes()
    store.seal(run)
    assert (run / "events.ndjson").read_bytes() == before
    assert not (run / "events.gw0.ndjson").exists()
    assert len(Run.load(run).scenarios) == 1


# runs that are cut short

KILLED = """
    import os, signal, sys
    from pathlib import Path
    sys.path.insert(0, {tests!r})
    from builders import begin, build_scenario, record_scenario
    planned = [build_scenario(name) for name in ("done", "half", "never")]
    run, stream, recorder = begin(Path({folder!r}), planned=planned)
    record_scenario(recorder, build_scenario("done"))
    half = build_scenario("half")
    recorder.scenario_started(half)
    recorder.step_finished(0, half.steps[0])
    os.kill(os.getpid(), signal.SIGKILL)
"""


def killed_run(folder):
    code = textwrap.dedent(KILLED).format(tests=str(Path(__file__).parent), folder=str(folder))
    ended = subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[2])
    assert ended.returncode == -signal.SIGKILL
    return store.find(None, folder)


def test_a_run_that_was_killed_is_readable(tmp_path):
    run = Run.load(killed_run(tmp_path))
    verdicts = {one.name: one.verdict for one in run.scenarios}
    assert verdicts == {"done": Verdict.PASSED, "half": Verdict.BROKEN, "never": Verdict.NOT_RUN}
    reasons = {one.name: one.reason for one in run.scenarios}
    assert reasons["half"] == "the run ended while this scenario was running"
    assert reasons["never"] == "the run ended before this scenario began"
    assert len(run.scenarios[0].exchanges) == 2
    assert run.info.interrupted
    assert run.manifest is None


def test_a_run_that_was_killed_is_sealed_as_it_is_found(tmp_path):
    run = killed_run(tmp_path)
    before = (run / "events.ndjson").read_bytes()
    store.seal(run, interrupted=True)
    assert (run / "events.ndjson").read_bytes() == before
    assert Run.load(run).info.interrupted
    assert [one.name for one in Run.load(run).scenarios] == ["done", "half", "never"]


def test_half_a_line_at_the_end_is_left_out(tmp_path):
    run = killed_run(tmp_path)
    with (run / "events.ndjson").open("ab") as file:
        file.write(b'{"seq": 99, "at": "20')
    assert len(Run.load(run).scenarios) == 3


def test_a_run_that_is_under_way_is_not_sealed(tmp_path):
    run, going, _ = begin(tmp_path)
    with pytest.raises(StoreError, match="is still under way"):
        store.seal(run)
    going.close()
    store.seal(run)


def test_a_damaged_line_is_named(tmp_path):
    run = killed_run(tmp_path)
    lines = (run / "events.ndjson").read_bytes().splitlines(keepends=True)
    (run / "events.ndjson").write_bytes(b"".join([lines[0], b"rubbish\n", *lines[1:]]))
    with pytest.raises(StoreError, match=r"events\.ndjson:2 is not an event .*: the file was changed or damaged"):
        Run.load(run)


# disks that refuse


def test_a_full_disk_ends_in_a_sentence_and_keeps_every_line_before(tmp_path):
    run, full, recorder = begin(tmp_path)
    record_scenario(recorder, build_scenario("before"))
    size = (run / "events.ndjson").stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, hard))
    try:
        with pytest.raises(StoreError, match=r"the disk that holds .* is full: free some space; .* is kept"):
            recorder.note("x" * 500)
        with pytest.raises(StoreError, match="is full"):
            recorder.note("it stays full")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    full.close()
    assert (run / "events.ndjson").stat().st_size == size
    assert [one.verdict for one in Run.load(run).scenarios] == [Verdict.PASSED]


def test_a_device_that_is_full_is_named(tmp_path):
    link = tmp_path / "events.ndjson"
    full = Stream(link, "main", "0" * 64)
    os.dup2(os.open("/dev/full", os.O_WRONLY), full._fd)
    with pytest.raises(StoreError, match=r"the disk that holds .*events\.ndjson is full"):
        full.append("note", None, {})
    full.close()


def test_a_run_folder_that_is_a_file_is_refused_with_the_next_move(tmp_path):
    (tmp_path / "runs").write_text("")
    with pytest.raises(StoreError, match=r"runs cannot be used \(.*\): choose another folder with --run-dir"):
        store.create(tmp_path / "runs", build_info())


def test_a_run_folder_that_may_not_be_written_is_refused_with_the_next_move(tmp_path):
    tmp_path.chmod(0o500)
    folder = Path("/sys/kernel") if os.geteuid() == 0 else tmp_path  # root may write everywhere else
    with pytest.raises(StoreError, match=r"cannot be (written|used) \(.*\): choose another folder with --run-dir"):
        store.create(folder / "runs", build_info())


def test_a_closed_stream_says_so(tmp_path):
    _, closed, recorder = begin(tmp_path)
    closed.close()
    with pytest.raises(StoreError, match="its run has ended"):
        recorder.note("too late")


# bodies


def test_a_body_is_cut_after_it_was_redacted_and_keeps_its_size(tmp_path):
    run, cut, recorder = begin(tmp_path)
    scenario = build_scenario()
    recorder.scenario_started(scenario)
    body = "x " * (8 * 1024 - 4) + "4242424242424242" + " y" * 100_000
    recorder.exchange(Exchange("attacker", "POST", "http://127.0.0.1/", Message({}, body)))
    cut.close()
    request = Run.load(run).scenarios[0].exchanges[0].request
    assert len(request.body) == 16 * 1024
    assert "42424242424" not in request.body
    assert request.body.endswith("424242**")
    assert request.size == len(body)


def test_what_is_recorded_outside_scenarios_stays_in_the_stream(tmp_path):
    run, going, recorder = begin(tmp_path)
    recorder.note("the target is starting")
    going.close()
    kinds = [(event.kind, event.scenario) for event in Run.load(run).events()]
    assert kinds == [("run.started", None), ("note", None)]


def test_a_line_of_events_is_what_the_architecture_says(tmp_path):
    lines = (build_run(tmp_path) / "events.ndjson").read_text().splitlines()
    kinds = {json.loads(line)["kind"] for line in lines}
    assert all(set(json.loads(line)) == {"seq", "at", "kind", "scenario", "worker", "prev", "data"} for line in lines)
    ends = {"started", "finished"}
    seen = {"exchange", "receipt", "journal", "reading", "hit", "note"}
    assert kinds == {f"{what}.{end}" for what in ("run", "scenario") for end in ends} | seen | {"step.finished"}


def test_what_a_scenario_keeps_is_kept_out_for_the_whole_run(tmp_path):
    run, going, recorder = begin(tmp_path)
    for number in range(300):
        recorder.scenario_started(build_scenario(f"Scenario {number}"))
        recorder.keep(f"canary-of-number-{number:03d}", "token")
        recorder.scenario_finished(build_scenario(f"Scenario {number}"))
    recorder.note("a log that is read late: canary-of-number-000 canary-of-number-299")
    going.close()
    assert list(Run.load(run).events())[-1].data == {"text": "a log that is read late: [token] [token]"}


def test_a_card_code_that_equals_a_number_of_the_record_does_not_make_it_unreadable(tmp_path):
    run, under_way, recorder = begin(tmp_path)
    for code in ("200", "201", "737"):
        recorder.keep(code, "security code")
    scenario = build_scenario(steps=2)
    for row in scenario.steps:
        row.line = 737
    record_scenario(recorder, scenario)
    recorder.scenario_started(build_scenario("Another"))
    recorder.journal([JournalEntry(737, "2026-11-23T16:00:00Z", "POST", "/v1/x", 737, params={"cvc": 737}, ms=737)])
    recorder.reading("code", 737)
    under_way.close()
    store.seal(run)
    records = Run.load(run).scenarios
    entry = next(one for record in records for one in record.journal if one.path == "/v1/x")
    assert (entry.seq, entry.status, entry.ms) == (737, 737, 737)
    assert "737" not in str(entry.params)
    assert "737" not in str([one.value for record in records for one in record.readings])


def test_an_event_that_is_not_of_its_kind_is_named(tmp_path):
    run, under_way, recorder = begin(tmp_path)
    recorder.scenario_started(build_scenario())
    under_way.append("journal", recorder.scenario, {"seq": "x"})
    under_way.close()
    with pytest.raises(StoreError, match=r"event 3 \(journal\) of worker main cannot be read"):
        store.seal(run)
