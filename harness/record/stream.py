"""An append-only file of events, each line chained to the one before it by SHA-256.

A line is handed to the operating system whole, before the call returns: a process that is killed loses nothing that it
recorded. While a stream is open its file is locked, so that nobody seals a run that is still under way.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from harness.domain.verdicts import HarnessError
from harness.record.model import Event, Line

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has no flock; a run under way is not noticed there
    fcntl = None  # type: ignore[assignment]  # the name must exist

E = TypeVar("E", Event, Line)

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}


class StoreError(HarnessError):
    """The run store could not be read or written; the message says where, and the next move."""


def now() -> str:
    """This moment as events write it: UTC, ISO 8601, microseconds; texts sort as their times do."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def explain(error: OSError, path: Path) -> StoreError:
    """The sentence for what the operating system refused."""
    if error.errno in _FULL:
        return StoreError(f"the disk that holds {path} is full: free some space; what was recorded until now is kept")
    if error.errno in _DENIED:
        return StoreError(f"{path} cannot be written ({error.strerror}): choose another folder with --run-dir")
    return StoreError(f"{path} cannot be used ({error.strerror or error}): choose another folder with --run-dir")


class Stream:
    """One process's events of a run.

    ``start`` is the hash that the first line chains to: that of ``run.json`` as it was when the run began.
    """

    def __init__(self, path: Path, worker: str, start: str) -> None:
        self.path = path
        self.worker = worker
        self.error: StoreError | None = None
        self._prev = start
        self._seq = 0
        self._size = 0
        self._at = ""
        self._lock = threading.Lock()
        try:
            self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        except OSError as error:
            raise explain(error, path) from error
        if fcntl is not None:
            fcntl.flock(self._fd, fcntl.LOCK_EX)

    def append(self, kind: str, scenario: str | None, data: Any) -> Event:
        """Write one event; raises ``StoreError`` (again and again, once it has) where it cannot be kept."""
        with self._lock:
            if self.error is not None:
                raise self.error
            self._at = max(self._at, now())
            event = Event(self._seq + 1, self._at, kind, scenario, self.worker, self._prev, data)
            line = msgspec.json.encode(event)
            self._write(line + b"\n")
            self._seq += 1
            self._prev = digest(line)
            return event

    def close(self) -> None:
        """Bring the file to disk and give up the lock; closing twice does nothing."""
        with self._lock:
            fd, self._fd = self._fd, -1
            if fd >= 0:
                with contextlib.suppress(OSError):
                    os.fsync(fd)
                os.close(fd)
                self.error = self.error or StoreError(f"{self.path} is closed: its run has ended")

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._fd, rest) :]
        except OSError as error:
            # Half a line would make the chain end in a riddle; the file goes back to its last whole line.
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, self._size)
            self.error = explain(error, self.path)
            raise self.error from error
        self._size += len(data)


def lines(path: Path) -> Iterator[bytes]:
    """Whole lines of a stream, without their line ends; half a line at the end (a crash in mid-write) is left out."""
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield line[:-1]


def read(path: Path) -> Iterator[Event]:
    """Events of a stream, oldest first; raises ``StoreError`` naming the line that is not one."""
    return _decoded(path, msgspec.json.Decoder(Event))


def read_lines(path: Path) -> Iterator[Line]:
    """The same with ``data`` as it stands in the file: five times as fast where it is not needed, or decoded later."""
    return _decoded(path, msgspec.json.Decoder(Line))


def _decoded(path: Path, decoder: msgspec.json.Decoder[E]) -> Iterator[E]:
    for number, line in enumerate(lines(path), 1):
        try:
            yield decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise StoreError(f"{path}:{number} is not an event ({error}): the file was changed or damaged") from error


def is_open(path: Path) -> bool:
    """Whether a live process still writes to a stream."""
    if fcntl is None:
        return False
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False
