"""What must never be written, and what is written instead.

    card number                        424242******4242
    card code, by the name of its key  [cvc]
    secret and restricted keys         sk_test_[secret], whsec_[secret]
    client secrets                     pi_123_secret_[secret]
    Authorization, cookies, passwords  scheme, names and user kept, values [secret]
    values kept out by ``keep``        [label], also where they are percent-encoded, in base64, in hexadecimal, in JSON

Ids, timestamps, UUIDs, hashes, signatures, idempotency keys and publishable keys stay as they are: evidence is read by
them. No I/O here.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from harness.record import cards
from harness.record.kept import SHORT, Kept

S = TypeVar("S", bound=msgspec.Struct)

SECRET, CODE = "[secret]", "[cvc]"

_CACHED, _CACHE_SIZE = 48, 20_000
"""Texts up to this length are remembered: names, states and methods come again and again."""

_CLOSE, _OPEN = r"(?:[\"'\\\]\s]|%5D|%22|%27)*", r"(?:[\"'\\\s]|%22|%27|%20)*"
_EQUALS = r"(?:[:=>]|%3A|%3D)"
_CODE = r"(?:cvc2?|cvv2?|cv2|csc|(?:card|security)[_-]?code|(?:card[_-]?)?verification[_-]?(?:code|value))"
_KEEPER = r"(?:token|secret(?:[_-]?key)?|passw(?:or)?d|api[_-]?key|private[_-]?key)"
_NAME_CODE = re.compile(rf"(?:.*[_\-\[.])?{_CODE}\]?", re.IGNORECASE)
_NAME_SECRET = re.compile(rf"(?:.*[_\-\[.])?{_KEEPER}\]?", re.IGNORECASE)
_PUBLIC = re.compile(r"(?:tok|pm|card|src|pk)_[A-Za-z0-9_]+|\[.*\]", re.DOTALL)
"""What a key named token or secret may hold without being one: test values, publishable keys, redacted values."""
_LABEL = re.compile(r"\[[a-z]+(?: [a-z]+)*\]")
"""What a kept value was replaced with."""
_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_ATTRIBUTES = {"path", "domain", "expires", "max-age", "samesite", "secure", "httponly", "partitioned", "priority"}


def _basic(match: re.Match[str]) -> str:
    value = match["value"].rstrip("=")
    whole = (
        value[:-1] if len(value) % 4 == 1 else value
    )  # one character alone encodes nothing: it belongs to what follows
    return match["key"] + SECRET if b":" in base64.b64decode(f"{whole}==") else match[0]


def _keyed(match: re.Match[str]) -> str:
    # A label of several words reaches beyond the value, which ends at a space.
    if _PUBLIC.match(match["value"]) or SECRET in match["value"] or _LABEL.match(match.string, match.start("value")):
        return match[0]
    return match["key"] + SECRET


def _cookies(match: re.Match[str]) -> str:
    return match["key"] + cookies(match["value"])


def _hidden(match: re.Match[str]) -> str:
    return match["key"] + SECRET


class _Rule:
    """What to replace: a pattern that begins with one of some words (in lower case).

    Looking for a word costs a hundredth of trying a pattern at every character.
    """

    def __init__(self, words: str, pattern: str, replace: Callable[[re.Match[str]], str] = _hidden) -> None:
        self.words = words.split()
        self._match = re.compile(pattern, re.IGNORECASE).match
        self._replace = replace

    def apply(self, text: str, low: str) -> str:
        """The text without what the rule is about; ``low`` is the text in lower case, of the same length."""
        starts: list[int] = []
        for word in self.words:
            if word in low:
                starts += _places(low, word)
        parts, end = [], 0
        for start in sorted(starts):
            if start >= end and (match := self._match(text, start)):
                parts += [text[end:start], self._replace(match)]
                end = match.end()
        return "".join([*parts, text[end:]]) if parts else text


_RULES = (
    _Rule("-----begin", r"(?P<key>-----BEGIN [A-Z ]*PRIVATE KEY-----)(?s:.*?)(?=-----END|\Z)"),
    _Rule("eyj", r"(?<![A-Za-z0-9_])(?P<key>)eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{4,}\.[A-Za-z0-9_\-]*"),
    _Rule("sk_ rk_", r"(?<![A-Za-z0-9])(?P<key>[sr]k_(?:test|live|org)_)[A-Za-z0-9+/=_\-]+"),
    _Rule("whsec_", r"(?<![A-Za-z0-9])(?P<key>whsec_)[A-Za-z0-9+/=_\-]+"),
    _Rule("_secret_", r"(?<=[A-Za-z0-9])(?P<key>_secret_)(?:(?=[A-Za-z]*\d)[A-Za-z0-9]{6,}|[A-Za-z]{16,})"),
    _Rule("bearer", r"(?P<key>bearer(?:\s|%20|\+)+)(?=[^\s\"',;]*[\d_.\-])[A-Za-z0-9._~+/=\-]{8,}"),
    _Rule("basic", r"(?P<key>basic(?:\s|%20|\+)+)(?P<value>[A-Za-z0-9+/]{4,}={0,2})", _basic),
    _Rule("cookie", r"(?P<key>cookie\\?[\"']?\s*:\s*\\?[\"']?)(?P<value>[^\r\n\"\\]+)", _cookies),
    _Rule("://", r"(?P<key>://[^/\s:@\"']*:)[^/\s@\"']+(?=@)"),
    _Rule(
        "token secret passw api_key api-key apikey private_key private-key privatekey",
        rf"(?P<key>{_KEEPER}(?:(?:\\?[\"'])?\s*[:=]\s*\\?[\"']|=|%3D))(?P<value>[^\"'\\\s&;,]{{8,}})",
        _keyed,
    ),
    _Rule(
        "cvc cvv cv2 csc card security verification",
        rf"(?:(?<![A-Za-z0-9])|(?<=%5B))(?P<key>{_CODE}{_CLOSE}{_EQUALS}{_OPEN})\d{{3,4}}(?!\d)",
        lambda match: f"{match['key']}{CODE}",
    ),
)


_WORDS = [word for rule in _RULES for word in rule.words]


def cookies(header: str) -> str:
    """A Cookie or Set-Cookie header with its names and attributes, without its values."""
    parts = []
    for part in header.split(";"):
        name, equals, value = part.partition("=")
        hidden = equals and value and name.strip().lower() not in _ATTRIBUTES
        parts.append(f"{name}={SECRET}" if hidden else part)
    return ";".join(parts)


class Redactor:
    """Takes card data and secrets out of texts and plain values; safe from any thread."""

    def __init__(self) -> None:
        self._kept = Kept()
        self._cache: dict[str, str] = {}

    def keep(self, value: str, label: str) -> None:
        """Keep an exact value out from now on; it is written as ``[label]``. An empty value is ignored."""
        if self._kept.add(value, label):
            self._cache = {}

    def text(self, text: str) -> str:
        """A text without card data and secrets."""
        cache = self._cache  # taken before the work, so that what `keep` makes obsolete is not kept
        if text in cache:
            return cache[text]
        clean = self._clean(text)
        if len(text) <= _CACHED:
            if len(cache) > _CACHE_SIZE:
                cache.clear()
            cache[text] = clean
        return clean

    def value(self, value: Any, name: str = "") -> Any:
        """A plain value (mapping, list, text, number) without card data and secrets, whatever its depth.

        ``name`` is the key under which it stands.
        """
        if isinstance(value, str):
            return self._named(value, name)
        if isinstance(value, dict):
            return {self._key(key): self.value(one, str(key)) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(one, name) for one in value]
        if isinstance(value, int) and not isinstance(value, bool):
            text = str(value)
            clean = self._named(text, name)
            return value if clean == text else clean
        return value

    def struct(self, record: S) -> S:
        """A struct of ``harness.record.model`` without card data and secrets."""
        return msgspec.convert(self.value(msgspec.to_builtins(record)), type(record))

    def header(self, name: str, value: str) -> str:
        """The value of an HTTP header."""
        low = name.lower()
        if low in {"cookie", "set-cookie"}:
            return self.text(cookies(value))
        if low in {"authorization", "proxy-authorization"}:
            scheme, space, credentials = value.partition(" ")
            return f"{scheme} {SECRET}" if space and credentials else SECRET
        return self._named(value, name)

    def _clean(self, text: str) -> str:
        text = self._kept.remove(text)
        return _brief_by_rules(text) if len(text) <= _CACHED else _by_rules(text)

    def _key(self, key: Any) -> str:
        text = str(key)
        return self.text(text) if len(text) >= SHORT else text

    def _named(self, text: str, name: str) -> str:
        code, secret = _meaning(name)
        if code and text.strip().isdigit() and len(text.strip()) in {3, 4}:
            return CODE
        clean = self.text(text)
        secret = secret and len(clean) >= 8  # noqa: PLR2004 - shorter ones are words
        return SECRET if secret and SECRET not in clean and not _PUBLIC.fullmatch(clean) else clean


def _by_rules(text: str) -> str:
    """A text without what is recognised by its form; what does not depend on the values that are kept out."""
    low = text.lower()
    if len(low) != len(text):  # some letters of other scripts grow
        low = text.translate(_LOWER)
    for word in _WORDS:  # not any(...): most texts hold none, and a generator costs more than the search
        if word in low:
            text = _ruled(text, low)
            break
    return cards.mask(text) if len(text) >= cards.SHORTEST else text


_brief_by_rules = lru_cache(maxsize=_CACHE_SIZE)(_by_rules)


@lru_cache(maxsize=_CACHE_SIZE)
def _meaning(name: str) -> tuple[bool, bool]:
    """Whether a key is called like one that holds a card's code, or a secret."""
    return bool(_NAME_CODE.fullmatch(name)), bool(_NAME_SECRET.fullmatch(name))


def _ruled(text: str, low: str) -> str:
    for rule in _RULES:
        changed = rule.apply(text, low)
        if changed is not text:
            text, low = changed, changed.translate(_LOWER)
    return text


def _places(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)
