"""PayPal's scheme: an RSA signature that a certificate stands for. Pure: bytes in, headers out.

PayPal, "Integrate webhooks": the signed text is ``<transmission id>|<time>|<webhook id>|<CRC-32 of the body>``, the
checksum in decimal, the signature RSA PKCS#1 v1.5 with SHA-256. Nobody but PayPal can sign for PayPal's own
certificate, so that deliveries that count as genuine need a certificate of the simulator's authority
(``POST /_sim/certificates {"kind": "good"}``); forgeries need those of the kinds that they are made with.
"""

from __future__ import annotations

import base64
import functools
import secrets as random
import uuid
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from harness.courier.signing import RIGHTLY, Address, AddressSigning, CertificateKind, Key, Part, Signing
from harness.domain.verdicts import HarnessError, NotApplicable

SIMULATED_WEBHOOK_ID = "WEBHOOK_ID"
"""Stands for the webhook id in events of PayPal's webhooks simulator; anybody can have such an event sent."""
_SOME_ADDRESS = "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77"
"""Stands in the header of a forgery that no certificate could make true."""
_DIGESTS: Mapping[str, type[hashes.HashAlgorithm]] = {"SHA1withRSA": hashes.SHA1, "MD5withRSA": hashes.MD5}


@dataclass(frozen=True, slots=True)
class SigningCertificate:
    """A certificate that the courier signs with: its address as the provider writes it, and its key."""

    url: str
    private_key_pem: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PayPalScheme:
    """PayPal's scheme.

    Args:
        certificates: by kind; those that are asked for must be there. Without any (PayPal's own sandbox) only
            forgeries can be made that no certificate stands for.
        elsewhere: ``host[:port]`` that the attacker serves the certificates at; a host that does not exist says only
            that the verifier did not use it.
    """

    certificates: Mapping[CertificateKind, SigningCertificate]
    elsewhere: str = "certificates.payharness.example"
    header: str = "PAYPAL-TRANSMISSION-SIG"

    def headers(self, body: bytes, secrets: Sequence[str], now: float, signing: Signing = RIGHTLY) -> dict[str, str]:
        """Headers as PayPal sends them, with the signature that was asked for.

        ``secrets`` holds the webhook's id, newest first; one signature fits one id.
        """
        sent = {
            "Accept": "*/*",
            "Content-Type": "application/json",
            "User-Agent": "PayPal/AUHD-214.0-58361544",
            "CORRELATION-ID": random.token_hex(7)[:13],
        }
        if signing.at != AddressSigning():
            raise NotApplicable("PayPal signs the webhook's id; the endpoint's address is no part of it")
        if signing.captured is not None:
            return {**sent, **signing.captured, **signing.extra}
        if signing.literal is None and not signing.parts:
            return {**sent, **signing.extra}
        return {**sent, **self._signed(body, secrets, now + signing.shift, signing), **signing.extra}

    def _signed(self, body: bytes, secrets: Sequence[str], at: float, signing: Signing) -> dict[str, str]:
        certificate = self._certificate(signing)
        transmission = str(uuid.uuid4())
        moment = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        signature = signing.literal
        if signature is None:
            part = _only(signing.parts)
            message = signed_text(transmission, moment, _endpoint(part, secrets, signing), body)
            pem = own_key_pem() if part.key is Key.WRONG else certificate.private_key_pem
            signature = _sign(message, pem, signing.by.algorithm)
        return {
            "PAYPAL-TRANSMISSION-ID": transmission,
            "PAYPAL-TRANSMISSION-TIME": moment,
            self.header: signature,
            "PAYPAL-AUTH-VERSION": "v2",
            "PAYPAL-CERT-URL": address(certificate.url, signing.by.address, self.elsewhere),
            "PAYPAL-AUTH-ALGO": signing.by.algorithm,
        }

    def _certificate(self, signing: Signing) -> SigningCertificate:
        kind = signing.by.certificate
        if kind in self.certificates:
            return self.certificates[kind]
        if not self.certificates:
            if signing.literal is not None or all(part.key is Key.WRONG for part in signing.parts):
                return SigningCertificate(_SOME_ADDRESS, "")
            raise NotApplicable(
                "nobody but PayPal can sign for PayPal's own certificates; deliveries that count as PayPal's are made "
                "against the simulator only"
            )
        raise HarnessError(
            f"there is no {kind.value!r} certificate to sign PayPal deliveries with; have the simulator make one with "
            f'POST /_sim/certificates {{"kind": "{kind.value}"}} and give it to PayPalScheme'
        )


def signed_text(transmission: str, moment: str, webhook_id: str, body: bytes) -> bytes:
    """What PayPal signs."""
    return f"{transmission}|{moment}|{webhook_id}|{zlib.crc32(body)}".encode()


def address(url: str, kind: Address, elsewhere: str) -> str:
    """A certificate's address as an attacker would write it.

    ``elsewhere`` (``host[:port]``) is where a verifier that follows it ends up.
    """
    parts = urlsplit(url)
    host, path = parts.hostname or "", parts.path
    folder, _, name = path.rpartition("/")
    return {
        Address.GENUINE: url,
        Address.PLAIN_HTTP: f"http://{host}{path}",
        Address.ANOTHER_HOST: f"https://{elsewhere}{path}",
        Address.LONGER_HOST: f"https://{host}.{elsewhere}{path}",
        Address.ENDING_HOST: f"https://not-{host}{path}",
        Address.USER_NAME: f"https://{host}@{elsewhere}{path}",
        Address.ODD_PORT: f"https://{host}:8443{path}",
        Address.CLIMBING_PATH: f"https://{host}{folder}/../../../v1/notifications/certs/{name}",
        Address.OTHER_FOLDER: f"https://{host}/payharness/{name}",
        Address.QUERY: f"{url}?next=https://{elsewhere}{path}",
        Address.FRAGMENT: f"{url}#{elsewhere}",
    }[kind]


@functools.cache
def own_key_pem() -> str:
    """A key of the attacker's own, which no certificate stands for."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _only(parts: Sequence[Part]) -> Part:
    if len(parts) != 1:
        raise NotApplicable("a PayPal delivery carries one signature, and names the certificate that it was made with")
    return parts[0]


def _endpoint(part: Part, secrets: Sequence[str], signing: Signing) -> str:
    """The webhook's id that is signed.

    Stripe's test scheme is at PayPal the webhooks simulator, and an empty secret an empty id: a true signature of
    PayPal's, which proves nothing about this webhook.
    """
    if signing.by.endpoint is not None:
        return signing.by.endpoint
    if part.scheme == "v0":
        return SIMULATED_WEBHOOK_ID
    if part.key is Key.EMPTY:
        return ""
    if not secrets:
        raise HarnessError("PayPal deliveries are signed for a webhook's id, and none is known; name it in the profile")
    return secrets[0]


def _sign(message: bytes, pem: str, algorithm: str) -> str:
    key = _loaded(pem)
    digest = _DIGESTS.get(algorithm, hashes.SHA256)()
    return base64.b64encode(key.sign(message, padding.PKCS1v15(), digest)).decode()


@functools.lru_cache(maxsize=32)
def _loaded(pem: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise HarnessError("the key to sign PayPal deliveries with is not an RSA key; PayPal's certificates hold RSA")
    return key
