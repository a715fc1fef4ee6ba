"""Square's signature over address and body: right as its own helper has it, wrong in every way that was asked for."""

import pytest
from square.utils.webhooks_helper import verify_signature

from harness.courier.forms import FORGERIES, SQUARE_FORGERIES, VARIANTS, forgery
from harness.courier.signing import (
    RIGHTLY,
    UNSIGNED,
    AddressSigning,
    CertificateKind,
    CertificateSigning,
    Key,
    Over,
    Part,
    Signing,
    StripeScheme,
)
from harness.courier.square_signing import SquareScheme, signature
from harness.domain.verdicts import HarnessError, NotApplicable

URL, KEY, BODY = "https://shop.example/webhooks/square", "1k9bIJKCeTmSQwyagtNRLg", '{"id":"Zoë"}'.encode()
SCHEME = SquareScheme(URL)


def sent(signing=RIGHTLY, scheme=SCHEME, body=BODY):
    return scheme.headers(body, [KEY], 1_790_000_000.5, signing)


def verifies(headers, body=BODY, key=KEY, url=URL):
    """Square's own helper."""
    return verify_signature(
        request_body=body.decode(),
        signature_header=headers.get(SCHEME.header, ""),
        signature_key=key,
        notification_url=url,
    )


def test_the_known_answer_is_made():
    made = signature("asdf1234", "https://example.com/webhook", b'{"hello":"world"}')
    assert made == "2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og="


def test_a_right_signature_is_right_for_squares_own_helper():
    headers = sent()
    assert verifies(headers)
    assert headers["square-environment"] == "Sandbox"
    assert headers["square-initial-delivery-timestamp"] == "2026-09-21T14:13:20.500Z"
    assert not any(name.startswith("square-retry") for name in headers)


def test_the_newest_key_signs():
    headers = SCHEME.headers(BODY, [KEY, "an_older_one"], 0)
    assert verifies(headers)
    assert not verifies(headers, key="an_older_one")


@pytest.mark.parametrize("over", [one for one in Over if one is not Over.ADDRESS_AND_BODY])
@pytest.mark.parametrize("url", [URL, "http://127.0.0.1:8443/hook", "https://shop.example/hook?from=a"])
def test_a_signature_over_anything_else_is_wrong(over, url):
    headers = sent(Signing(at=AddressSigning(over)), SquareScheme(url))
    assert len(headers[SCHEME.header]) == 44
    assert not verifies(headers, url=url)


@pytest.mark.parametrize(
    "how", [AddressSigning(hexadecimal=True), AddressSigning(decoded=True), AddressSigning(digest="sha1")]
)
def test_a_signature_made_otherwise_is_wrong(how):
    assert not verifies(sent(Signing(at=how)))


@pytest.mark.parametrize("key", [Key.WRONG, Key.EMPTY])
def test_another_key_is_wrong(key):
    assert not verifies(sent(Signing(parts=(Part(key=key),))))


def test_an_unsigned_delivery_has_no_header_and_a_literal_is_sent_as_it_is():
    assert SCHEME.header not in sent(UNSIGNED)
    assert sent(Signing(literal="x"))[SCHEME.header] == "x"


def test_a_captured_delivery_is_sent_again_as_it_was():
    before = sent()
    again = SCHEME.headers(BODY, ["a_key_rolled_since"], 1_800_000_000, Signing(captured=before))
    assert verifies(again)


@pytest.mark.parametrize(
    "signing",
    [
        Signing(shift=-600),
        Signing(parts=(Part(), Part(key=Key.WRONG))),
        Signing(parts=(Part("v0"),)),
        Signing(by=CertificateSigning(CertificateKind.EXPIRED)),
    ],
)
def test_what_square_cannot_express_says_what_it_has_instead(signing):
    with pytest.raises(NotApplicable, match="Square"):
        sent(signing)


def test_other_providers_sign_no_address():
    with pytest.raises(NotApplicable, match="address"):
        StripeScheme().headers(BODY, ["whsec_x"], 0, Signing(at=AddressSigning(Over.BODY_ALONE)))


def test_a_key_that_nobody_knows_is_asked_for():
    with pytest.raises(HarnessError, match="name it"):
        SCHEME.headers(BODY, [], 0)


@pytest.mark.parametrize("name", SQUARE_FORGERIES)
def test_every_forgery_of_squares_own_is_one(name):
    found = forgery(name)
    body = found.tamper(BODY) if found.tamper else BODY
    assert not verifies(sent(found.signing), body)


def test_names_of_forgeries_mean_one_thing():
    assert not set(SQUARE_FORGERIES) & (set(VARIANTS) | set(FORGERIES))
