"""Forms in which an event is delivered: rightly, as a provider or a proxy could, or as an attacker would. Pure.

A *variant* is one delivery's form: validly signed, unless its name says otherwise. A *forgery* is a variant that no
provider would send. The same name means the same at every provider; where a provider cannot express it, its scheme
raises ``NotApplicable``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from harness.courier.checksum import with_checksum_of
from harness.courier.events import Event, altered
from harness.courier.signing import (
    RIGHTLY,
    UNSIGNED,
    Address,
    AddressSigning,
    CertificateKind,
    CertificateSigning,
    Key,
    Over,
    Part,
    Signing,
)
from harness.domain.verdicts import HarnessError

MINUTE, DAY = 60.0, 86_400.0
LARGE = 2 * 1024 * 1024
"""Bytes of a large body."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery to be made: an event in a form. ``again``: whether it is carried again until it is accepted."""

    event: Event
    body: bytes
    variant: str = "as sent"
    signing: Signing = RIGHTLY
    tamper: Callable[[bytes], bytes] | None = None
    """Changes the body after it was signed."""
    path_suffix: str = ""
    after: float = 0.0
    """Seconds to wait before it is carried."""
    again: bool = True


@dataclass(frozen=True, slots=True)
class Variant:
    """A form of delivery.

    ``body`` makes the bytes from the event; ``again``: a provider would repeat it until accepted.
    """

    body: Callable[[Event], bytes] = lambda event: event.body
    signing: Signing = RIGHTLY
    tamper: Callable[[bytes], bytes] | None = None
    path_suffix: str = ""
    again: bool = True

    def parcel(self, event: Event, name: str, signing: Signing | None = None) -> Parcel:
        """The event in this form."""
        return Parcel(
            event, self.body(event), name, signing or self.signing, self.tamper, self.path_suffix, 0.0, self.again
        )


def _changed(**changes: Any) -> Callable[[Event], bytes]:
    return lambda event: altered(event, **changes).body


def _compact(event: Event) -> bytes:
    return json.dumps(event.document, separators=(",", ":"), ensure_ascii=False).encode()


def _reindented(event: Event) -> bytes:
    return json.dumps(event.document, indent=7, ensure_ascii=True).encode() + b"\r\n"


def _reordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _reordered(value[key]) for key in reversed(list(value))}
    return [_reordered(item) for item in value] if isinstance(value, list) else value


def _renamed(event: Event) -> bytes:
    return altered(event, id=event.shape.new_id()).body


def _about_nobody(event: Event) -> bytes:
    text = event.body.decode()
    for one in event.shape.ids(event.document):
        text = text.replace(one, event.shape.fresh(one))
    return _renamed(Event.of(json.loads(text)))


def _about_a_path(event: Event) -> bytes:
    """Ids that lead somewhere else where they are put into a path as they are."""
    text = event.body.decode()
    for one in event.shape.ids(event.document):
        text = text.replace(one, f"../{one}/../locations?x=")
    return _renamed(Event.of(json.loads(text)))


def _without_optional_fields(event: Event) -> bytes:
    return event.shape.printed(event.shape.bare(event.document))


def _with_unknown_fields(event: Event) -> bytes:
    news = {"payharness_new_field": {"nested": [1, None, "é"]}, "payharness_new_flag": True}
    return altered(event, object={**event.object, **news}, **news).body


def _large(event: Event) -> bytes:
    return altered(event, object={**event.object, "description": "x" * LARGE}).body


def _holding(inside: Any) -> Callable[[Event], bytes]:
    """Another event about this, whatever it is; nothing at all for ``...``."""

    def make(event: Event) -> bytes:
        shape = event.shape
        document = shape.changed(event.document, {"id": shape.new_id(), "object": inside})
        if inside is ...:
            document = {**event.document, "id": shape.new_id()}
            document.update({"data": {}} if "data" in document else {})
            document.pop("resource", None)
        return shape.printed(document)

    return make


def _nested(event: Event) -> bytes:
    mark = "payharness-nested"
    head = _holding(mark)(event)
    return head.replace(f'"{mark}"'.encode(), b'{"a":' * 1000 + b"1" + b"}" * 1000)


