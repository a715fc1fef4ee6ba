"""Whether PayPal sent a delivery: rules over headers, bytes and certificates. No I/O, so that every rule can be tested.

What is signed is ``transmission id | transmission time | webhook id | CRC-32 of the raw body``. The webhook id is ours,
never the sender's. The sender names the address of the certificate, so everything about that address is checked before
anything is fetched, and everything about the certificate before its key is used. A CRC-32 is no hash: who holds one
signed delivery can make other bodies for it. So a signature only says that PayPal had something to tell; nothing in
the body is believed, and a transmission stands for one event.

Source: PayPal, "Integrate webhooks".
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from reference_impl.gateways.protocol import BadSignature

ALGORITHM = "SHA256withRSA"
HEADERS = (
    b"paypal-transmission-id",
    b"paypal-transmission-time",
    b"paypal-transmission-sig",
    b"paypal-cert-url",
    b"paypal-auth-algo",
)
OLDEST = timedelta(days=3, hours=1)
"""PayPal repeats a delivery for three days."""
MOST_AHEAD = timedelta(minutes=10)
LEAST_KEY_BITS = 2048

_LONGEST_HEADER = 2048
_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z")
_PATH = re.compile(r"/v1/notifications/certs/[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Origin:
    """Who PayPal is in one environment: the hosts that serve certificates, and the name that they are made out to."""

    hosts: frozenset[str]
    name: str


LIVE = Origin(frozenset({"api.paypal.com", "api-m.paypal.com"}), "messageverificationcerts.paypal.com")
SANDBOX = Origin(
    frozenset({"api.sandbox.paypal.com", "api-m.sandbox.paypal.com"}), "messageverificationcerts.sandbox.paypal.com"
)


@dataclass(frozen=True, slots=True)
class Transmission:
    """The headers of a delivery."""

    id: str
    time: str
    signature: str
    certificate_url: str
    algorithm: str

    def message(self, webhook_id: str, body: bytes) -> bytes:
        """What is signed for a webhook."""
        return f"{self.id}|{self.time}|{webhook_id}|{zlib.crc32(body)}".encode()


@dataclass(frozen=True, slots=True)
class Certificate:
    """A key that PayPal signs with, and the time in which it may: of a chain that was found good."""

    key: rsa.RSAPublicKey
    not_before: datetime
    not_after: datetime


def transmission(headers: Mapping[bytes, bytes]) -> Transmission:
    """The headers of a delivery; raises ``BadSignature`` where one is missing or has not the right form."""
    values = []
    for name in HEADERS:
        value = headers.get(name, b"")
        if not value:
            raise BadSignature(f"no {name.decode()}")
        if len(value) > _LONGEST_HEADER or not value.isascii():
            raise BadSignature(f"malformed {name.decode()}")
        values.append(value.decode("ascii"))
    found = Transmission(*values)
    if not _ID.fullmatch(found.id):
        raise BadSignature("malformed paypal-transmission-id")
    if not _TIME.fullmatch(found.time):
        raise BadSignature("malformed paypal-transmission-time")
    if found.algorithm != ALGORITHM:
        raise BadSignature("another algorithm")
    return found


def check_time(sent: str, now: datetime, most_ahead: timedelta = MOST_AHEAD) -> None:
    """Raise ``BadSignature`` for a transmission that PayPal would not repeat any more, or of the future."""
    try:
        at = datetime.fromisoformat(sent[:19]).replace(tzinfo=UTC)
    except ValueError:
        raise BadSignature("malformed paypal-transmission-time") from None
    if now - at > OLDEST:
        raise BadSignature("stale")
    if at - now > most_ahead:
        raise BadSignature("from the future")


def certificate_path(url: str, origin: Origin) -> str:
    """The path of a certificate's address; raises ``BadSignature`` unless it is PayPal's own, in every part.

    A test of the beginning or the end of the address would let ``api.paypal.com.example``, ``user@`` and ``/../``
    pass.
    """
    wrong = BadSignature("a certificate from elsewhere")
    if any(character <= " " or character in "\\\x7f" for character in url):
        raise wrong
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme != "https" or parts.netloc not in origin.hosts or port is not None:
        raise wrong
    if "?" in url or "#" in url or not _PATH.fullmatch(parts.path):
        raise wrong
    return parts.path


def certificate(pem: bytes, roots: Store, origin: Origin, now: datetime) -> Certificate:
    """The key of a chain in PEM, leaf first; raises ``BadSignature`` unless a trusted root stands behind it."""
    try:
        chain = x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise BadSignature("no certificate") from None
    verifier = PolicyBuilder().store(roots).time(now).build_server_verifier(x509.DNSName(origin.name))
    try:
        verifier.verify(chain[0], chain[1:])
    except VerificationError:
        raise BadSignature("a certificate that is not PayPal's") from None
    key = chain[0].public_key()
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < LEAST_KEY_BITS:
        raise BadSignature("a key of another kind")
    return Certificate(key, chain[0].not_valid_before_utc, chain[0].not_valid_after_utc)


def check(sent: Transmission, body: bytes, known: Certificate, webhook_ids: Sequence[str], now: datetime) -> None:
    """Raise ``BadSignature`` unless the key signed this transmission of this body for one of our webhooks."""
    if not known.not_before <= now <= known.not_after:
        raise BadSignature("an expired certificate")
    try:
        signature = base64.b64decode(sent.signature, validate=True)
    except (binascii.Error, ValueError):
        raise BadSignature("malformed paypal-transmission-sig") from None
    for webhook_id in webhook_ids:
        try:
            known.key.verify(signature, sent.message(webhook_id, body), padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            continue
        return
    raise BadSignature("wrong signature")
