"""The run store: a folder of runs, each a folder of its own.

    runs/20261123T160203Z-a1b2c3/
        run.json            what was tested, with what
        events.ndjson       every event, chained (events.<worker>.ndjson while several workers write)
        evidence/EV-0001.json   one scenario each
        manifest.json       the seal

``create`` opens a run, ``seal`` closes it: merges the workers' streams, writes the evidence and then the manifest. A
run that was cut short is sealed as it is found, marked interrupted. Nothing is overwritten before its replacement is
complete.
"""

from __future__ import annotations

import contextlib
import difflib
import heapq
import os
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from harness.domain import ids
from harness.record import manifest, stream
from harness.record.assembly import assemble
from harness.record.model import Event, Line, Manifest, RunInfo
from harness.record.stream import StoreError, Stream, digest, explain

EVENTS = "events.ndjson"
EVIDENCE = "evidence"
INFO = "run.json"


def create(folder: Path, info: RunInfo) -> Path:
    """Make the folder of a new run and write its ``run.json``; id, start and link to the run before are filled in here.

    Raises ``StoreError`` where the folder cannot be written.
    """
    started = datetime.now(UTC)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        while True:
            run_id = ids.run_id(started, _token(folder, started))
            try:
                (folder / run_id).mkdir()
                break
            except FileExistsError:
                continue
        run = folder / run_id
        text = f"{started:%Y-%m-%dT%H:%M:%S.%f}Z"
        info = msgspec.structs.replace(info, id=run_id, started=text, previous=last_seal(folder))
        (run / INFO).write_bytes(encode_info(info))
    except OSError as error:
        raise explain(error, folder) from error
    return run


def open_stream(run: Path, worker: str, *, alone: bool) -> Stream:
    """Begin the stream of one process; ``alone`` when it is the only one of its run."""
    name = EVENTS if alone else f"events.{worker}.ndjson"
    return Stream(run / name, worker, start_hash(read_info(run)))


def seal(run: Path, *, interrupted: bool = False) -> Manifest:
    """Close a run; sealing one that is sealed already changes nothing.

    Raises ``StoreError`` where the run is still under way or cannot be written; what was recorded stays as it was.
    """
    if (run / manifest.NAME).is_file():
        return manifest.decode((run / manifest.NAME).read_bytes())
    if any(stream.is_open(path) for path in streams(run)):
        raise StoreError(f"run {run.name} is still under way: wait until it has ended")
    info = read_info(run)
    try:
        _merge(run, info)
        _write_evidence(run)
        finished = msgspec.structs.replace(info, finished=stream.now(), interrupted=interrupted)
        _replace(run / INFO, encode_info(finished))
        sealed = manifest.build(run, info.id, info.previous)
        _replace(run / manifest.NAME, manifest.encode(sealed))
    except OSError as error:
        raise explain(error, run) from error
    return sealed


