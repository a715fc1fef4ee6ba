"""One exchange as a report shows it: the facts that matter, both messages with those facts marked, the curl command."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection
from dataclasses import dataclass

from markupsafe import Markup, escape

from harness.drawing.svg import visible
from harness.record.model import Exchange, Message

_KEYS = frozenset({"idempotency-key", "paypal-request-id"})
_SIGNATURES = re.compile(r"signature|transmission-sig", re.IGNORECASE)
_EVENT = re.compile(r"\bevt_\w+")
# What curl sets by itself, or what only made sense on the recorded connection.
_NOT_IN_CURL = frozenset({"host", "content-length", "connection", "accept-encoding", "transfer-encoding", "user-agent"})
RECORDED = 16_384
"""Characters of a body that are recorded at most."""
CURL_LIMIT = 2000
"""Longest body, in characters, that is repeated in a curl command; longer ones are named by their evidence file."""


@dataclass(frozen=True, slots=True)
class Call:
    """An exchange, ready to be shown."""

    actor: str
    method: str
    url: str
    status: int
    ms: float
    error: str | None
    facts: list[tuple[str, str]]
    request: Markup
    response: Markup
    curl: str


def call(exchange: Exchange, events: Collection[str], limit: int, whole: str) -> Call:
    """An exchange with bodies of at most ``limit`` characters; ``whole`` names the file that holds the rest.

    ``events`` are the ids of the events that the scenario delivered: where one occurs in a request it is a fact of it.
    """
    facts = _facts(exchange, events)
    needles = [value for _, value in facts]
    return Call(
        actor=exchange.actor,
        method=exchange.method,
        url=exchange.url,
        status=exchange.status,
        ms=exchange.ms,
        error=exchange.error,
        facts=facts,
        request=marked(_text(exchange.request, limit, whole), needles),
        response=marked(_text(exchange.response, limit, whole), needles) if exchange.response else Markup(),
        curl=curl(exchange, whole),
    )


def curl(exchange: Exchange, whole: str) -> str:
    """The request as a command line; what was redacted stays so, and has to be filled in by whoever repeats it."""
    parts = ["curl", *(["-X", exchange.method] if exchange.method != "GET" else []), exchange.url]
    for name, value in exchange.request.headers.items():
        if name.lower() not in _NOT_IN_CURL:
            parts += ["-H", f"{name}: {value}"]
    body = exchange.request.body
    if body and len(body) <= CURL_LIMIT:
        parts += ["--data-binary", body]
    elif body:
        parts += ["--data-binary", "@body"]
    line = visible(shlex.join(parts))
    return f"{line}\n# body: {whole}" if len(body) > CURL_LIMIT else line


def cut(text: str, limit: int, whole: str) -> str:
    """The text, or its beginning and a line that says how much is missing and where it stands."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}\n… {len(text) - limit:,} more characters: {whole}".lstrip()


def marked(text: str, needles: Collection[str]) -> Markup:
    """The escaped text with every occurrence of the needles marked."""
    words = sorted({visible(n) for n in needles if n}, key=len, reverse=True)
    shown = visible(text)
    if not words:
        return escape(shown)
    pieces = [shown]
    for word in words:  # no expression: each call has words of its own, and compiling one costs more than all the rest
        pieces = [part for at, one in enumerate(pieces) for part in ([one] if at % 2 else _split(one, word))]
    return Markup("").join(
        Markup("<mark>{}</mark>").format(piece) if index % 2 else escape(piece) for index, piece in enumerate(pieces)
    )


def _split(text: str, word: str) -> list[str]:
    """The text around each occurrence of the word, and the word itself at every odd place."""
    first, *rest = text.split(word)
    return [first, *(part for one in rest for part in (word, one))]


def _facts(exchange: Exchange, events: Collection[str]) -> list[tuple[str, str]]:
    facts = []
    for name, value in exchange.request.headers.items():
        if name.lower() in _KEYS:
            facts.append(("idempotency key", value))
        elif _SIGNATURES.search(name):
            facts.append(("signature", value))
    sent = [one for one in events if one and one in exchange.request.body]
    if not sent and any(label == "signature" for label, _ in facts):
        sent = _EVENT.findall(exchange.request.body)[:1]
    return facts + [("event", one) for one in sorted(set(sent))]


def _text(message: Message, limit: int, whole: str) -> str:
    head = "\n".join(f"{name}: {value}" for name, value in message.headers.items())
    body = cut(message.body, limit, whole)
    if len(message.body) >= RECORDED and message.size > RECORDED:
        body += f"\n… the message had {message.size:,} bytes; no more of it was recorded"
    return f"{head}\n\n{body}" if head and body else head or body
