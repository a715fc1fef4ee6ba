"""Starting a target: its processes side by side as soon as nothing they name is missing, and ending them again.

The context holds what braces in a profile may name. Values arrive while the launch is under way (the provider's
address and keys, the ready lines of other processes); a process starts once every name in its command and settings is
known.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.domain.verdicts import NotApplicable, TargetDead
from harness.processes import NotReady, Process, free_port
from harness.targets import template
from harness.targets.profile import Launch, ProcessSpec, Profile, ProfileError

_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH", "SYSTEMROOT", "USER")
"""All that a target gets from the environment of the harness; what else it needs stands in its profile."""
_LOOPBACK = "127.0.0.1,localhost,::1"


class Context:
    """What braces may name, some of it known only later."""

    def __init__(self, profile: Profile, folder: Path, run: str = "") -> None:
        self._profile = profile
        self._known: dict[str, Any] = {
            "python": sys.executable,
            "folder": str(folder),
            "port": free_port(),
            "run": run,
            "env": os.environ,
        }
        self._random: dict[str, str] = {}
        self._arrivals: dict[str, asyncio.Event] = {}

    def provide(self, name: str, value: Any) -> None:
        """Make a name known; whoever waits for it goes on."""
        self._known[name] = value
        if name in self._arrivals:
            self._arrivals[name].set()

    def forget(self, name: str) -> None:
        """A process has ended: what its ready line said no longer holds."""
        self._known.pop(name, None)
        self._arrivals.pop(name, None)

    async def until_known(self, names: set[str]) -> None:
        """Wait until all of these first parts of names are known."""
        for name in names:
            if name not in self._known:
                await self._arrivals.setdefault(name, asyncio.Event()).wait()

    def look(self, name: str, extra: Mapping[str, Any] | None = None) -> Any:
        """The value of a dotted name, in ``extra`` first; ``template.ABSENT`` where there is none."""
        if extra and name in extra:
            return template.ABSENT if extra[name] is None else extra[name]
        first, _, rest = name.partition(".")
        if first == "random":
            return self._random.setdefault(rest, secrets.token_hex(16))
        if name == "base_url":
            return self.fill(self._profile.target.base_url)
        if name in self._profile.values:
            return self.fill(self._profile.values[name])
        return template.within(self._known)(name)

    def fill(self, text: Any, extra: Mapping[str, Any] | None = None) -> Any:
        """A template with its names replaced; an unknown one is an error of the profile."""
        try:
            return template.fill(text, lambda name: self.look(name, extra))
        except template.MissingValueError as error:
            hint = (
                f"set the environment variable {error.name[4:]}" if error.name.startswith("env.") else "check the name"
            )
            raise ProfileError(f"{self._profile.file}: {error} in {str(text)[:80]!r}; {hint}") from error

    def copy(self, **changes: Any) -> Context:
        """The same names with some changed; for a process beside the running one."""
        other = object.__new__(Context)
        other.__dict__ = {**self.__dict__, "_known": {**self._known, **changes}}
        return other


class Launched:
    """The processes of one target."""

    def __init__(self, profile: Profile, launch: Launch, context: Context, folder: Path) -> None:
        self._profile, self._context, self.folder = profile, context, folder
        self._specs = {spec.name: spec for spec in launch.processes}
        self._ready = {spec.name: asyncio.Event() for spec in launch.processes}
        self.hung = False
        """Whether it was seen to answer nothing; the next ``restore`` starts it anew."""
        self.processes: dict[str, list[Process]] = {spec.name: [] for spec in launch.processes}

    async def start_all(self) -> None:
        """Start every process; raises ``TargetDead`` with the tail of its log when one does not become ready."""
        tasks = [asyncio.create_task(self._start_when_possible(spec)) for spec in self._specs.values()]
        try:
            await asyncio.gather(*tasks)
        except BaseException:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.stop_all()
            raise

    async def _start_when_possible(self, spec: ProcessSpec) -> None:
        for other in spec.after:
            await self._ready[other].wait()
        used = {name.split(".")[0] for name in template.names([*spec.command, *spec.env.values(), spec.cwd])}
        await self._context.until_known(used - set(self._profile.values) - {"random", "base_url"})
        await self.start(spec.name)

    def spec(self, name: str) -> ProcessSpec:
        """A process by name; ``NotApplicable`` where the target has none of it."""
        if name not in self._specs:
            known = ", ".join(self._specs)
            raise NotApplicable(f"the target has no process {name!r} of its own (its processes: {known})")
        return self._specs[name]

    async def start(self, name: str) -> Process:
        """Start one process (one more, where it already runs) and wait until it is ready."""
        spec = self.spec(name)
        running = self.processes[name]
        label = name if not running else f"{name}-{len(running) + 1}"
        process = self.make(spec, self._context, label)
        running.append(process)
        process.spawn()
        try:
            ready = await process.until_ready(spec.ready, spec.within)
        except NotReady as error:
            raise TargetDead(f"the target {self._profile.target.name!r} did not start: {error}") from error
        self._context.provide(name, {**ready, "stdout": str(process.stdout), "stderr": str(process.stderr)})
        self._ready[name].set()
        return process

    def make(
        self, spec: ProcessSpec, context: Context, label: str, settings: Mapping[str, str | None] | None = None
    ) -> Process:
        """A process as the profile describes it, not yet started; ``settings`` override its environment."""
        env = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        env |= {"NO_PROXY": _LOOPBACK, "no_proxy": _LOOPBACK, "PYTHONUNBUFFERED": "1"}
        env |= {name: str(value) for name, value in context.fill(spec.env).items()}
        for name, value in (settings or {}).items():
            env.pop(name, None)
            if value is not None:
                env[name] = value
        cwd = context.fill(spec.cwd) or None
        if cwd:
            Path(cwd).mkdir(parents=True, exist_ok=True)
        command = [str(part) for part in context.fill(spec.command)]
        return Process(label, command, env, self.folder / "logs", cwd=cwd)

    def settings(self, name: str) -> dict[str, str]:
        """The settings of the profile that a process is started with, filled (secrets included: do not print)."""
        return {variable: str(value) for variable, value in self._context.fill(self.spec(name).env).items()}

    def kill(self, name: str) -> int:
        """Kill every process of a name at once; returns how many there were."""
        self.spec(name)
        running = [process for process in self.processes[name] if process.running]
        for process in running:
            process.kill()
        self.processes[name].clear()
        return len(running)

    async def stop(self, name: str) -> None:
        """Ask every process of a name to end, and wait."""
        spec = self.spec(name)
        await asyncio.gather(*(process.stop(spec.stop_within) for process in self.processes[name]))
        self.processes[name].clear()

    def dead(self) -> list[Process]:
        """Processes that should run and do not."""
        return [
            process
            for name, spec in self._specs.items()
            if spec.ready != "exit"
            for process in self.processes[name]
            if not process.running
        ]

    def missing(self) -> list[str]:
        """Names of the processes of which none runs, though the profile starts one; in the profile's order."""
        return [
            name
            for name, spec in self._specs.items()
            if spec.ready != "exit" and not any(process.running for process in self.processes[name])
        ]

    async def restore(self) -> list[str]:
        """Bring the target back to one running process of each name; returns the names that were started again."""
        if self.hung:
            return await self._start_anew()
        for name, spec in self._specs.items():
            running = self.processes[name]
            if spec.ready == "exit":
                continue
            for process in [one for one in running if not one.running]:
                process.end_group()
                running.remove(process)
            for process in running[1:]:
                await process.stop(spec.stop_within)
                running.remove(process)
        started = self.missing()
        for name in started:
            await self.start(name)
        return started

    async def _start_anew(self) -> list[str]:
        """End every process, at once where it does not listen, and start all of them again."""
        for name in reversed(self._specs):
            await asyncio.gather(*(process.stop(1) for process in self.processes[name]))
            self.processes[name].clear()
            self._context.forget(name)
            self._ready[name].clear()
        self.hung = False
        await self.start_all()
        return list(self._specs)

    async def stop_all(self) -> None:
        """End every process, those that others lean on last."""
        for name in reversed(self._specs):
            await self.stop(name)
