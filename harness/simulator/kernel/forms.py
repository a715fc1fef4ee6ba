"""Request bodies as the providers' clients write them: bracketed forms, query strings, multipart uploads.

Bracket rules are those of Rack, which the form encoding of payment APIs grew up with: ``a[b]=1`` is an object,
``a[0]=x`` and ``a[]=x`` are arrays, a repeated plain key keeps its last value. Values stay text; types are the business
of whoever knows the parameter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

MAX_BYTES = 1_048_576
"""Largest form or query that is read; uploads have their own limit."""
MAX_PAIRS = 4_096
MAX_DEPTH = 16
MAX_UPLOAD_BYTES = 17 * 1_048_576

_BAD_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})")


class FormError(ValueError):
    """A body that cannot be read; the message is a sentence for the client."""


class IndexedList(list[Any]):
    """An array written with indexes (``a[0]=x``); ``keys`` keeps them for maps whose keys happen to be numbers."""

    __slots__ = ("keys",)

    def __init__(self, items: list[Any], keys: list[str]) -> None:
        super().__init__(items)
        self.keys = keys


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file part of a multipart body."""

    filename: str
    content_type: str
    content: bytes


def parse_form(body: bytes) -> dict[str, Any]:
    """Read an ``application/x-www-form-urlencoded`` body into nested dicts and lists of text.

    Raises:
        FormError: not UTF-8, a broken escape, brackets that do not match, contradicting shapes, or past a limit.
    """
    if not body:
        return {}
    text = _text(body)
    if "%5" in text:  # brackets are what most clients escape most; the rest is decoded pair by pair
        text = text.replace("%5B", "[").replace("%5D", "]")
    escaped = "%" in text
    if "+" in text:
        text = text.replace("+", " ")
    out: dict[str, Any] = {}
    nested = False
    for pair in text.split("&"):
        key, _, value = pair.partition("=")
        if escaped and "%" in pair:
            key = _unquote(key)
            value = _unquote(value)
        if "[" in key:
            nested = True
            _nest(out, key, value)
        elif key:
            if nested and type(out.get(key)) is dict:
                raise FormError(f"The parameter {key[:80]} is given both as a plain value and with brackets.")
            out[key] = value
    return _with_arrays(out) if nested else out


def parse_query(query: bytes) -> dict[str, Any]:
    """Read a query string, with the same rules and errors as a form."""
    return parse_form(query)


def parse_multipart(body: bytes, content_type: str) -> tuple[dict[str, Any], dict[str, UploadedFile]]:
    """Read a ``multipart/form-data`` body: its fields (bracketed names nest as in a form) and its files by field name.

    Raises:
        FormError: no boundary, a cut or malformed body, text that is not UTF-8, or past a limit.
    """
    if len(body) > MAX_UPLOAD_BYTES:
        raise FormError(f"The upload is too large: {len(body)} bytes, at most {MAX_UPLOAD_BYTES} are read.")
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if not boundary:
        raise FormError("The multipart request names no boundary in its Content-Type header.")
    reader = _PartReader()
    try:
        parser = MultipartParser(boundary, reader.callbacks())
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise FormError("The multipart body is malformed; check that it was sent completely.") from error
    if not reader.ended:
        raise FormError("The multipart body is malformed; check that it was sent completely.")
    fields: dict[str, Any] = {}
    for name, text in reader.fields:
        if "[" in name:
            _nest(fields, name, text)
        else:
            fields[name] = text
    return _with_arrays(fields), reader.files


def _text(body: bytes) -> str:
    """The body as text, once it is known to be within the limits and well escaped."""
    if len(body) > MAX_BYTES:
        raise FormError(f"The request body is too large: {len(body)} bytes, at most {MAX_BYTES} are read.")
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise FormError("The request body is not valid UTF-8.") from error
    if text.count("&") >= MAX_PAIRS:
        raise FormError(f"The request has too many parameters; at most {MAX_PAIRS} are read.")
    if "%" in text and _BAD_ESCAPE.search(text):
        raise FormError("The request body holds a percent sign that is not followed by two hexadecimal digits.")
    return text


def _unquote(text: str) -> str:
    if "%" not in text:
        return text
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError as error:
        raise FormError("The request body is not valid UTF-8 once its percent escapes are decoded.") from error


def _nest(out: dict[str, Any], key: str, value: str) -> None:
    """Put one bracketed pair into the tree.

    Arrays stay objects with numbers for keys until all is read, since indexes may come in any order.
    """
    head, *rest = key.split("[")
    if not head or len(rest) > MAX_DEPTH:
        reason = f"is nested deeper than {MAX_DEPTH} levels" if head else "has no name before its bracket"
        raise FormError(f"The parameter {key[:80]} {reason}.")
    here, slot = out, head
    for raw in rest:
        if raw[-1:] != "]" or "]" in raw[:-1]:
            raise FormError(f"The parameter {key[:80]} has brackets that do not match.")
        below = here.get(slot)
        if below is None:
            below = here[slot] = {}
        elif type(below) is not dict:
            raise FormError(f"The parameter {key[:80]} is given both as a plain value and with brackets.")
        here, slot = below, raw[:-1]
        if not slot:
            slot = _next_index(here, key, rest)
    if type(here.get(slot)) is dict:
        raise FormError(f"The parameter {key[:80]} is given both as a plain value and with brackets.")
    here[slot] = value


def _next_index(here: dict[str, Any], key: str, rest: list[str]) -> str:
    """Where ``a[]`` goes. In ``a[][b]`` the last object goes on until one of its keys is given a second time."""
    if not here:
        return "0"
    last = next(reversed(here))
    if not last.isdigit():
        raise FormError(f"The parameter {key[:80]} is given both as an object and as an array.")
    item = here[last]
    following = rest[rest.index("]") + 1 :]
    if following and type(item) is dict and following[0][:-1] not in item:
        return last
    return str(int(last) + 1)


def _with_arrays(tree: dict[str, Any]) -> dict[str, Any]:
    for key, value in tree.items():
        if type(value) is dict:
            tree[key] = _arrays(value)
    return tree


def _arrays(tree: dict[str, Any]) -> Any:
    """Turn every object whose keys are all numbers into an array, in order of its numbers."""
    numbered = True
    for key, value in tree.items():
        if type(value) is dict:
            tree[key] = _arrays(value)
        if numbered and not (key.isascii() and key.isdigit()):
            numbered = False
    if not numbered or not tree:
        return tree
    keys = sorted(tree, key=int)
    return IndexedList([tree[key] for key in keys], keys)


class _PartReader:
    """Callbacks of the multipart parser: gathers headers and content of each part."""

    def __init__(self) -> None:
        self.fields: list[tuple[str, str]] = []
        self.files: dict[str, UploadedFile] = {}
        self.ended = False
        self._headers: dict[bytes, bytes] = {}
        self._name = self._value = b""
        self._content = bytearray()

    def callbacks(self) -> Any:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_part_data": self._data,
            "on_part_end": self._part_end,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        self._headers, self._content = {}, bytearray()

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._content += data[start:end]

    def _end(self) -> None:
        self.ended = True

    def _part_end(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        try:
            name = options.get(b"name", b"").decode()
            if b"filename" in options:
                content_type = self._headers.get(b"content-type", b"application/octet-stream").decode()
                filename = options[b"filename"].decode()
                self.files[name] = UploadedFile(filename, content_type, bytes(self._content))
            else:
                self.fields.append((name, self._content.decode()))
        except UnicodeDecodeError as error:
            raise FormError("The multipart body holds text that is not valid UTF-8.") from error
