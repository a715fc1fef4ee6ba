"""Processes that the harness starts: guarded, ready when they say so, their output kept in files.

A process ends with the harness, however that ends (``guard``). It says that it is ready with one JSON object on a line
of its own on standard output (``Ready.LINE``), by ending well (``Ready.EXIT``), or need not say so (``Ready.NONE``).
Standard output and error go straight to files: nothing has to pump them, they survive a crash of the harness, and they
are traces that a scenario may search.

    ProcessError
     +-- NotReady      it ended, or fell silent, before it was ready; the message carries the tail of what it said
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

_GUARD = Path(__file__).resolve().parent / "guard.py"
_LOOK = 0.01
"""Seconds between two looks at a process that is starting or ending."""
_PORTS = range(20_000, 32_000)
"""Below the range that systems hand out for outgoing connections: nobody takes a port between choice and use."""


class Ready(StrEnum):
    """How a process shows that it is ready."""

    LINE = "line"
    EXIT = "exit"
    NONE = "none"


class ProcessError(Exception):
    """A process of ours did not do as it should."""


class NotReady(ProcessError):  # noqa: N818 - says what is the matter
    """It ended, or fell silent, before it was ready."""

    def __init__(self, message: str, exit_code: int | None) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Process:
    """One process: started once; ``ready`` holds the fields of its ready line."""

    def __init__(
        self, name: str, command: Sequence[str], env: Mapping[str, str], folder: Path, *, cwd: str | None = None
    ) -> None:
        self.name = name
        self.command = list(command)
        self.env = dict(env)
        self.cwd = cwd or None
        self.ready: dict[str, Any] = {}
        folder.mkdir(parents=True, exist_ok=True)
        self.stdout = folder / f"{name}.out.log"
        self.stderr = folder / f"{name}.err.log"
        self._popen: subprocess.Popen[bytes] | None = None
        self._out_start = 0

    @property
    def pid(self) -> int | None:
        """Id of the running process, ``None`` before the start."""
        return self._popen.pid if self._popen else None

    @property
    def exit_code(self) -> int | None:
        """``None`` while it runs (or was never started); negative for a signal."""
        return self._popen.poll() if self._popen else None

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._popen is not None and self._popen.poll() is None

    def spawn(self) -> None:
        """Start it, in a process group of its own."""
        guarded = [sys.executable, "-I", "-S", str(_GUARD), str(os.getpid()), *self.command]
        with self.stdout.open("ab") as out, self.stderr.open("ab") as err:
            self._out_start = out.tell()
            self._popen = subprocess.Popen(
                guarded,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=self.env,
                cwd=self.cwd,
                start_new_session=True,
            )

    async def until_ready(self, how: Ready, within: float) -> dict[str, Any]:
        """Wait until it is ready; raise ``NotReady`` when it ends first or is silent for ``within`` seconds."""
        deadline = time.monotonic() + within
        while not self._is_ready(how):
            if self.exit_code is not None:
                raise NotReady(
                    f"{self.name} ended with {self._ending()} before it was ready. {self.said()}", self.exit_code
                )
            if time.monotonic() > deadline:
                raise NotReady(f"{self.name} was not ready within {within:g} s. {self.said()}", None)
            await asyncio.sleep(_LOOK)
        return self.ready

    def _is_ready(self, how: Ready) -> bool:
        if how is Ready.EXIT:
            return self.exit_code == 0
        if how is Ready.NONE:
            return self.exit_code is None
        found = self._ready_line()
        self.ready = found or {}
        return found is not None

    def _ready_line(self) -> dict[str, Any] | None:
        with self.stdout.open("rb") as out:
            out.seek(self._out_start)
            lines = out.read().split(b"\n")[:-1]
        for line in lines:
            if line.startswith(b"{"):
                try:
                    found = json.loads(line)
                except ValueError:
                    continue
                if isinstance(found, dict):
                    return found
        return None

    def kill(self) -> None:
        """End it at once (SIGKILL), itself only, as when the kernel of a machine kills one process."""
        if self.running and self._popen:
            self._popen.kill()
            self._popen.wait()

    async def stop(self, within: float = 10) -> None:
        """Ask it to end (SIGTERM); after ``within`` seconds end its whole group."""
        if not self._popen:
            return
        if self.running:
            self._popen.terminate()
            deadline = time.monotonic() + within
            while self.running and time.monotonic() < deadline:  # noqa: ASYNC110 - nothing signals the end of a Popen
                await asyncio.sleep(_LOOK)
        self.end_group()

    def end_group(self) -> None:
        """End whatever is left of its process group."""
        if self._popen:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._popen.pid, signal.SIGKILL)
            self._popen.wait()

    def said(self, lines: int = 8) -> str:
        """The tail of what it wrote, as a phrase for an error."""
        for path in (self.stderr, self.stdout):
            tail = tail_of(path, lines)
            if tail:
                return f"The last it said ({path}):\n{tail}"
        return "It said nothing."

    def _ending(self) -> str:
        code = self.exit_code or 0
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def tail_of(path: Path, lines: int = 8, limit: int = 8192) -> str:
    """The last lines of a text file; empty where there is no such file."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - limit))
        text = file.read().decode("utf-8", "replace")
    return "\n".join(text.rstrip().splitlines()[-lines:])


def free_port() -> int:
    """A loopback port that nobody listens on now, from a range that outgoing connections do not take."""
    for port in random.sample(_PORTS, 200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise ProcessError(f"no free port between {_PORTS.start} and {_PORTS.stop} on 127.0.0.1; end what holds them")
