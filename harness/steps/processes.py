"""The target's processes as a scenario sees them: alive or not, and what comes of starting one with other settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.domain.verdicts import TargetDead
from harness.processes import NotReady, Process, free_port
from harness.targets import HttpTarget

if TYPE_CHECKING:
    from harness.steps.world import World


@dataclass(frozen=True, slots=True)
class LaunchOutcome:
    """What came of starting the target with other settings: it was ready, or ended with ``exit_code``, and said so."""

    ready: bool
    exit_code: int | None
    stdout: str
    stderr: str

    @property
    def sentence(self) -> str:
        """The last line on standard error, which should be the one clear sentence."""
        lines = [line for line in self.stderr.splitlines() if line.strip()]
        return lines[-1].strip() if lines else ""


async def launch_variant(
    target: HttpTarget, settings: Mapping[str, str | None], process: str, within: float
) -> LaunchOutcome:
    """Start a process of the target on another port with other settings, see what comes of it, and end it."""
    launched = target.process()
    spec = launched.spec(process)
    variant: Process = launched.make(spec, target.context.copy(port=free_port()), f"{process}-variant", settings)
    for left in (variant.stdout, variant.stderr):
        left.unlink(missing_ok=True)
    variant.spawn()
    try:
        await variant.until_ready(spec.ready, within)
        ready = True
    except NotReady:
        ready = False
    finally:
        code = variant.exit_code
        await variant.stop(spec.stop_within)
    said = [path.read_text("utf-8", "replace") if path.is_file() else "" for path in (variant.stdout, variant.stderr)]
    return LaunchOutcome(ready, code, said[0], said[1])


async def alive(world: World) -> bool:
    """Whether every process of the target runs and it answers its health operation."""
    target = world.target
    if target.launched and (target.launched.dead() or target.launched.missing()):
        return False
    operation = next((name for name in ("health", "list_goods") if name in target.operations), None)
    if operation is None:
        return True
    try:
        answer = await target.run(operation, actor="probe")
    except TargetDead:
        return False
    return answer.ok


def works(world: World) -> bool:
    """Whether anybody can work on what the target has accepted: its workers run, as far as we know of them."""
    launched = world.target.launched
    if launched is None or "worker" not in launched.processes:
        return True
    return any(process.running for process in launched.processes["worker"])
