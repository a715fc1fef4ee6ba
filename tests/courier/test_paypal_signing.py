"""PayPal signatures are made as PayPal makes them, judged by a verifier written from PayPal's documentation.

Wrong ones are wrong in just the way they say.
"""

from __future__ import annotations

import json
import sys
import time
import uuid
import zlib
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives import hashes
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from paypal_verifier import NAME, WEBHOOK, certificates, fits, refusal

from harness.courier import (
    FORGERIES,
    PAYPAL_FORGERIES,
    UNSIGNED,
    VARIANTS,
    Address,
    CertificateKind,
    CertificateSigning,
    PayPalScheme,
    Signing,
    StripeScheme,
    forged_object,
    made_up,
    made_up_payment,
    variant,
    with_checksum_of,
)
from harness.courier.paypal_signing import address
from harness.domain.verdicts import HarnessError, NotApplicable

SCHEME = PayPalScheme(certificates(), "127.0.0.1:9999")
ORDER = made_up_payment("or_1", 4999, "eur", provider="paypal")
CAPTURE = forged_object("payment succeeded", ORDER, provider="paypal")
EVENT = made_up("PAYMENT.CAPTURE.COMPLETED", CAPTURE, provider="paypal")
EXPECTED = {
    "no signature": "no header",
    "an empty signature": "signature",
    "a garbage signature": "signature",
    "a signature made with another secret": "signature",
    "a signature made with an empty secret": "signature",
    "a body altered after signing": "signature",
    "a signature from ten minutes ago": "age",
    "a signature from yesterday": "age",
    "a signature from the future": "age",
    "a signature under the test scheme only": "signature",
    "a debugging header instead of a signature": "no header",
    "the real secret": None,
    "a signature for another webhook": "signature",
    "a signature of the provider's test tool": "signature",
    "a certificate of a foreign authority": "certificate",
    "an expired certificate": "certificate",
    "a certificate that is not valid yet": "certificate",
    "a certificate of another name": "certificate",
    "a certificate for another purpose": "certificate",
    "a weaker signature algorithm": "algorithm",
    "an unknown signature algorithm": "algorithm",
    "a body re-serialised after signing": "signature",
    "another body with the same checksum": None,
    **{f"a certificate at {kind.value}": "address" for kind in Address if kind is not Address.GENUINE},
    **{f"a trusted certificate at {kind.value}": "address" for kind in Address if kind is not Address.GENUINE},
}
"""What a careful verifier says; it lets pass what only the provider itself could tell: a leaked key, and a checksum."""
SEVERAL = {"a true test signature beside a false one", "signed for a rotated secret too", "signed under both schemes"}
"""Forms with several signatures in one header, which PayPal has not."""


def sent(form, event=EVENT):
    parcel = form.parcel(event, "tested")
    headers = SCHEME.headers(parcel.body, [WEBHOOK], time.time(), parcel.signing)
    return (parcel.tamper(parcel.body) if parcel.tamper else parcel.body), headers


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=400), st.from_regex(r"[A-Z0-9]{17}", fullmatch=True))
def test_the_verifier_accepts_every_right_signature_for_its_webhook_only(body, webhook):
    headers = SCHEME.headers(body, [webhook], time.time())
    assert refusal(body, headers, webhook) is None
    assert refusal(body, headers, f"{webhook}X") == "signature"


@pytest.mark.parametrize("name", [*FORGERIES, *PAYPAL_FORGERIES])
def test_the_verifier_refuses_every_forgery_for_the_reason_that_it_names(name):
    form = {**FORGERIES, **PAYPAL_FORGERIES}[name]
    if name in SEVERAL:
        with pytest.raises(NotApplicable, match="one signature"):
            sent(form)
        return
    reason = refusal(*sent(form))
    expected = EXPECTED[name]
    assert (reason is None) if expected is None else (reason or "").startswith(expected)


@pytest.mark.parametrize("name", sorted(set(VARIANTS) - SEVERAL))
def test_every_form_of_delivery_is_validly_signed_unless_its_name_says_otherwise(name):
    wrong = {
        "signed under the test scheme only": "signature",
        "with a timestamp from ten minutes ago": "age",
        "with a timestamp from the future": "age",
    }
    assert refusal(*sent(variant(name))) == wrong.get(name)


def test_the_headers_are_those_of_a_real_delivery():
    headers = SCHEME.headers(EVENT.body, [WEBHOOK], 1_770_000_000.7)
    assert str(uuid.UUID(headers["PAYPAL-TRANSMISSION-ID"])) == headers["PAYPAL-TRANSMISSION-ID"]
    assert headers["PAYPAL-TRANSMISSION-TIME"] == "2026-02-02T02:40:00Z"
    assert len(headers["PAYPAL-TRANSMISSION-SIG"]) == 344
    assert headers["PAYPAL-AUTH-VERSION"] == "v2"
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"].startswith("PayPal/AUHD-")


def test_each_delivery_has_a_transmission_id_of_its_own():
    made = {SCHEME.headers(b"{}", [WEBHOOK], 1)["PAYPAL-TRANSMISSION-ID"] for _ in range(5)}
    assert len(made) == 5


def test_an_unsigned_delivery_has_no_header_of_paypals_at_all():
    assert not [name for name in SCHEME.headers(b"{}", [WEBHOOK], 1, UNSIGNED) if name.startswith("PAYPAL")]


def test_the_test_tools_events_are_signed_for_its_own_webhook_id():
    body, headers = sent(PAYPAL_FORGERIES["a signature of the provider's test tool"])
    assert refusal(body, headers, "WEBHOOK_ID") is None


