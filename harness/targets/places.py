"""Where in a TOML file a key stands, and refusing keys that nothing reads.

The standard library's parser keeps no lines.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

Keys = tuple[str | int, ...]
"""Path of a key: names of tables and keys, positions in arrays of tables."""

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]=]+?)\s*\]\]?\s*(#.*)?$")
_ENTRY = re.compile(r"""\s*([\w.\-]+|"[^"]+"|'[^']+')\s*=""")
_INLINE = re.compile(r"""[{,]\s*([\w\-]+|"[^"]+")\s*=""")


class MisplacedError(Exception):
    """Something wrong at a place in a file; the message says file, line and key."""


class Place:
    """One file, and where its keys stand."""

    def __init__(self, file: str, source: str) -> None:
        self.file = file
        self._found = list(_keys(source))

    def error(self, keys: Keys, message: str) -> MisplacedError:
        """The error to raise for what is wrong at a key."""
        name = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in keys).lstrip(".")
        return MisplacedError(f"{self.file}, line {self.line(keys)}, {name or 'top level'}: {message}")

    def line(self, keys: Keys) -> int:
        """Line of the deepest part of the key that stands in the file."""
        best, depth = 1, 0
        for number, path in self._found:
            shared = min(len(path), len(keys))
            if shared > depth and keys[:shared] == path[:shared]:
                best, depth = number, shared
        return best


def refuse_unknown(raw: Any, struct: type[msgspec.Struct], keys: Keys, place: Place) -> None:
    """Refuse keys that no field has, before values are looked at: a typo is no missing value."""
    if not isinstance(raw, dict):
        return
    fields = {field.encode_name: field.type for field in msgspec.structs.fields(struct) if field.name != "file"}
    for key, value in raw.items():
        if key not in fields:
            raise place.error((*keys, key), f"there is no such key; {nearest(key, fields)}")
        inner = _struct_in(fields[key])
        if inner is None:
            continue
        if isinstance(value, list):
            for index, item in enumerate(value):
                refuse_unknown(item, inner, (*keys, key, index), place)
        elif isinstance(value, dict) and getattr(fields[key], "__origin__", None) is dict:
            for name, item in value.items():
                refuse_unknown(item, inner, (*keys, key, name), place)
        else:
            refuse_unknown(value, inner, (*keys, key), place)


def nearest(wrong: str, known: Iterable[str]) -> str:
    """'did you mean ...?' for a name that is close to one, else the list of them."""
    names = sorted(known)
    close = difflib.get_close_matches(wrong, names, 1, 0.6)
    return f"did you mean {close[0]!r}?" if close else f"known are: {', '.join(names) or 'none'}"


def _struct_in(annotation: Any) -> type[msgspec.Struct] | None:
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _struct_in(argument)
        if found:
            return found
    return None


def _keys(source: str) -> Iterator[tuple[int, Keys]]:
    table: Keys = ()
    counts: dict[str, int] = {}
    for number, line in enumerate(source.splitlines(), 1):
        if header := _HEADER.match(line):
            parts = [part.strip().strip("\"'") for part in header[2].split(".")]
            if header[1] == "[[":
                counts[".".join(parts)] = counts.get(".".join(parts), -1) + 1
            table = _indexed(parts, counts)
            yield number, table
        elif entry := _ENTRY.match(line):
            key = (*table, *(part.strip("\"'") for part in entry[1].split(".")))
            yield number, key
            for item in _INLINE.finditer(line[entry.end() :]):
                yield number, (*key, item[1].strip('"'))


def _indexed(parts: list[str], counts: dict[str, int]) -> Keys:
    path: list[str | int] = []
    for position, part in enumerate(parts):
        path.append(part)
        name = ".".join(parts[: position + 1])
        if name in counts:
            path.append(counts[name])
    return tuple(path)
