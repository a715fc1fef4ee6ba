"""Proves that scenarios can fail: each red twin turns the scenario named for its defect red, the reference stays green.

Twins run beside each other, each in a run of its own (``runs/proof/W17/``, ``runs/proof/W17-paypal/``), the reference
once for all scenarios of a provider (``runs/proof/reference-stripe/``). Each is an ordinary run, started as anybody
starts one: the harness with a target profile, and the one provider that the twin is for.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from harness import resources
from harness.domain.providers import Provider
from harness.domain.verdicts import HarnessError, Verdict
from harness.proof import model, twins
from harness.proof.defects import catalogue
from harness.proof.model import Outcome, Proof, ProofResult, Seen
from harness.proof.session import Session, SessionError, Sessions
from harness.proof.twins import Twin
from harness.record.model import ScenarioRecord

FOLDER = "proof"
"""Folder of the proofs' runs, below that of all runs."""
REFERENCE = "reference"

_RED = (Verdict.FAILED, Verdict.TARGET_DEAD)
_START_SECONDS, _SCENARIO_SECONDS = 90.0, 30.0


def prove(
    names: Sequence[str] = (),
    *,
    providers: Sequence[Provider] = (),
    runs: Path = Path("runs"),
    workers: int = 2,
    on_result: Callable[[ProofResult, int, int], None] | None = None,
) -> Proof:
    """Prove some twins; the result is kept in ``runs/proof.json``, also by Ctrl-C.

    ``names``: twins (``R08-paypal``) or defects (``R08``: all its twins); none: every twin. ``providers``: only twins
    with these. ``on_result`` is told each result as it comes in, with how many there are by now and how many there
    will be. Raises ``UnknownDefectError``, ``NoTwinError``, ``NoTwinsOfProviderError`` and ``HarnessError`` before
    anything runs.
    """
    chosen = twins.select(names, providers)
    source = _reference_profile()
    started = time.monotonic()
    results: list[ProofResult] = []
    folder = _writable((runs / FOLDER).absolute())
    with tempfile.TemporaryDirectory(prefix="payharness-proof-") as scratch, Sessions() as sessions:
        profiles = {t.name: _write(Path(scratch) / f"{t.name}.toml", twins.profile(t, source)) for t in chosen}
        with ThreadPoolExecutor(workers) as pool:
            try:
                references = {
                    one: pool.submit(_observe, sessions, wanted, REFERENCE, folder / f"{REFERENCE}-{one.value}")
                    for one, wanted in _by_provider(chosen).items()
                }
                jobs: dict[Future[_Observed], Twin] = {
                    pool.submit(_observe, sessions, [t], str(profiles[t.name]), folder / t.name): t for t in chosen
                }
                for job in as_completed(jobs):
                    twin = jobs[job]
                    results.append(_conclude(twin, job.result(), references[twin.provider].result()))
                    if on_result:
                        on_result(results[-1], len(results), len(chosen))
            except BaseException:
                sessions.end()
                pool.shutdown(wait=False, cancel_futures=True)
                _keep(results, started, chosen, runs)
                raise
    return _keep(results, started, chosen, runs)


def _by_provider(chosen: Sequence[Twin]) -> dict[Provider, list[Twin]]:
    found: dict[Provider, list[Twin]] = {}
    for twin in chosen:
        found.setdefault(twin.provider, []).append(twin)
    return found


def _keep(results: list[ProofResult], started: float, chosen: Sequence[Twin], runs: Path) -> Proof:
    """Write down what is known, in the order that was asked for."""
    order = [t.name for t in chosen]
    ranked = sorted(results, key=lambda r: order.index(r.name))
    proof = Proof(made=model.now(), seconds=round(time.monotonic() - started, 1), results=ranked)
    model.write(proof, runs)
    return proof


@dataclass(frozen=True, slots=True)
class _Observed:
    """What one run showed: its scenarios, or why there are none."""

    session: Session | None
    problem: str | None
    seconds: float


