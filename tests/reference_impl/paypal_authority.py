"""An authority of our own, with leaves that are right or wrong in one way each, and deliveries signed by them."""

from __future__ import annotations

import base64
import secrets
import zlib
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAME = "messageverificationcerts.sandbox.paypal.com"
CERT_URL = "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77"
_DAY = timedelta(days=1)


class Authority:
    """A root and what it signs."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        name = _name(f"Root {secrets.token_hex(4)}")
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        self.root = (
            _builder(name, name, self.key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256())
        )

    @property
    def pem(self) -> str:
        return _pem(self.root)

    def leaf(self, name: str = NAME, **more: Any) -> Leaf:
        return Leaf(self, name, **more)


class Leaf:
    """A certificate with its key."""

    def __init__(
        self,
        authority: Authority,
        name: str,
        *,
        bits: int = 2048,
        server: bool = True,
        days: tuple[int, int] = (-1, 30),
    ) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
        now = datetime.now(UTC)
        purpose = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
        made = (
            _builder(_name(name), authority.root.subject, self.key.public_key())
            .not_valid_before(now + days[0] * _DAY)
            .not_valid_after(now + days[1] * _DAY)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False
            )
        )
        self.certificate = made.sign(authority.key, hashes.SHA256())

    @cached_property
    def pem(self) -> str:
        return _pem(self.certificate)

    def sign(self, body: bytes, webhook_id: str, **changes: str) -> dict[str, str]:
        """Headers of a delivery; ``changes`` are put in before it is signed."""
        sent = {
            "transmission-id": changes.get("id", f"{secrets.token_hex(4)}-{secrets.token_hex(8)}"),
            "transmission-time": changes.get("time", datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")),
        }
        text = f"{sent['transmission-id']}|{sent['transmission-time']}|{webhook_id}|{zlib.crc32(body)}"
        signature = self.key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        sent |= {
            "transmission-sig": base64.b64encode(signature).decode(),
            "cert-url": changes.get("url", CERT_URL),
            "auth-algo": changes.get("algorithm", "SHA256withRSA"),
        }
        return {f"paypal-{name}": value for name, value in sent.items()}


def raw(headers: dict[str, str]) -> dict[bytes, bytes]:
    """Headers as an ASGI server hands them over."""
    return {name.encode(): value.encode("latin-1") for name, value in headers.items()}


def _builder(subject: x509.Name, issuer: x509.Name, public: Any) -> x509.CertificateBuilder:
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public)
    made = made.serial_number(x509.random_serial_number())
    if subject == issuer:
        now = datetime.now(UTC)
        made = made.not_valid_before(now - 3650 * _DAY).not_valid_after(now + 3650 * _DAY)
    return made


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
