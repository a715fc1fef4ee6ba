"""Whether a run is as it was when it was sealed.

Four nets, each over the others: the manifest's own seal and form, every file against its hash, the chain of events from
``run.json`` on, and the link to the manifest of the run before. Reading needs nothing but the files.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from harness.record import manifest, store, stream
from harness.record.model import Event, Manifest, RunInfo
from harness.record.stream import StoreError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was; ``place`` is a path inside the run, with a line where there is one."""

    place: str
    sentence: str


def verify(run: Path) -> list[Finding]:
    """Everything about a run that is not as it was sealed; an empty list vouches for every byte of it.

    Raises ``StoreError`` where the folder cannot be read.
    """
    try:
        return list(dict.fromkeys(_findings(run)))
    except OSError as error:
        raise StoreError(f"{error.filename or run} cannot be read ({error.strerror})") from error


def _findings(run: Path) -> Iterator[Finding]:
    path = run / manifest.NAME
    if not path.is_file() or path.is_symlink():
        hint = f"`payharness report {run}` seals what is there"
        yield Finding(manifest.NAME, f"{path} is missing: the run was never sealed, or its seal was removed; {hint}")
        return
    sealed = _manifest(path)
    if isinstance(sealed, Finding):
        yield sealed
        return
    yield from _files(run, sealed)
    info = _info(run)
    if info is None:
        yield Finding(store.INFO, f"{run / store.INFO} is not what the harness writes: it was changed")
        return
    if info.id != sealed.run:
        yield Finding(manifest.NAME, f"{path} belongs to run {sealed.run}, the folder holds {info.id}")
    if info.previous != sealed.previous:
        yield Finding(store.INFO, f"{run / store.INFO} and {path} name different runs before this one")
    yield from _chain(run, info)
    yield from _link(run, sealed)


def _manifest(path: Path) -> Manifest | Finding:
    data = path.read_bytes()
    try:
        sealed = manifest.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Finding(manifest.NAME, f"{path} cannot be read as a manifest ({error}): it was changed")
    if manifest.encode(sealed) != data:
        return Finding(manifest.NAME, f"{path} is not in the form in which the harness writes it: it was changed")
    root = manifest.merkle(sealed.files)
    if root != sealed.merkle or manifest.seal(sealed.run, root, sealed.previous) != sealed.seal:
        return Finding(manifest.NAME, f"{path} does not agree with its own seal: it was changed")
    return sealed


def _files(run: Path, sealed: Manifest) -> Iterator[Finding]:
    there = dict(_walk(run))
    for name, seal in sealed.files.items():
        kind = there.pop(name, None)
        if kind is None:
            yield Finding(name, f"{run / name} is missing")
        elif kind != "file":
            yield Finding(name, f"{run / name} is a {kind} now; it was a file")
        else:
            found = manifest.seal_of(run / name)
            if found != seal:
                how = (
                    f"{found.size} bytes instead of {seal.size}"
                    if found.size != seal.size
                    else "same size, other bytes"
                )
                yield Finding(name, f"{run / name} was changed ({how})")
    for name, kind in there.items():
        yield Finding(name, f"{run / name} was added: a {kind} that the manifest does not name")


def _walk(run: Path) -> Iterator[tuple[str, str]]:
    """Every entry below a run with its kind; folders only where they are empty, the manifest not at all."""
    for folder, folders, files in os.walk(run, followlinks=False):
        here = Path(folder)
        links = [name for name in folders if (here / name).is_symlink()]
        for name in [*files, *links]:
            path = here / name
            relative = path.relative_to(run).as_posix()
            if relative != manifest.NAME:
                yield relative, "link" if path.is_symlink() else "file" if path.is_file() else "special file"
        if not folders and not files and here != run:
            yield here.relative_to(run).as_posix(), "folder"


def _info(run: Path) -> RunInfo | None:
    try:
        info = store.read_info(run)
        return info if store.encode_info(info) == (run / store.INFO).read_bytes() else None
    except StoreError:
        return None


def _chain(run: Path, info: RunInfo) -> Iterator[Finding]:
    path = run / store.EVENTS
    if not path.is_file():
        return
    prev, decoder = store.start_hash(info), msgspec.json.Decoder(Event)
    for number, line in enumerate(stream.lines(path), 1):
        place = f"{store.EVENTS}:{number}"
        try:
            event = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            yield Finding(place, f"{path}:{number} is not an event: the line was changed")
            return
        if event.prev != prev or event.seq != number:
            before = f"line {number - 1}" if number > 1 else f"{store.INFO} as the run began with it"
            yield Finding(place, f"{path}:{number} does not follow from {before}: something was changed, or is missing")
            return
        prev = stream.digest(line)


def _link(run: Path, sealed: Manifest) -> Iterator[Finding]:
    """The run before must be there unchanged, unless this run was carried away from its folder alone."""
    others = [path for path in store.runs(run.absolute().parent) if path.name != run.absolute().name]
    if sealed.previous is None or not others:
        return
    if all(manifest.hash_of(path) != sealed.previous for path in others):
        short = sealed.previous[:12]
        yield Finding(
            manifest.NAME,
            f"the run before {sealed.run} (manifest {short}...) is not in {run.parent} any more, or was changed since",
        )