def _raised_amount(body: bytes) -> bytes:
    """Change figures after signing, as somebody on the way would."""
    changed = re.sub(rb'("amount(?:_received)?": ?)\d+', rb"\g<1>1", body)
    changed = re.sub(rb'("(?:value|total)":")[\d.]+"', rb'\g<1>0.01"', changed)
    return changed if changed != body else body.replace(b"\n", b"\n ", 1) + b" "


def _reserialised(body: bytes) -> bytes:
    """Parsed and printed again, as a framework in between would; the same JSON in other bytes."""
    again = json.dumps(json.loads(body), ensure_ascii=True).encode()
    return again if again != body else json.dumps(json.loads(body), separators=(",", ":")).encode()


def _same_checksum(body: bytes) -> bytes:
    """Other figures under another event id, in bytes that have the checksum of those that were signed."""
    document = json.loads(_raised_amount(body))
    shape = Event.of(document).shape
    return with_checksum_of(body, {**document, "id": shape.new_id()})


VARIANTS: Mapping[str, Variant] = {
    "as sent": Variant(),
    "compact": Variant(_compact),
    "with its keys in another order": Variant(lambda event: event.shape.printed(_reordered(event.document))),
    "indented differently": Variant(_reindented),
    "with another API version": Variant(lambda event: altered(event, api_version=event.shape.other_version).body),
    "of the wrong mode": Variant(_changed(livemode=True), again=False),
    "of another account": Variant(_changed(account="acct_1PayharnessOther"), again=False),
    "of an unknown type": Variant(lambda e: altered(e, type="payharness.never.heard_of", id=e.shape.new_id()).body),
    "about an object nobody knows": Variant(_about_nobody, again=False),
    "under a new event id": Variant(_renamed),
    "without optional fields": Variant(_without_optional_fields),
    "with fields nobody knows": Variant(_with_unknown_fields),
    "about an id with a path in it": Variant(_about_a_path, again=False),
    "with no object inside": Variant(_holding(...), again=False),
    "with a list for an object": Variant(_holding([1]), again=False),
    "nested a thousand deep": Variant(_nested, again=False),
    "with malformed JSON": Variant(lambda event: event.body[:-20] + b',"cut', again=False),
    "with an empty body": Variant(lambda _: b"", again=False),
    "with a body of two megabytes": Variant(_large, again=False),
    "signed for a rotated secret too": Variant(signing=Signing(parts=(Part(key=Key.WRONG), Part()))),
    "signed under the test scheme only": Variant(signing=Signing(parts=(Part("v0"),)), again=False),
    "signed under both schemes": Variant(signing=Signing(parts=(Part(), Part("v0")))),
    "with a timestamp from the future": Variant(signing=Signing(shift=3600), again=False),
    "with a timestamp from ten minutes ago": Variant(signing=Signing(shift=-10 * MINUTE), again=False),
    "to the address with a slash added": Variant(path_suffix="/"),
    "through a proxy that names itself": Variant(
        signing=Signing(
            extra={
                "Host": "10.1.2.3:8080",
                "X-Forwarded-Host": "inner.shop.example",
                "X-Forwarded-Proto": "https",
                "Forwarded": "host=inner.shop.example;proto=https",
            }
        )
    ),
    "signed with the key before": Variant(signing=Signing(parts=(Part(key=Key.PREVIOUS),))),
    "from a page of another origin": Variant(
        signing=Signing(extra={"Origin": "https://elsewhere.example", "Referer": "https://elsewhere.example/"})
    ),
}
"""Forms in which a provider, its network or a proxy could deliver."""

FORGERIES: Mapping[str, Variant] = {
    "no signature": Variant(signing=UNSIGNED),
    "an empty signature": Variant(signing=Signing(literal="")),
    "a garbage signature": Variant(signing=Signing(literal="t=yesterday;v1=not-hex,,=,v1")),
    "a signature made with another secret": Variant(signing=Signing(parts=(Part(key=Key.WRONG),))),
    "a signature made with an empty secret": Variant(signing=Signing(parts=(Part(key=Key.EMPTY),))),
    "a body altered after signing": Variant(tamper=_raised_amount),
    "a signature from ten minutes ago": Variant(signing=Signing(shift=-10 * MINUTE)),
    "a signature from yesterday": Variant(signing=Signing(shift=-DAY)),
    "a signature from the future": Variant(signing=Signing(shift=3600)),
    "a signature under the test scheme only": Variant(signing=Signing(parts=(Part("v0"),))),
    "a true test signature beside a false one": Variant(signing=Signing(parts=(Part("v1", Key.WRONG), Part("v0")))),
    "a debugging header instead of a signature": Variant(
        signing=Signing(
            parts=(),
            extra={
                "X-Debug": "1",
                "X-Skip-Signature": "true",
                "X-Djstripe-Webhook-Secret": "whsec_test",
                "X-Test-Mode": "1",
            },
        )
    ),
    "the real secret": Variant(),
}
"""What an attacker tries; the last one is an attacker whom the secret leaked to."""


