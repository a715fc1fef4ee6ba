"""A careful verifier of PayPal deliveries, written from PayPal's documentation and independent of the product's code.

And a small authority whose certificates it trusts, with certificates of every wrong kind beside them.
"""

from __future__ import annotations

import base64
import binascii
import functools
import re
import time
import zlib
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from harness.courier import CertificateKind, SigningCertificate

NAME = "messageverificationcerts.sandbox.paypal.com"
FOLDER = "https://api.sandbox.paypal.com/v1/notifications/certs/"
ADDRESS = re.compile(r"https://api\.sandbox\.paypal\.com/v1/notifications/certs/([A-Za-z0-9_-]+)")
WEBHOOK = "8PT597110X687430L"


@functools.cache
def key(number: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _certificate(subject, public, issuer, issuer_key, *, ca=False, days=(-1, 30), server=True):
    now = datetime.now(UTC)
    names = [x509.NameAttribute(NameOID.COMMON_NAME, name) for name in (subject, issuer)]
    usage = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([names[0]]))
        .issuer_name(x509.Name([names[1]]))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, key_cert_sign=ca, crl_sign=ca, **usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if not ca:
        purpose = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(subject)]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


@functools.cache
def root(number: int) -> x509.Certificate:
    return _certificate(f"root {number}", key(number).public_key(), f"root {number}", key(number), ca=True)


@functools.cache
def served() -> dict[str, x509.Certificate]:
    """Certificates by their ids: what PayPal's host would answer, and what the attacker managed to put there."""
    leaf = functools.partial(_certificate, NAME, key(2).public_key())
    mine, foreign = ("root 0", key(0)), ("root 1", key(1))
    return {
        "CERT-good": leaf(*mine),
        "CERT-expired": leaf(*mine, days=(-30, -1)),
        "CERT-not_yet_valid": leaf(*mine, days=(1, 30)),
        "CERT-other_name": _certificate("www.paypal.com", key(2).public_key(), *mine),
        "CERT-foreign_authority": leaf(*foreign),
        "CERT-no_server_auth": leaf(*mine, server=False),
    }


@functools.cache
def certificates() -> dict[CertificateKind, SigningCertificate]:
    """What the courier signs with."""
    pem = key(2).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {kind: SigningCertificate(f"{FOLDER}CERT-{kind.value}", pem.decode()) for kind in CertificateKind}


def refusal(body: bytes, headers: dict[str, str], webhook_id: str = WEBHOOK, *, fresh: float = 300) -> str | None:
    """Why a delivery is not PayPal's; None where it is."""
    given = {name.lower(): value for name, value in headers.items()}
    try:
        transmission, moment, signature, url, algorithm = (
            given[f"paypal-{name}"]
            for name in ("transmission-id", "transmission-time", "transmission-sig", "cert-url", "auth-algo")
        )
    except KeyError as missing:
        return f"no header {missing}"
    if algorithm != "SHA256withRSA":
        return "algorithm"
    found = ADDRESS.fullmatch(url)
    if not found:
        return "address"
    if reason := _distrust(served()[found[1]]):
        return reason
    if abs(time.time() - datetime.fromisoformat(moment).timestamp()) > fresh:
        return "age"
    signed = f"{transmission}|{moment}|{webhook_id}|{zlib.crc32(body)}".encode()
    return None if fits(found[1], signature, signed, hashes.SHA256()) else "signature"


def fits(certificate: str, signature: str, signed: bytes, digest: hashes.HashAlgorithm) -> bool:
    """Whether a signature is one of a certificate's key over a text."""
    public = served()[certificate].public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    try:
        public.verify(base64.b64decode(signature, validate=True), signed, padding.PKCS1v15(), digest)
    except (binascii.Error, ValueError, InvalidSignature):
        return False
    return True


def _distrust(leaf: x509.Certificate) -> str | None:
    store = verification.Store([root(0)])
    verifier = verification.PolicyBuilder().store(store).build_server_verifier(x509.DNSName(NAME))
    try:
        verifier.verify(leaf, [])
    except verification.VerificationError as error:
        return f"certificate: {error}"
    return None
