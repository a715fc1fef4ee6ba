"""Square's door and settings: its signature over our address and the raw bytes, what is refused, what is never sent."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid

import pytest

from reference_impl import settings as configuration
from reference_impl.gateways import square_events
from reference_impl.gateways.errors import NotFound, OutcomeUnknown, Refused
from reference_impl.gateways.protocol import BadSignature
from reference_impl.gateways.square import SquareGateway
from reference_impl.gateways.square_client import checked, translate
from reference_impl.gateways.square_shapes import key_of

GOOD = {
    "PAYMENTS_ENVIRONMENT": "test",
    "PUBLIC_URL": "https://example.com",
    "OPERATOR_TOKEN": "op_0123456789",
    "SQUARE_ACCESS_TOKEN": "EAAAtoken",
    "SQUARE_APPLICATION_ID": "sandbox-sq0idb-abc",
    "SQUARE_LOCATION_ID": "L1",
    "SQUARE_CURRENCY": "EUR",
    "SQUARE_ENVIRONMENT": "sandbox",
    "SQUARE_WEBHOOK_SIGNATURE_KEYS": "asdf1234",
    "SQUARE_WEBHOOK_URL": "https://example.com/webhook",
}
BODY, KNOWN = b'{"hello":"world"}', b"2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og="
HEADER = b"x-square-hmacsha256-signature"


def settings(monkeypatch, **changes):
    for name in ("STRIPE_SECRET_KEY", "PAYPAL_CLIENT_ID", "SQUARE_API_BASE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (GOOD | changes).items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    return configuration.load()


@pytest.fixture
def gateway(monkeypatch):
    return SquareGateway(settings(monkeypatch, SQUARE_WEBHOOK_SIGNATURE_KEYS="an_older_one,asdf1234"))


def sign(key: str, url: str, body: bytes) -> bytes:
    return base64.b64encode(hmac.new(key.encode(), url.encode() + body, hashlib.sha256).digest())


def test_a_known_answer_is_let_in_with_either_key(gateway):
    gateway.verify_delivery(BODY, {HEADER: KNOWN})
    gateway.verify_delivery(BODY, {HEADER: sign("an_older_one", "https://example.com/webhook", BODY)})


@pytest.mark.parametrize(
    "sent",
    [
        None,
        b"",
        b"x",
        b"\xff\xfe",
        KNOWN[:-1],
        sign("another", "https://example.com/webhook", BODY),
        sign("asdf1234", "http://example.com/webhook", BODY),
        sign("asdf1234", "https://example.com/webhook/", BODY),
        sign("asdf1234", "", BODY),
        sign("asdf1234", "", BODY + b"https://example.com/webhook"),
        hmac.new(b"asdf1234", b"https://example.com/webhook" + BODY, hashlib.sha256).hexdigest().encode(),
        base64.b64encode(hmac.new(b"asdf1234", b"https://example.com/webhook" + BODY, hashlib.sha1).digest()),
    ],
)
def test_any_other_signature_is_refused(gateway, sent):
    with pytest.raises(BadSignature):
        gateway.verify_delivery(BODY, {} if sent is None else {HEADER: sent})


def test_one_byte_of_the_body_matters_and_an_empty_body_is_none(gateway):
    with pytest.raises(BadSignature):
        gateway.verify_delivery(BODY + b" ", {HEADER: KNOWN})
    with pytest.raises(BadSignature):
        gateway.verify_delivery(b"", {HEADER: sign("asdf1234", "https://example.com/webhook", b"")})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"SQUARE_ACCESS_TOKEN": None}, "SQUARE_ACCESS_TOKEN is missing"),
        ({"SQUARE_ENVIRONMENT": None}, "SQUARE_ENVIRONMENT is missing"),
        ({"SQUARE_ENVIRONMENT": "production"}, "is of production in test"),
        ({"SQUARE_APPLICATION_ID": "sq0idp-real"}, "is of production in test"),
        ({"SQUARE_CURRENCY": "euros"}, "SQUARE_CURRENCY must be three letters"),
        ({"SQUARE_WEBHOOK_SIGNATURE_KEYS": None}, "SQUARE_WEBHOOK_SIGNATURE_KEYS is missing"),
        ({"SQUARE_WEBHOOK_SIGNATURE_KEYS": "a,,b"}, "blank or padded"),
        ({"SQUARE_WEBHOOK_SIGNATURE_KEYS": "EAAAtoken"}, "holds the access token"),
        ({"SQUARE_WEBHOOK_URL": "example.com/webhook"}, "SQUARE_WEBHOOK_URL must be"),
        ({"SQUARE_API_BASE": "nowhere"}, "SQUARE_API_BASE must be"),
        (
            {"PAYMENTS_ENVIRONMENT": "production", "OPERATOR_TOKEN": "op_" + "x" * 30},
            "the sandbox's in production",
        ),
        (
            {
                "PAYMENTS_ENVIRONMENT": "production",
                "OPERATOR_TOKEN": "op_" + "x" * 30,
                "SQUARE_API_BASE": "http://127.0.0.1:12113",
            },
            "SQUARE_API_BASE is set in production",
        ),
    ],
)
def test_settings_that_cannot_be_right_are_refused_in_one_sentence(monkeypatch, changes, words):
    with pytest.raises(configuration.Misconfigured, match=words) as refused:
        settings(monkeypatch, **changes)
    assert "EAAAtoken" not in str(refused.value)


def test_square_alone_is_enough_for_a_shop(monkeypatch):
    assert settings(monkeypatch).takes_square


def test_the_address_of_the_door_follows_from_the_public_one(monkeypatch):
    assert (
        settings(monkeypatch, SQUARE_WEBHOOK_URL=None).square_notification_url == "https://example.com/webhooks/square"
    )


@pytest.mark.parametrize("bad", ["", "a/b", "a?b", "..", "a b", "a%2Fb", "x" * 200])
def test_an_id_that_is_none_is_never_put_into_a_path(bad):
    with pytest.raises(NotFound):
        checked(bad)


def test_keys_fit_and_stay_the_same():
    long = "payment:pay_01HZZZZZZZZZZZZZZZZZZZZZZZ:token:12:again:1"
    assert len(key_of(long)) <= 45
    assert key_of(long) == key_of(long) != key_of(long + "x")
    assert key_of("refund:rf_1") == "refund:rf_1"


class FailureError(Exception):
    def __init__(self, status, body):
        super().__init__("headers and body that must not be shown: Bearer EAAAtoken")
        self.status_code, self.body = status, body


def refusal(code, category="INVALID_REQUEST_ERROR"):
    return {"errors": [{"category": category, "code": code, "detail": f"about {code}"}]}


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (400, refusal("GENERIC_DECLINE", "PAYMENT_METHOD_ERROR"), Refused, "GENERIC_DECLINE"),
        (402, refusal("GENERIC_DECLINE", "PAYMENT_METHOD_ERROR"), Refused, "GENERIC_DECLINE"),
        (400, refusal("VERSION_MISMATCH"), Refused, "VERSION_MISMATCH"),
        (404, refusal("NOT_FOUND"), NotFound, "NOT_FOUND"),
        (401, refusal("UNAUTHORIZED"), OutcomeUnknown, "key_refused"),
        (429, refusal("RATE_LIMITED"), OutcomeUnknown, "rate_limited"),
        (503, refusal("SERVICE_UNAVAILABLE"), OutcomeUnknown, "SERVICE_UNAVAILABLE"),
        (502, "<html>bad gateway</html>", OutcomeUnknown, "http_502"),
        (400, "<html>a firewall</html>", OutcomeUnknown, "http_400"),
    ],
)
def test_what_an_error_means_and_that_it_shows_nothing(status, body, kind, code):
    meant = translate(FailureError(status, body))
    assert type(meant) is kind
    assert meant.code == code
    assert "EAAA" not in str(meant)


def test_an_event_names_its_object_and_what_that_belongs_to():
    body = {
        "merchant_id": "M",
        "type": "dispute.created",
        "event_id": "e1",
        "created_at": "2026-01-02T03:04:05Z",
        "data": {"type": "dispute", "id": "D1", "object": {"dispute": {"disputed_payment": {"payment_id": "P1"}}}},
    }
    notice = square_events.read(json.dumps(body).encode())
    assert (notice.id, notice.type, notice.object_id, notice.parent_id) == ("e1", "dispute.created", "D1", "P1")
    for wrong in ({"event_id": "a b"}, {"created_at": "soon"}, {"data": {"id": "../x"}}):
        with pytest.raises(ValueError, match=r".*"):
            square_events.read(json.dumps(body | wrong).encode())


# the door of a running shop


def deliver(square, event, key=None, **headers):
    body = json.dumps(event).encode()
    url = f"{square.url}/webhooks/square"
    signature = sign(key or square.signature_key, url, body).decode()
    sent = {"x-square-hmacsha256-signature": signature, "content-type": "application/json", **headers}
    return square.http.post(url, content=body, headers=sent)


def made_up(square, order, **changes):
    payment = square.payments_of(order)[0] if square.payments_of(order) else {"id": "nothing"}
    event = {
        "merchant_id": square.merchant["merchant_id"],
        "type": "payment.updated",
        "event_id": str(uuid.uuid4()),
        "created_at": "2026-11-24T03:04:05Z",
        "data": {
            "type": "payment",
            "id": payment["id"],
            "object": {"payment": {"id": payment["id"], "status": "COMPLETED"}},
        },
    }
    return event | changes


def test_a_signed_event_is_stored_once_and_a_forged_one_never(square):
    order = square.paid_by_square()
    event = made_up(square, order)
    assert [deliver(square, event).status_code for _ in range(3)] == [200, 200, 200]
    assert len([one for one in square.events() if one["event_id"] == event["event_id"]]) == 1
    forged = made_up(square, order)
    assert deliver(square, forged, key="another").status_code == 400
    assert forged["event_id"] not in {one["event_id"] for one in square.events()}


def test_either_key_of_a_rotation_is_taken(square):
    order = square.paid_by_square()
    assert deliver(square, made_up(square, order), key="an_older_key").status_code == 200


def test_what_an_event_claims_is_not_believed(square):
    order = square.order()
    begun = square.begin(order)
    event = made_up(square, order)
    event["data"]["object"]["payment"] |= {"order_id": begun["payment"]["provider_id"], "amount_money": {"amount": 1}}
    assert deliver(square, event).status_code == 200
    square.quiet_square()
    assert square.seen(order)["state"] == "unpaid"


def test_the_address_comes_from_the_settings_and_not_from_the_request(square):
    order = square.paid_by_square()
    honest = deliver(square, made_up(square, order), host="evil.example", **{"x-forwarded-proto": "https"})
    assert honest.status_code == 200
    body = json.dumps(made_up(square, order)).encode()
    signature = sign(square.signature_key, "https://evil.example/webhooks/square", body).decode()
    headers = {"x-square-hmacsha256-signature": signature, "host": "evil.example"}
    assert square.http.post(f"{square.url}/webhooks/square", content=body, headers=headers).status_code == 400


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"event_id": "x"}', b"\xff"])
def test_a_signed_body_that_is_no_event_is_refused(square, body):
    url = f"{square.url}/webhooks/square"
    headers = {"x-square-hmacsha256-signature": sign(square.signature_key, url, body).decode()}
    assert square.http.post(url, content=body, headers=headers).status_code == 400
