"""What each operation of the API accepts; what is unknown, missing, mistyped or over-long is refused in Stripe's words.

The schemas are data (``data/parameters.json``, generated from the official SDK's types); each is compiled to closures
the first time its operation is called. Sources: Stripe, "Errors", "Error codes"; the wordings are those of test mode.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from importlib import resources
from typing import Any

import msgspec

from harness.simulator.kernel.forms import IndexedList
from harness.simulator.stripe import errors

Reader = Callable[[Any], Any]
"""Turns what the form held into a value of the parameter's type, or raises."""

TRUE, FALSE = frozenset(("true", "1")), frozenset(("false", "0"))
LARGEST_INTEGER = 2**63 - 1
AUTHENTICATION = frozenset(("key", "_stripe_version", "_stripe_account"))
"""Form fields in which browsers carry what others put into headers."""

SHOWN = 20
"""Characters of a refused text that are repeated in full."""

METADATA_KEYS, METADATA_KEY_LENGTH, METADATA_VALUE_LENGTH = 50, 40, 500


def check(operation: str, params: dict[str, Any]) -> dict[str, Any]:
    """Check and convert the parameters of an operation such as ``POST /v1/payment_intents/{intent}/confirm``.

    Returns the parameters with integers, booleans, lists and maps in place of text. ``""`` is kept where it unsets.
    An operation without a schema takes its parameters as they are.

    Raises:
        StripeError: 400, with ``param`` in bracket path.
    """
    reader = _reader(operation)
    if reader is None:
        return params
    try:
        return reader(params)
    except _Refused as refusal:
        raise refusal.error() from None


def has(operation: str) -> bool:
    """Whether the operation has a schema."""
    return operation in _schema().operations


class _Schema(msgspec.Struct):
    operations: dict[str, int]
    nodes: list[list[Any]]
    api_version: str


class _Refused(Exception):  # noqa: N818 - never leaves this module
    """A refusal on its way up; each level adds its key, so that paths cost nothing while all is well."""

    def __init__(self, build: Callable[[str], errors.StripeError], *path: str) -> None:
        super().__init__()
        self.build = build
        self.path = list(path)

    def under(self, key: str) -> _Refused:
        self.path.append(key)
        return self

    def error(self) -> errors.StripeError:
        return self.build(_bracketed(reversed(self.path)))


def _bracketed(path: Iterable[str]) -> str:
    parts = list(path)
    first, rest = parts[0] if parts else "", parts[1:]
    return first + "".join(f"[{part}]" for part in rest)


@functools.cache
def _schema() -> _Schema:
    text = resources.files(__package__).joinpath("data/parameters.json").read_bytes()
    return msgspec.json.decode(text, type=_Schema)


@functools.cache
def _reader(operation: str) -> Callable[[dict[str, Any]], dict[str, Any]] | None:
    number = _schema().operations.get(operation)
    return None if number is None else _compile(number)


@functools.cache
def _compile(number: int) -> Reader:
    kind, *rest = _schema().nodes[number]
    match kind:
        case "o":
            return _object(*rest)
        case "l":
            return _list(_compile(rest[0]))
        case "m":
            return _map(_compile(rest[0]))
        case "e":
            return _enumeration(rest)
        case "?":
            return _emptiable(_compile(rest[0]))
        case "u":
            return _union(rest)
        case "s":
            return _text(rest[0])
    return {"i": _integer, "b": _boolean, "f": _decimal, "d": _decimal, "a": _anything}[kind]