def runs(folder: Path) -> list[Path]:
    """The runs of a folder, oldest first."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if ids.is_run_id(path.name) and (path / INFO).is_file())


def find(which: str | Path | None, folder: Path = Path("runs")) -> Path:
    """The folder of a run, by its id, by its path, or the last one.

    Raises ``StoreError`` with the nearest id where there is none.
    """
    known = runs(folder)
    if which is None:
        if not known:
            raise StoreError(f"there is no run in {folder} yet: make one with `payharness run`")
        return known[-1]
    if ids.is_run_id(str(which)):
        if folder / which in known:
            return folder / which
        near = difflib.get_close_matches(str(which), [path.name for path in known], 1, 0)
        hint = f"the nearest is {near[0]}" if near else "it holds no run yet"
        raise StoreError(f"there is no run {which} in {folder}: {hint}")
    path = Path(which)
    if (path / INFO).is_file():
        return path
    raise StoreError(f"{path} is not a run: name a run id, or a folder that holds {INFO}")


def read_info(run: Path) -> RunInfo:
    """``run.json`` of a run."""
    try:
        return msgspec.json.decode((run / INFO).read_bytes(), type=RunInfo)
    except OSError as error:
        raise StoreError(f"{run / INFO} cannot be read ({error.strerror})") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreError(f"{run / INFO} is not a description of a run ({error}): it was changed or damaged") from error


def encode_info(info: RunInfo) -> bytes:
    """The one form in which ``run.json`` is written."""
    return msgspec.json.format(msgspec.json.encode(info), indent=1) + b"\n"


def start_hash(info: RunInfo) -> str:
    """Hash of ``run.json`` as it was when the run began: what the first event chains to."""
    return digest(encode_info(msgspec.structs.replace(info, finished=None, interrupted=False)))


def last_seal(folder: Path) -> str | None:
    """Manifest hash of the last sealed run of a folder."""
    return next((found for run in reversed(runs(folder)) if (found := manifest.hash_of(run))), None)


def streams(run: Path) -> list[Path]:
    """Files of events, the merged one first."""
    merged = run / EVENTS
    return [*([merged] if merged.is_file() else []), *sorted(run.glob("events.*.ndjson"))]


def events(run: Path) -> Iterator[Event]:
    """Every event of a run in order of time, of one file or of many."""
    return heapq.merge(*(stream.read(path) for path in _unmerged(run)), key=lambda e: (e.at, e.worker, e.seq))


def lines(run: Path) -> Iterator[Line]:
    """The same with ``data`` still encoded."""
    return heapq.merge(*(stream.read_lines(path) for path in _unmerged(run)), key=lambda e: (e.at, e.worker, e.seq))


def _token(folder: Path, started: datetime) -> str:
    """Six hex digits that tell runs of one second apart, and that grow, so that ids sort as the runs began."""
    last = max((run.name for run in runs(folder)), default="")
    if not last.startswith(ids.run_id(started, "")):
        return secrets.token_hex(3)
    after = int(last[-6:], 16) + 1 + secrets.randbelow(0xFF)
    return f"{after:06x}" if after < 1 << 24 else secrets.token_hex(3)


def _unmerged(run: Path) -> list[Path]:
    """Streams that must be read: a worker's own file no longer counts once its events are in the merged one."""
    files = streams(run)
    if not files or files[0].name != EVENTS:
        return files
    merged = {event.worker for event in stream.read_lines(files[0])} if len(files) > 1 else set()
    return [files[0], *(path for path in files[1:] if path.name.split(".")[1] not in merged)]


def _merge(run: Path, info: RunInfo) -> None:
    files = _unmerged(run)
    if files != [run / EVENTS]:
        prev = start_hash(info)
        partial = run / f"{EVENTS}.partial"
        with partial.open("wb") as out:
            for number, event in enumerate(lines(run), 1):
                line = msgspec.json.encode(msgspec.structs.replace(event, seq=number, prev=prev))
                out.write(line + b"\n")
                prev = digest(line)
            out.flush()
            os.fsync(out.fileno())
        partial.replace(run / EVENTS)
    for path in streams(run)[1:]:
        path.unlink()


def _write_evidence(run: Path) -> None:
    folder = run / EVIDENCE
    folder.mkdir(exist_ok=True)
    for stale in folder.glob("EV-*.json"):
        stale.unlink()
    for record in assemble(lines(run)):
        data = msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n"
        (folder / f"{record.evidence}.json").write_bytes(data)


def _replace(path: Path, data: bytes) -> None:
    """Write a file so that either the old or the new one is there, whatever happens."""
    partial = path.with_name(f"{path.name}.partial")
    with partial.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def is_empty(run: Path) -> bool:
    """Whether nothing was recorded in a run."""
    return not any(path.stat().st_size for path in streams(run))


def discard(run: Path) -> None:
    """Remove a run in which nothing was recorded."""
    if not is_empty(run):
        raise StoreError(f"{run} holds recorded events and is not removed")
    for path in [*streams(run), run / INFO]:
        path.unlink(missing_ok=True)
    run.rmdir()
    with contextlib.suppress(OSError):  # other runs are there
        run.parent.rmdir()
