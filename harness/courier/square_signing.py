"""How Square signs deliveries, and how such signatures go wrong. Pure: bytes in, headers out.

Square ("Verify and validate an event notification"): ``x-square-hmacsha256-signature`` is the base64 of the
HMAC-SHA256, under the subscription's key as it is written, over the notification URL and the raw body. There is one
signature and no time in it, so that a delivery once captured is good until the key is rolled: nothing but the event's
id tells a replay.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit, urlunsplit

from harness.courier.signing import RIGHTLY, AddressSigning, CertificateSigning, Key, Over, Part, Signing
from harness.domain.verdicts import HarnessError, NotApplicable

OLDER_HEADER = "x-square-signature"
"""Carried an HMAC-SHA1 once, and was still seen in 2026; nothing documents it any more."""
WRONG_KEY = "payharness_is_not_the_key_"
"""What an attacker signs with who does not know the key."""


@dataclass(frozen=True, slots=True)
class SquareScheme:
    """Square's scheme for one subscription. ``url``: the notification URL, letter for letter as Square was told it."""

    url: str
    header: str = "x-square-hmacsha256-signature"

    def headers(self, body: bytes, secrets: Sequence[str], now: float, signing: Signing = RIGHTLY) -> dict[str, str]:
        """Headers as Square sends them with a first attempt, with the signature that was asked for."""
        if signing.by != CertificateSigning():
            raise NotApplicable("Square signs with a shared key; no certificate stands for a signature")
        if signing.shift:
            raise NotApplicable("Square's signature carries no time; what tells a replay is the event's id alone")
        sent = {
            "User-Agent": "Square Connect v2",
            "Accept": "*/*",
            "Content-Type": "application/json",
            "square-environment": "Sandbox",
            "square-initial-delivery-timestamp": _moment(now),
        }
        if signing.captured is not None:
            return {**sent, **signing.captured, **signing.extra}
        if signing.at.legacy:
            sent[OLDER_HEADER] = self._signature(
                body, secrets, _only(signing.parts), replace(signing.at, digest="sha1")
            )
        elif signing.literal is not None:
            sent[self.header] = signing.literal
        elif signing.parts:
            sent[self.header] = self._signature(body, secrets, _only(signing.parts), signing.at)
        return {**sent, **signing.extra}

    def _signature(self, body: bytes, secrets: Sequence[str], part: Part, how: AddressSigning) -> str:
        return signature(_key(part, secrets), self.url, body, how)


def signature(key: str, url: str, body: bytes, how: AddressSigning = AddressSigning()) -> str:  # noqa: B008 - it is frozen
    """The signature of a body for an address, rightly or in a wrong way."""
    raw = _decoded(key) if how.decoded else key.encode()
    made = hmac.new(raw, _signed(url, body, how.over), getattr(hashlib, how.digest))
    return made.hexdigest() if how.hexadecimal else base64.b64encode(made.digest()).decode()


def _signed(url: str, body: bytes, over: Over) -> bytes:
    if over is Over.BODY_ALONE:
        return body
    if over is Over.BODY_AND_ADDRESS:
        return body + url.encode()
    return _address(url, over).encode() + body


def _address(url: str, over: Over) -> str:
    """The endpoint's address as somebody writes it who does not keep to what Square was told."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    if over is Over.OTHER_SCHEME:
        return urlunsplit(parts._replace(scheme="http" if parts.scheme == "https" else "https"))
    if over is Over.ADDED_SLASH:
        return urlunsplit(parts._replace(path=f"{parts.path}/"))
    if over is Over.OTHER_PORT:
        return urlunsplit(parts._replace(netloc=f"{host}:{8443 if port != 8443 else 9443}"))  # noqa: PLR2004 - any other
    if over is Over.OTHER_HOST:
        return urlunsplit(parts._replace(netloc=f"elsewhere.example:{port}" if port else "elsewhere.example"))
    if over is Over.ADDED_QUERY:
        return urlunsplit(parts._replace(query=f"{parts.query}&from=square" if parts.query else "from=square"))
    return url


def _key(part: Part, secrets: Sequence[str]) -> str:
    if part.scheme != "v1":
        raise NotApplicable("Square has one way of signing; there is no test scheme beside it")
    if part.key is Key.WRONG:
        return WRONG_KEY
    if part.key is Key.EMPTY:
        return ""
    if part.key is Key.PREVIOUS:
        if len(secrets) < 2:  # noqa: PLR2004 - the new one and the one before
            raise HarnessError(
                "the key of Square's deliveries was not changed yet; a step that changes it must come first"
            )
        return secrets[1]
    if not secrets:
        raise HarnessError("Square deliveries are signed with the subscription's key, and none is known; name it")
    return secrets[0]


def _only(parts: Sequence[Part]) -> Part:
    if len(parts) != 1:
        raise NotApplicable("a Square delivery carries one signature; during a rotation the receiver knows both keys")
    return parts[0]


def _decoded(key: str) -> bytes:
    try:
        return base64.b64decode(key + "=" * (-len(key) % 4), validate=False)
    except binascii.Error:
        return key.encode()[::-1]


def _moment(now: float) -> str:
    at = datetime.fromtimestamp(now, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