def _observe(sessions: Sessions, wanted: Sequence[Twin], target: str, runs: Path) -> _Observed:
    """Run the scenarios of twins with one provider against a target."""
    started = time.monotonic()
    nodes = list(dict.fromkeys(t.node for t in wanted))
    session, problem = None, None
    try:
        within = _START_SECONDS + _SCENARIO_SECONDS * len(nodes)
        session = sessions.run(nodes, target, wanted[0].provider, runs, within=within)
    except SessionError as error:
        problem = str(error)
    return _Observed(session, problem, time.monotonic() - started)


def _conclude(twin: Twin, on_twin: _Observed, on_reference: _Observed) -> ProofResult:
    """Hold a twin's run against the reference's."""
    defect = catalogue()[twin.defect]
    red, green = _rows(twin, on_twin), _rows(twin, on_reference)
    chosen = _telling(twin, red)
    counterpart = next((r for r in green if chosen and r.id == chosen.id), green[0] if green else None)
    outcome, sentence = _judge(twin, chosen, counterpart, on_twin.problem or on_reference.problem)
    return ProofResult(
        defect=twin.defect,
        title=defect.title,
        severity=defect.severity.value,
        scenario=chosen.id if chosen else f"features/{twin.feature} / {twin.scenario}",
        expected=twin.because,
        outcome=outcome,
        sentence=sentence,
        twin=_seen(chosen, on_twin),
        reference=_seen(counterpart, on_reference),
        seconds=round(on_twin.seconds, 1),
        provider=twin.provider,
    )


def _judge(
    twin: Twin, red: ScenarioRecord | None, green: ScenarioRecord | None, problem: str | None
) -> tuple[Outcome, str]:
    if red is None or green is None:
        return Outcome.BROKEN, problem or f"the run holds no scenario {twin.scenario!r} of features/{twin.feature}"
    if green.verdict is not Verdict.PASSED:
        return Outcome.REFERENCE_RED, f"on the reference it is {green.verdict}: {green.reason or 'no reason recorded'}"
    reason = red.reason or "no reason recorded"
    if red.verdict is Verdict.PASSED:
        return Outcome.STAYED_GREEN, "the scenario passes although the defect is there"
    if red.verdict not in _RED:
        return Outcome.BROKEN, f"on the twin it is {red.verdict}: {reason}"
    if not _for_that_reason(twin, red):
        missing = [word for word in twin.because if word.lower() not in reason.lower()]
        return Outcome.OTHER_REASON, f"its reason lacks {', '.join(map(repr, missing))}: {reason}"
    return Outcome.PROVEN, reason


def _rows(twin: Twin, observed: _Observed) -> list[ScenarioRecord]:
    """The rows of a twin's scenario that a run holds."""
    if observed.session is None:
        return []
    return [record for record in observed.session.run.scenarios if twin.is_about(record)]


def _telling(twin: Twin, rows: Sequence[ScenarioRecord]) -> ScenarioRecord | None:
    """The row that says most: red for the expected reason, else red, else any."""
    ranked = sorted(rows, key=lambda r: (not _for_that_reason(twin, r), r.verdict not in _RED))
    return ranked[0] if ranked else None


def _for_that_reason(twin: Twin, record: ScenarioRecord) -> bool:
    reason = (record.reason or "").lower()
    return record.verdict in _RED and all(word.lower() in reason for word in twin.because)


def _seen(record: ScenarioRecord | None, observed: _Observed) -> Seen | None:
    if record is None or observed.session is None:
        return None
    return Seen(
        verdict=record.verdict,
        reason=record.reason,
        run=f"{FOLDER}/{observed.session.run.path.parent.name}/{observed.session.run.path.name}",
        evidence=record.evidence,
        sha256=observed.session.hash_of(record),
        ms=record.ms,
    )


def _reference_profile() -> str:
    path = resources.fixtures() / "targets" / "reference.toml"
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise HarnessError(f"{path} cannot be read ({error.strerror}): twins are started in its place") from error


def _writable(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "writable").touch()
        (folder / "writable").unlink()
    except OSError as error:
        raise HarnessError(
            f"{folder} cannot be written ({error.strerror}): name another folder with --run-dir"
        ) from error
    return folder


def _write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path