def _object(fields: dict[str, int], required: list[str]) -> Reader:
    readers: dict[str, Reader] = {}

    def read(value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            raise _Refused(errors.empty_parameter if value == "" else errors.not_a_hash)
        out: dict[str, Any] = {}
        for key, item in value.items():
            reader = readers.get(key)
            if reader is None:
                if key not in fields:
                    if key in AUTHENTICATION:
                        continue
                    raise _unknown(value, fields)
                reader = readers[key] = _metadata if key == "metadata" else _compile(fields[key])
            try:
                out[key] = reader(item)
            except _Refused as refusal:
                raise refusal.under(key) from None
        for name in required:
            if name not in out:
                raise _Refused(errors.missing_parameter, name)
        return out

    return read


def _unknown(value: dict[str, Any], fields: dict[str, int]) -> _Refused:
    names = [key for key in value if key not in fields and key not in AUTHENTICATION]

    def build(first: str) -> errors.StripeError:
        parent = first[: -len(names[0]) - 2] if first.endswith("]") else ""
        return errors.unknown_parameter(*(f"{parent}[{name}]" if parent else name for name in names))

    return _Refused(build, names[0])


def _list(item: Reader) -> Reader:
    def read(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise _Refused(errors.empty_parameter if value == "" else errors.not_an_array)
        out = []
        for index, entry in enumerate(value):
            try:
                out.append(item(entry))
            except _Refused as refusal:
                raise refusal.under(str(index)) from None
        return out

    return read


def _map(item: Reader) -> Reader:
    def read(value: Any) -> Any:
        if value == "":
            return value
        if isinstance(value, IndexedList):
            value = dict(zip(value.keys, value, strict=True))
        if type(value) is not dict:
            raise _Refused(errors.not_a_hash)
        out = {}
        for key, entry in value.items():
            try:
                out[key] = entry if entry == "" else item(entry)
            except _Refused as refusal:
                raise refusal.under(key) from None
        return out

    return read


def _metadata(value: Any) -> Any:
    """Metadata has limits of its own (Stripe, "Metadata"): 50 keys of 40 characters, values of 500."""
    if value == "":
        return value
    if isinstance(value, IndexedList):
        value = dict(zip(value.keys, value, strict=True))
    if type(value) is not dict:
        raise _Refused(errors.not_a_hash)
    if len(value) > METADATA_KEYS:
        raise _Refused(lambda param: errors.invalid(f"You can specify up to {METADATA_KEYS} keys.", param=param))
    for key, text in value.items():
        if type(text) is not str:
            raise _Refused(_nested_metadata, key)
        if len(key) > METADATA_KEY_LENGTH:
            raise _Refused(_long_metadata("keys", METADATA_KEY_LENGTH, key))
        if len(text) > METADATA_VALUE_LENGTH:
            raise _Refused(_long_metadata("values", METADATA_VALUE_LENGTH, text), key)
    return value


def _nested_metadata(param: str) -> errors.StripeError:
    return errors.invalid(
        "Invalid string: metadata values cannot be nested objects or arrays.", param=param, stored=False
    )


def _long_metadata(what: str, longest: int, text: str) -> Callable[[str], errors.StripeError]:
    def build(param: str) -> errors.StripeError:
        message = (
            f"Metadata {what} can have up to {longest} characters, but you passed in a value that is "
            f"{len(text)} characters. Invalid value: {text}"
        )
        return errors.invalid(message, param=param, stored=False)

    return build


def _enumeration(values: list[str]) -> Reader:
    allowed = frozenset(values)

    def read(value: Any) -> str:
        if type(value) is str and value in allowed:
            return value
        if value == "":
            raise _Refused(errors.empty_parameter)
        if type(value) is not str:
            raise _Refused(_invalid_string)
        raise _Refused(lambda param: errors.invalid_value(param, values))

    return read


def _emptiable(reader: Reader) -> Reader:
    def read(value: Any) -> Any:
        return value if value == "" else reader(value)

    return read


def _union(options: list[int]) -> Reader:
    """The first kind that fits the form of the value; the scalar kinds are tried before text."""
    nodes = _schema().nodes
    nested = [number for number in options if nodes[number][0] in "olm"]
    plain = sorted((number for number in options if nodes[number][0] not in "olm"), key=lambda n: nodes[n][0] == "s")

    def read(value: Any) -> Any:
        candidates = plain if type(value) is str else nested
        refusal: _Refused | None = None
        for number in candidates or options:
            try:
                return _compile(number)(value)
            except _Refused as error:
                refusal = refusal or error
        raise refusal or _Refused(errors.not_a_hash)

    return read


def _text(longest: int) -> Reader:
    def read(value: Any) -> str:
        if type(value) is not str:
            raise _Refused(_invalid_string)
        if value == "":
            raise _Refused(errors.empty_parameter)
        if len(value) > longest:
            raise _Refused(lambda param: _too_long(param, value, longest))
        return value

    return read


def _invalid_string(param: str) -> errors.StripeError:
    return errors.invalid("Invalid string: a plain value is expected here.", param=param, stored=False)


def _too_long(param: str, value: str, longest: int) -> errors.StripeError:
    shown = value if len(value) <= SHOWN else f"{value[:13]}...{value[-4:]}"
    return errors.invalid(f"Invalid string: {shown}; must be at most {longest} characters", param=param, stored=False)


def _integer(value: Any) -> int:
    try:
        # isascii and isdigit keep out what int() reads but Stripe does not: blanks, underscores, other digits
        if value.isascii() and (value.isdigit() or (value[:1] == "-" and value[1:].isdigit())):
            number = int(value)
            if -LARGEST_INTEGER <= number <= LARGEST_INTEGER:
                return number
    except (AttributeError, ValueError):
        pass
    if value == "":
        raise _Refused(errors.empty_parameter)
    raise _Refused(lambda param: errors.invalid_integer(param, value if type(value) is str else "an object"))


def _boolean(value: Any) -> bool:
    if type(value) is str:
        if value in TRUE:
            return True
        if value in FALSE:
            return False
        if value == "":
            raise _Refused(errors.empty_parameter)
    raise _Refused(lambda param: errors.invalid_boolean(param, value if type(value) is str else "an object"))


_DECIMAL = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,12})?")


def _decimal(value: Any) -> str:
    """A decimal stays text: it goes back to the client as text."""
    if type(value) is str and _DECIMAL.fullmatch(value):
        return value
    if value == "":
        raise _Refused(errors.empty_parameter)
    raise _Refused(lambda param: errors.invalid(f"Invalid decimal: {value}", param=param, stored=False))


def _anything(value: Any) -> Any:
    return value
