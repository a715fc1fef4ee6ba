"""The manifest of a run: what every file was when the run was sealed, under one Merkle root."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from harness.record.model import FileSeal, Manifest

NAME = "manifest.json"
_CHUNK = 1 << 20


def build(run: Path, run_id: str, previous: str | None) -> Manifest:
    """The manifest of what a run's folder holds now, its own manifest apart."""
    files = {
        path.relative_to(run).as_posix(): seal_of(path)
        for path in run.rglob("*")
        if path.is_file() and path.relative_to(run).as_posix() != NAME
    }
    files = dict(sorted(files.items()))
    root = merkle(files)
    return Manifest(run_id, files, root, previous, seal(run_id, root, previous))


def seal_of(path: Path) -> FileSeal:
    """Hash and size of a file, read in pieces."""
    sha, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            sha.update(chunk)
            size += len(chunk)
    return FileSeal(sha.hexdigest(), size)


def merkle(files: dict[str, FileSeal]) -> str:
    """Merkle root over path, size and hash of each file, in the order of the paths.

    Leaves and inner nodes are hashed apart, as in RFC 6962.
    """
    level = [_hash(b"\0", f"{path}\0{one.size}\0{one.sha256}".encode()) for path, one in sorted(files.items())]
    if not level:
        return hashlib.sha256(b"").hexdigest()
    while len(level) > 1:
        pairs = [_hash(b"\1", level[i] + level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0].hex()


def seal(run_id: str, root: str, previous: str | None) -> str:
    """What binds a root to its run and to the run before."""
    return hashlib.sha256(f"{run_id}\0{root}\0{previous or ''}".encode()).hexdigest()


def encode(manifest: Manifest) -> bytes:
    """The one form in which a manifest is written, so that no byte of it is free to change."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def decode(data: bytes) -> Manifest:
    """Read a manifest; raises ``msgspec.DecodeError``."""
    return msgspec.json.decode(data, type=Manifest)


def hash_of(run: Path) -> str | None:
    """SHA-256 of a run's manifest; ``None`` for a run that was not sealed."""
    path = run / NAME
    return seal_of(path).sha256 if path.is_file() else None


def _hash(kind: bytes, data: bytes) -> bytes:
    return hashlib.sha256(kind + data).digest()
