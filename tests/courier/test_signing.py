"""Signatures are made as Stripe makes them, judged by its own verifier.

Wrong ones are wrong in just the way they say.
"""

from __future__ import annotations

import time

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from harness.courier import FORGERIES, VARIANTS, StripeScheme, made_up, variant
from harness.courier.signing import UNSIGNED, Key, Part, Signing

SECRET = "whsec_test"
OPEN_DOORS = {"the real secret", "a signature from the future"}
"""Forgeries that the provider's own verifier lets pass: the secret leaked, and ages in the future are not looked at."""


def accepted(body, headers, secret=SECRET):
    try:
        return stripe.WebhookSignature.verify_header(
            body.decode("utf-8", "surrogatepass"), headers.get("Stripe-Signature", ""), secret, 300
        )
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False


def sent(form, body=b'{\n  "amount": 100,\n  "id": "evt_1"\n}'):
    headers = StripeScheme().headers(body, [SECRET], time.time(), form.signing)
    return (form.tamper(body) if form.tamper else body), headers


@given(st.text(), st.text(min_size=1).filter(str.strip))
def test_stripes_own_verifier_accepts_every_right_signature(text, secret):
    body = text.encode("utf-8", "replace")
    headers = StripeScheme().headers(body, [secret], time.time())
    assert accepted(body, headers, secret)


@pytest.mark.parametrize("name", FORGERIES)
def test_stripes_own_verifier_refuses_every_forgery_that_it_could_know(name):
    assert accepted(*sent(FORGERIES[name])) is (name in OPEN_DOORS)


@pytest.mark.parametrize("name", VARIANTS)
def test_every_form_of_delivery_is_validly_signed_unless_its_name_says_otherwise(name):
    event = made_up("payment_intent.succeeded", {"id": "pi_1", "object": "payment_intent", "amount": 1})
    parcel = variant(name).parcel(event, name)
    headers = StripeScheme().headers(parcel.body, [SECRET], time.time(), parcel.signing)
    wrong = {
        "signed under the test scheme only",
        "signed with the key before",  # there is none: the secret was never changed
        "with a timestamp from ten minutes ago",
    }
    assert accepted(parcel.body, headers) is (name not in wrong)


def test_while_a_secret_is_rolled_each_of_the_two_verifies():
    headers = StripeScheme().headers(b"{}", ["whsec_new", "whsec_old"], time.time())
    assert accepted(b"{}", headers, "whsec_new")
    assert accepted(b"{}", headers, "whsec_old")
    assert headers["Stripe-Signature"].count("v1=") == 2


def test_an_unsigned_delivery_has_no_header_at_all():
    assert "Stripe-Signature" not in StripeScheme().headers(b"{}", [SECRET], time.time(), UNSIGNED)


def test_the_time_of_signing_is_shifted_and_signed_as_shifted():
    header = StripeScheme().headers(b"{}", [SECRET], 1000.9, Signing(shift=-400))["Stripe-Signature"]
    assert header.startswith("t=600,v1=")


def test_schemes_and_secrets_can_be_combined():
    header = StripeScheme().headers(b"{}", [SECRET], 5, Signing((Part("v0"), Part("v1", Key.WRONG))))[
        "Stripe-Signature"
    ]
    assert [part.split("=")[0] for part in header.split(",")] == ["t", "v0", "v1"]