def test_another_webhooks_signature_is_true_for_that_webhook():
    body, headers = sent(PAYPAL_FORGERIES["a signature for another webhook"])
    assert refusal(body, headers, "0EH40505U7160970P") is None


def test_the_weaker_algorithm_is_really_used():
    body, headers = sent(PAYPAL_FORGERIES["a weaker signature algorithm"])
    signed = "|".join(
        [headers["PAYPAL-TRANSMISSION-ID"], headers["PAYPAL-TRANSMISSION-TIME"], WEBHOOK, str(zlib.crc32(body))]
    )
    assert headers["PAYPAL-AUTH-ALGO"] == "SHA1withRSA"
    assert fits("CERT-good", headers["PAYPAL-TRANSMISSION-SIG"], signed.encode(), hashes.SHA1())
    assert not fits("CERT-good", headers["PAYPAL-TRANSMISSION-SIG"], signed.encode(), hashes.SHA256())


@pytest.mark.parametrize("kind", [kind for kind in Address if kind is not Address.GENUINE])
def test_a_forged_address_is_wrong_in_the_way_that_it_names_and_no_other(kind):
    genuine = urlsplit(certificates()[CertificateKind.GOOD].url)
    forged = urlsplit(address(genuine.geturl(), kind, "evil.example"))
    differences = {
        part
        for part in ("scheme", "hostname", "port", "username", "path", "query", "fragment")
        if getattr(genuine, part) != getattr(forged, part)
    }
    assert (
        differences
        == {
            Address.PLAIN_HTTP: {"scheme"},
            Address.ANOTHER_HOST: {"hostname"},
            Address.LONGER_HOST: {"hostname"},
            Address.ENDING_HOST: {"hostname"},
            Address.USER_NAME: {"hostname", "username"},
            Address.ODD_PORT: {"port"},
            Address.CLIMBING_PATH: {"path"},
            Address.OTHER_FOLDER: {"path"},
            Address.QUERY: {"query"},
            Address.FRAGMENT: {"fragment"},
        }[kind]
    )
    if kind is Address.CLIMBING_PATH:
        assert forged.path.startswith(genuine.path.rpartition("/")[0])
        assert "../" in forged.path


@settings(max_examples=40, deadline=None)
@given(
    st.binary(max_size=300),
    st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=20) | st.none(), max_size=5),
)
def test_another_json_body_can_have_the_checksum_of_any_body(genuine, document):
    other = with_checksum_of(genuine, document)
    assert zlib.crc32(other) == zlib.crc32(genuine)
    assert {key: value for key, value in json.loads(other).items() if key != "note"} == {
        key: value for key, value in document.items() if key != "note"
    }


def test_a_captured_signature_verifies_for_another_body_under_another_event_id():
    captured = SCHEME.headers(EVENT.body, [WEBHOOK], time.time())
    other = with_checksum_of(EVENT.body, {**EVENT.document, "id": "WH-OTHER"})
    headers = SCHEME.headers(other, [], time.time(), Signing(captured=captured))
    assert other != EVENT.body
    assert headers["PAYPAL-TRANSMISSION-SIG"] == captured["PAYPAL-TRANSMISSION-SIG"]
    assert refusal(other, headers) is None


def test_the_forgery_by_checksum_says_other_figures_and_another_event():
    body, headers = sent(PAYPAL_FORGERIES["another body with the same checksum"])
    document = json.loads(body)
    assert refusal(body, headers) is None
    assert document["id"] != EVENT.id
    assert document["resource"]["amount"]["value"] == "0.01"
    assert EVENT.object["amount"]["value"] == "49.99"


def test_a_reserialised_body_is_the_same_json_in_other_bytes():
    body, _ = sent(PAYPAL_FORGERIES["a body re-serialised after signing"])
    assert json.loads(body) == EVENT.document
    assert body != EVENT.body


def test_without_certificates_only_what_nobody_could_have_signed_can_be_sent():
    scheme = PayPalScheme({})
    with pytest.raises(NotApplicable, match="nobody but PayPal can sign"):
        scheme.headers(b"{}", [WEBHOOK], 1)
    for name in ("a signature made with another secret", "a garbage signature"):
        headers = scheme.headers(b"{}", [WEBHOOK], 1, FORGERIES[name].signing)
        assert headers["PAYPAL-CERT-URL"].startswith("https://api.sandbox.paypal.com/v1/notifications/certs/CERT-")
    assert "PAYPAL-CERT-URL" not in scheme.headers(b"{}", [WEBHOOK], 1, UNSIGNED)


def test_a_certificate_that_nobody_made_is_asked_for_by_name():
    scheme = PayPalScheme({CertificateKind.GOOD: certificates()[CertificateKind.GOOD]})
    with pytest.raises(HarnessError, match=r'POST /_sim/certificates \{"kind": "expired"\}'):
        scheme.headers(b"{}", [WEBHOOK], 1, Signing(by=CertificateSigning(CertificateKind.EXPIRED)))


def test_a_delivery_without_a_webhook_id_cannot_be_signed():
    with pytest.raises(HarnessError, match="webhook's id"):
        SCHEME.headers(b"{}", [], 1)


def test_the_key_is_not_shown_when_a_certificate_is_printed():
    assert "PRIVATE KEY" not in repr(SCHEME)
    assert NAME not in repr(SCHEME)


def test_what_needs_a_certificate_does_not_apply_to_stripe():
    with pytest.raises(NotApplicable, match="certificate"):
        StripeScheme().headers(b"{}", ["whsec"], 1, PAYPAL_FORGERIES["an expired certificate"].signing)
