"""How deliveries are signed, and how signatures go wrong. Pure: bytes in, headers out.

A ``Scheme`` knows one provider's way. A ``Signing`` says how one delivery is to be signed, rightly or wrongly; it
means the same at every provider, and a provider that cannot express it raises ``NotApplicable``.

Stripe ("Verify webhook signatures manually"): ``Stripe-Signature: t=<epoch>,v1=<hex>``, HMAC-SHA256 over ``"<t>."``
and the body with the whole secret as key; one ``v1`` for each live secret; ``v0`` is a test scheme that proves nothing.
PayPal's scheme, which signs with a certificate's key, is in ``paypal_signing``; Square's, which signs the endpoint's
address with the body, in ``square_signing``.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from harness.domain.verdicts import NotApplicable

WRONG_SECRET = "whsec_payharness_is_not_the_secret_of_this_endpoint"  # noqa: S105 - deliberately nobody's
"""What an attacker signs with who does not know the secret."""


class Key(StrEnum):
    """Which secret a signature is made with."""

    RIGHT = "right"
    WRONG = "wrong"
    EMPTY = "empty"
    PREVIOUS = "previous"
    """The one that was right before it was changed."""


@dataclass(frozen=True, slots=True)
class Part:
    """One signature in the header: its scheme (Stripe: ``v1``, ``v0``) and the secret it is made with."""

    scheme: str = "v1"
    key: Key = Key.RIGHT


class CertificateKind(StrEnum):
    """What is right or wrong with the certificate whose key signs."""

    GOOD = "good"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    OTHER_NAME = "other_name"
    FOREIGN_AUTHORITY = "foreign_authority"
    NO_SERVER_AUTH = "no_server_auth"


class Address(StrEnum):
    """Where a delivery says that its certificate is; all but the first are what a careful verifier never fetches."""

    GENUINE = "genuine"
    PLAIN_HTTP = "plain http"
    ANOTHER_HOST = "another host"
    LONGER_HOST = "a host that begins like the provider's"
    ENDING_HOST = "a host that ends like the provider's"
    USER_NAME = "a user name before another host"
    ODD_PORT = "an odd port"
    CLIMBING_PATH = "a path that climbs out of the folder"
    OTHER_FOLDER = "another folder"
    QUERY = "a query"
    FRAGMENT = "a fragment"


@dataclass(frozen=True, slots=True)
class CertificateSigning:
    """What can be wrong with a signature that a certificate stands for; the default is right.

    ``endpoint``: the endpoint's id that is signed instead of the right one. ``algorithm``: what the header claims;
    ``SHA1withRSA`` and ``MD5withRSA`` are signed as they claim.
    """

    certificate: CertificateKind = CertificateKind.GOOD
    address: Address = Address.GENUINE
    endpoint: str | None = None
    algorithm: str = "SHA256withRSA"


class Over(StrEnum):
    """What is signed where the endpoint's address is signed with the body; all but the first are mistakes."""

    ADDRESS_AND_BODY = "the address and the body"
    BODY_AND_ADDRESS = "the body and the address"
    BODY_ALONE = "the body alone"
    OTHER_SCHEME = "the address under another scheme"
    ADDED_SLASH = "the address with a slash added"
    OTHER_PORT = "the address with another port"
    OTHER_HOST = "the address of another host"
    ADDED_QUERY = "the address with a query added"


@dataclass(frozen=True, slots=True)
class AddressSigning:
    """What can be wrong with a signature over an address and a body; the default is right.

    ``digest``: the hash of the HMAC. ``hexadecimal``: written in hex instead of base64. ``decoded``: the key is taken
    for base64, as which it was never meant. ``legacy``: the signature that was sent before this one stands in the
    older header, and there alone.
    """

    over: Over = Over.ADDRESS_AND_BODY
    digest: str = "sha256"
    hexadecimal: bool = False
    decoded: bool = False
    legacy: bool = False


@dataclass(frozen=True, slots=True)
class Signing:
    """How one delivery is signed.

    ``parts``: the signatures in the header, none for an unsigned delivery. ``shift``: seconds added to the time of
    signing. ``literal``: a header value to send instead; ``extra``: headers to add. ``by``: what is wrong where a
    certificate stands for the signature. ``at``: what is wrong where the address is signed with the body.
    ``captured``: headers of a genuine delivery that are sent again as they are.
    """

    parts: tuple[Part, ...] = (Part(),)
    shift: float = 0.0
    literal: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    by: CertificateSigning = CertificateSigning()
    at: AddressSigning = AddressSigning()
    captured: Mapping[str, str] | None = None


RIGHTLY = Signing()
UNSIGNED = Signing(parts=())


class Scheme(Protocol):
    """One provider's way of signing."""

    @property
    def header(self) -> str:
        """Name of the header that carries the signature."""

    def headers(self, body: bytes, secrets: Sequence[str], now: float, signing: Signing = RIGHTLY) -> dict[str, str]:
        """Headers of a delivery of these bytes.

        ``secrets`` are the endpoint's, newest first (PayPal: the id of the webhook), ``now`` is epoch seconds.

        Raises:
            NotApplicable: the provider cannot sign in this way.
        """


@dataclass(frozen=True, slots=True)
class StripeScheme:
    """Stripe's scheme."""

    header: str = "Stripe-Signature"

    def headers(self, body: bytes, secrets: Sequence[str], now: float, signing: Signing = RIGHTLY) -> dict[str, str]:
        """Headers as Stripe sends them, with the signature that was asked for."""
        if signing.by != CertificateSigning():
            raise NotApplicable("Stripe signs with a shared secret; no certificate stands for a signature")
        if signing.at != AddressSigning():
            raise NotApplicable("Stripe signs the time and the body; the endpoint's address is no part of it")
        if signing.captured is not None:
            return {**signing.captured, **signing.extra}
        sent = {
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Accept": "*/*; q=0.5, application/xml",
            "Cache-Control": "no-cache",
            "Content-Type": "application/json; charset=utf-8",
            **signing.extra,
        }
        if signing.literal is not None:
            sent[self.header] = signing.literal
        elif signing.parts:
            sent[self.header] = stripe_header(body, secrets, int(now + signing.shift), signing.parts)
        return sent


def stripe_header(body: bytes, secrets: Sequence[str], at: int, parts: Sequence[Part] = (Part(),)) -> str:
    """``t=...,v1=...`` with one signature for each part.

    And for each secret where the part is made with the right ones.
    """
    signatures = [f"t={at}"]
    for part in parts:
        known = {Key.RIGHT: list(secrets), Key.PREVIOUS: list(secrets[1:])}
        keys = known.get(part.key) or {Key.WRONG: [WRONG_SECRET], Key.EMPTY: [""]}.get(part.key, [])
        signatures += [f"{part.scheme}={_hmac(key, at, body)}" for key in keys]
    return ",".join(signatures)


def _hmac(secret: str, at: int, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