PAYPAL_FORGERIES: Mapping[str, Variant] = {
    "a signature for another webhook": Variant(signing=Signing(by=CertificateSigning(endpoint="0EH40505U7160970P"))),
    "a signature of the provider's test tool": Variant(signing=Signing(by=CertificateSigning(endpoint="WEBHOOK_ID"))),
    "a certificate of a foreign authority": Variant(
        signing=Signing(by=CertificateSigning(CertificateKind.FOREIGN_AUTHORITY))
    ),
    "an expired certificate": Variant(signing=Signing(by=CertificateSigning(CertificateKind.EXPIRED))),
    "a certificate that is not valid yet": Variant(
        signing=Signing(by=CertificateSigning(CertificateKind.NOT_YET_VALID))
    ),
    "a certificate of another name": Variant(signing=Signing(by=CertificateSigning(CertificateKind.OTHER_NAME))),
    "a certificate for another purpose": Variant(
        signing=Signing(by=CertificateSigning(CertificateKind.NO_SERVER_AUTH))
    ),
    **{
        f"a certificate at {kind.value}": Variant(
            signing=Signing(by=CertificateSigning(CertificateKind.FOREIGN_AUTHORITY, kind))
        )
        for kind in Address
        if kind is not Address.GENUINE
    },
    **{
        f"a trusted certificate at {kind.value}": Variant(signing=Signing(by=CertificateSigning(address=kind)))
        for kind in Address
        if kind is not Address.GENUINE
    },
    "a weaker signature algorithm": Variant(signing=Signing(by=CertificateSigning(algorithm="SHA1withRSA"))),
    "an unknown signature algorithm": Variant(signing=Signing(by=CertificateSigning(algorithm="none"))),
    "a body re-serialised after signing": Variant(tamper=_reserialised),
    "another body with the same checksum": Variant(tamper=_same_checksum),
}
"""What an attacker tries where a certificate stands for the signature.

A certificate of a foreign authority at an odd address is what an attacker can really make; a trusted one there tells
whether the address itself is judged.
"""


SQUARE_FORGERIES: Mapping[str, Variant] = {
    **{
        f"a signature over {over.value}": Variant(signing=Signing(at=AddressSigning(over)))
        for over in Over
        if over is not Over.ADDRESS_AND_BODY
    },
    "a signature in hexadecimal": Variant(signing=Signing(at=AddressSigning(hexadecimal=True))),
    "a signature with the key taken for base64": Variant(signing=Signing(at=AddressSigning(decoded=True))),
    "the older header alone": Variant(signing=Signing(at=AddressSigning(legacy=True))),
    "a signature with an outdated hash": Variant(signing=Signing(at=AddressSigning(digest="sha1"))),
    "a body re-serialised after signing": Variant(tamper=_reserialised),
}
"""What an attacker, or a careless proxy, does where the endpoint's address is signed with the body."""


def variant(name: str) -> Variant:
    """A form by its name; an unknown one names the nearest."""
    return _named(name, VARIANTS, "form of delivery")


def forgery(name: str) -> Variant:
    """A forgery by its name; a form of delivery may serve as one."""
    return _named(name, {**VARIANTS, **FORGERIES, **PAYPAL_FORGERIES, **SQUARE_FORGERIES}, "forgery")


def _named(name: str, table: Mapping[str, Variant], what: str) -> Variant:
    if name in table:
        return table[name]
    close = get_close_matches(name, table, 1, 0.5)
    hint = f"did you mean {close[0]!r}?" if close else f"known are: {', '.join(table)}"
    raise HarnessError(f"no {what} is called {name!r}; {hint}")
