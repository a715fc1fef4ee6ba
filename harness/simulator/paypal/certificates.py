"""Certificates of the keys that deliveries are signed with: an authority, a leaf for each key, chains in PEM.

One set for a process, made when it is first needed and never written anywhere. What a verifier judges (dates, names,
purpose) it judges by its own clock, so certificates are dated by real time and not by an account's.

PayPal, "Integrate webhooks": the chain is fetched from the address in ``PAYPAL-CERT-URL`` and its leaf is named
``messageverificationcerts.sandbox.paypal.com``.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAME = "messageverificationcerts.sandbox.paypal.com"
"""Common and alternative name of a genuine leaf."""
OTHER_NAME = "messageverificationcerts.sandbox.paypal.com.payharness.example"
"""A name that a careless comparison takes for the genuine one."""
PATH = "/v1/notifications/certs/"
PUBLIC_ORIGIN = "https://api.sandbox.paypal.com"
"""The origin that ``PAYPAL-CERT-URL`` names, as PayPal's sandbox does."""
RSA_BITS = 2048
_DAY = timedelta(days=1)


class CertificateKind(StrEnum):
    """What is right or wrong with a certificate."""

    GOOD = "good"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    OTHER_NAME = "other_name"
    FOREIGN_AUTHORITY = "foreign_authority"
    NO_SERVER_AUTH = "no_server_auth"


@dataclass(frozen=True, slots=True)
class Certificate:
    """One leaf with its key.

    ``pem`` is the chain as it is served: the leaf, then the intermediate.
    """

    id: str
    kind: CertificateKind
    pem: str
    key: rsa.RSAPrivateKey

    @property
    def path(self) -> str:
        """Where the simulator serves it."""
        return PATH + self.id

    def url(self, origin: str = PUBLIC_ORIGIN) -> str:
        """Its address under an origin."""
        return origin.rstrip("/") + self.path

    @property
    def private_key_pem(self) -> str:
        """The key, PKCS#8, without a password."""
        encoded = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return encoded.decode()

    def view(self) -> dict[str, str]:
        """As the control interface shows it, without the key."""
        return {"id": self.id, "url": self.url(), "path": self.path, "pem": self.pem}


class _Issuer:
    """A root and an intermediate that signs leaves."""

    def __init__(self, organisation: str) -> None:
        self._root_key = ec.generate_private_key(ec.SECP256R1())
        self._key = ec.generate_private_key(ec.SECP256R1())
        root_name = _name(organisation, f"{organisation} Root CA")
        self.root = _authority(root_name, self._root_key.public_key(), root_name, self._root_key, None)
        own_name = _name(organisation, f"{organisation} Issuing CA")
        self.intermediate = _authority(own_name, self._key.public_key(), root_name, self._root_key, 0)

    def leaf(self, public: rsa.RSAPublicKey, kind: CertificateKind) -> x509.Certificate:
        now = datetime.now(UTC).replace(microsecond=0)
        start, end = {
            CertificateKind.EXPIRED: (now - 400 * _DAY, now - _DAY),
            CertificateKind.NOT_YET_VALID: (now + 30 * _DAY, now + 395 * _DAY),
        }.get(kind, (now - _DAY, now + 365 * _DAY))
        name = OTHER_NAME if kind is CertificateKind.OTHER_NAME else NAME
        purposes = [ExtendedKeyUsageOID.CLIENT_AUTH]
        if kind is not CertificateKind.NO_SERVER_AUTH:
            purposes.insert(0, ExtendedKeyUsageOID.SERVER_AUTH)
        subject = _name("PayPal, Inc. (simulated)", name)
        issuer = self._key.public_key()
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.intermediate.subject)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), critical=False)
            .sign(self._key, hashes.SHA256())
        )


class Authority:
    """The simulator's own authority: the leaf in use, and every other that was asked for."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._certificates: dict[str, Certificate] = {}
        self._warming = False

    def warm(self) -> None:
        """Make the keys in the background, so that the first delivery need not wait for them."""
        if not self._warming:
            self._warming = True
            threading.Thread(target=lambda: self.current, name="payharness-paypal-keys", daemon=True).start()

    @property
    def current(self) -> Certificate:
        """The certificate whose key signs deliveries."""
        with self._lock:
            return self._current

    @property
    def root_pem(self) -> str:
        """The root that a verifier is to trust."""
        with self._lock:
            return _pem(self._issuer.root)

    def listed(self) -> list[Certificate]:
        """Every certificate that is served, the one in use first."""
        first = self.current
        with self._lock:
            return [first, *(one for one in self._certificates.values() if one is not first)]

    def find(self, certificate_id: str) -> Certificate | None:
        """A certificate by its id; None where there is none."""
        with self._lock:
            return self._certificates.get(certificate_id)

    def make(self, kind: CertificateKind) -> Certificate:
        """Another certificate, served like the others; a good one is as trusted as the one in use."""
        with self._lock:
            return self._made(kind, self._spare_key)

    @cached_property
    def _issuer(self) -> _Issuer:
        return _Issuer("Payharness Simulated")

    @cached_property
    def _foreign(self) -> _Issuer:
        return _Issuer("Payharness Foreign")

    @cached_property
    def _current(self) -> Certificate:
        return self._made(CertificateKind.GOOD, _key())

    @cached_property
    def _spare_key(self) -> rsa.RSAPrivateKey:
        """One key for all that are handed out; making a key is what takes time."""
        return _key()

    def _made(self, kind: CertificateKind, key: rsa.RSAPrivateKey) -> Certificate:
        issuer = self._foreign if kind is CertificateKind.FOREIGN_AUTHORITY else self._issuer
        leaf = issuer.leaf(key.public_key(), kind)
        digest = hashlib.sha256(leaf.public_bytes(serialization.Encoding.DER)).hexdigest()
        made = Certificate(
            f"CERT-{digest[:8]}-{digest[8:16]}-{digest[16:24]}", kind, _pem(leaf) + _pem(issuer.intermediate), key
        )
        self._certificates[made.id] = made
        return made


def kind_of(text: object) -> CertificateKind:
    """The kind that a word names; raises ``ValueError`` with the words that are known."""
    try:
        return CertificateKind(str(text))
    except ValueError:
        known = ", ".join(CertificateKind)
        raise ValueError(f"No kind of certificate is called {text!r}; use one of: {known}.") from None


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _name(organisation: str, common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=not signs,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _authority(
    subject: x509.Name,
    public: ec.EllipticCurvePublicKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    path_length: int | None,
) -> x509.Certificate:
    now = datetime.now(UTC).replace(microsecond=0)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 800 * _DAY)
        .not_valid_after(now + 3650 * _DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
