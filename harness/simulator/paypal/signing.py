"""How PayPal signs a delivery, and how a signature is checked. Pure: bytes in, headers or a verdict out.

The signed text is ``<transmission id>|<transmission time>|<webhook id>|<CRC-32 of the raw body, decimal>``; the
signature is RSA PKCS#1 v1.5 with SHA-256, in base64 (PayPal, "Integrate webhooks", "Verify the webhook message").
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

ALGORITHM = "SHA256withRSA"
SIMULATED_WEBHOOK_ID = "WEBHOOK_ID"
"""Stands for the webhook id in events of the webhooks simulator (PayPal, "Webhooks simulator")."""
USER_AGENT = "PayPal/AUHD-214.0-58361544"


@dataclass(frozen=True, slots=True)
class Transmission:
    """What is signed beside the body: an attempt has its own id and time."""

    id: str
    time: str
    webhook_id: str

    def message(self, body: bytes) -> bytes:
        """The signed text for a body."""
        return f"{self.id}|{self.time}|{self.webhook_id}|{zlib.crc32(body)}".encode()


def signature(key: rsa.RSAPrivateKey, transmission: Transmission, body: bytes) -> str:
    """The signature of a delivery, in base64."""
    signed = key.sign(transmission.message(body), padding.PKCS1v15(), hashes.SHA256())
    return base64.b64encode(signed).decode()


def headers(
    key: rsa.RSAPrivateKey, cert_url: str, transmission: Transmission, body: bytes, correlation_id: str
) -> list[tuple[str, str]]:
    """The headers of a delivery as PayPal sends them."""
    return [
        ("Accept", "*/*"),
        ("PAYPAL-TRANSMISSION-ID", transmission.id),
        ("PAYPAL-TRANSMISSION-TIME", transmission.time),
        ("PAYPAL-TRANSMISSION-SIG", signature(key, transmission, body)),
        ("PAYPAL-AUTH-VERSION", "v2"),
        ("PAYPAL-CERT-URL", cert_url),
        ("PAYPAL-AUTH-ALGO", ALGORITHM),
        ("Content-Type", "application/json"),
        ("User-Agent", USER_AGENT),
        ("CORRELATION-ID", correlation_id),
    ]


def genuine(public: rsa.RSAPublicKey, claimed: Mapping[str, str], webhook_id: str, body: bytes) -> bool:
    """Whether a postback's fields fit a body: what ``verify-webhook-signature`` answers.

    ``claimed`` holds ``auth_algo``, ``transmission_id``, ``transmission_time``, ``transmission_sig``.
    """
    if claimed["auth_algo"] != ALGORITHM:
        return False
    transmission = Transmission(claimed["transmission_id"], claimed["transmission_time"], webhook_id)
    try:
        signed = base64.b64decode(claimed["transmission_sig"], validate=True)
        public.verify(signed, transmission.message(body), padding.PKCS1v15(), hashes.SHA256())
    except (binascii.Error, ValueError, InvalidSignature):
        return False
    return True
