"""Webhooks: management, deliveries, postback and certificates, as PayPal documents them."""

from __future__ import annotations

import base64
import json
import time
import zlib
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import verification
from listener import Listener
from merchant import card
from specification import WHY_NOT, conforms, folder, problems

from harness.courier import PAYPAL_FORGERIES, CertificateKind, Event, PayPalScheme, SigningCertificate, forgery

FILE = "notifications_webhooks_v1"
BASE = "/v1/notifications"
NAME = "messageverificationcerts.sandbox.paypal.com"
ALL = [{"name": "*"}]


@pytest.fixture
def subscribed(merchant, listener):
    """The id of a webhook that gets every event at the listener."""
    answer = merchant.call("POST", f"{BASE}/webhooks", {"url": f"{listener.url}/hook", "event_types": ALL})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def happen(merchant, **more):
    """Make one event: a card is saved."""
    answer = merchant.call("POST", "/v3/vault/payment-tokens", {"payment_source": card(**more)})
    assert answer.status_code == 201, answer.text
    return answer.json()


def arrived(listener: Listener, count: int):
    deadline = time.monotonic() + 10
    while len(listener.received) < count:
        assert time.monotonic() < deadline, f"{len(listener.received)} of {count} deliveries came"
        time.sleep(0.01)
    return list(listener.received)


def trusted(merchant, pem: str, name: str = NAME) -> str | None:
    """Why a verifier that trusts the simulator's root alone refuses a chain; None where it accepts it."""
    root = x509.load_pem_x509_certificate(merchant.control.get("/authority").json()["root_pem"].encode())
    leaf, *rest = x509.load_pem_x509_certificates(pem.encode())
    verifier = verification.PolicyBuilder().store(verification.Store([root])).build_server_verifier(x509.DNSName(name))
    try:
        verifier.verify(leaf, rest)
    except verification.VerificationError as error:
        return str(error)
    return None


def genuine(merchant, headers, body: bytes, webhook_id: str) -> bool:
    """What a verifier written from PayPal's documentation says of a delivery, with the chain that is served."""
    pem = merchant.page.get(headers["paypal-cert-url"].removeprefix("https://api.sandbox.paypal.com")).text
    assert trusted(merchant, pem) is None
    key = x509.load_pem_x509_certificates(pem.encode())[0].public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    signed = "|".join(
        [headers["paypal-transmission-id"], headers["paypal-transmission-time"], webhook_id, str(zlib.crc32(body))]
    )
    try:
        key.verify(
            base64.b64decode(headers["paypal-transmission-sig"]), signed.encode(), padding.PKCS1v15(), hashes.SHA256()
        )
    except InvalidSignature:
        return False
    return True


def postback(merchant, headers, body: bytes, webhook_id: str) -> str:
    """PayPal's own word on a delivery, its body spliced into the question byte for byte."""
    names = {
        "auth_algo": "paypal-auth-algo",
        "cert_url": "paypal-cert-url",
        "transmission_id": "paypal-transmission-id",
        "transmission_sig": "paypal-transmission-sig",
        "transmission_time": "paypal-transmission-time",
    }
    fields = {field: headers[name] for field, name in names.items()} | {"webhook_id": webhook_id}
    question = json.dumps(fields)[:-1].encode() + b', "webhook_event": ' + body + b"}"
    answer = merchant.http.post(
        f"{BASE}/verify-webhook-signature", content=question, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 200, answer.text
    conforms(FILE, "POST", f"{BASE}/verify-webhook-signature", answer)
    return answer.json()["verification_status"]


def test_the_specification_judges_every_answer_and_would_find_a_wrong_one(merchant):
    if folder() is None:
        pytest.skip(WHY_NOT)
    answer = merchant.call("GET", f"{BASE}/webhooks-event-types")
    assert problems(FILE, "GET", f"{BASE}/webhooks-event-types", answer) == []
    answer._content = json.dumps({"event_types": [{"description": "no name"}]}).encode()
    assert "'name' is a required property" in problems(FILE, "GET", f"{BASE}/webhooks-event-types", answer)[0]


# ---- management ----------------------------------------------------------------------------------


def test_a_webhook_is_made_read_listed_and_deleted(merchant, listener):
    body = {"url": listener.url, "event_types": [{"name": "PAYMENT.CAPTURE.COMPLETED"}]}
    made = merchant.call("POST", f"{BASE}/webhooks", body)
    conforms(FILE, "POST", f"{BASE}/webhooks", made)
    it = made.json()
    assert made.status_code == 201
    assert {one["rel"]: one["method"] for one in it["links"]} == {"self": "GET", "update": "PATCH", "delete": "DELETE"}
    assert it["event_types"][0]["status"] == "ENABLED"
    read = merchant.call("GET", f"{BASE}/webhooks/{it['id']}")
    conforms(FILE, "GET", f"{BASE}/webhooks/{{webhook_id}}", read)
    listed = merchant.call("GET", f"{BASE}/webhooks")
    conforms(FILE, "GET", f"{BASE}/webhooks", listed)
    assert listed.json() == {"webhooks": [read.json()]}
    assert merchant.call("DELETE", f"{BASE}/webhooks/{it['id']}").status_code == 204
    gone = merchant.call("GET", f"{BASE}/webhooks/{it['id']}")
    conforms(FILE, "GET", f"{BASE}/webhooks/{{webhook_id}}", gone)
    assert (gone.status_code, gone.json()["name"]) == (404, "INVALID_RESOURCE_ID")


def test_a_url_can_be_registered_once(merchant, listener, subscribed):
    again = merchant.call("POST", f"{BASE}/webhooks", {"url": f"{listener.url}/hook", "event_types": ALL})
    conforms(FILE, "POST", f"{BASE}/webhooks", again)
    assert (again.status_code, again.json()["name"]) == (400, "WEBHOOK_URL_ALREADY_EXISTS")


def test_an_app_has_ten_webhooks_at_most(merchant, listener):
    for number in range(10):
        body = {"url": f"{listener.url}/{number}", "event_types": ALL}
        assert merchant.call("POST", f"{BASE}/webhooks", body).status_code == 201
    more = merchant.call("POST", f"{BASE}/webhooks", {"url": f"{listener.url}/more", "event_types": ALL})
    assert (more.status_code, more.json()["name"]) == (400, "WEBHOOK_NUMBER_LIMIT_EXCEEDED")


@pytest.mark.parametrize(
    ("body", "field", "issue"),
    [
        ({"event_types": ALL}, "url", "Required field is missing"),
        ({"url": "ftp://127.0.0.1/x", "event_types": ALL}, "url", "Not a valid webhook URL"),
        ({"url": "https://shop.example/hook", "event_types": ALL}, "url", "Not a valid webhook URL"),
        ({"url": "http://127.0.0.1:1/x"}, "event_types", "Required field is missing"),
        (
            {"url": "http://127.0.0.1:1/x", "event_types": [{"name": "NO.SUCH"}]},
            "event_types",
            "Not a valid event type",
        ),
    ],
)
def test_a_wrong_webhook_is_refused_with_the_field(merchant, body, field, issue):
    answer = merchant.call("POST", f"{BASE}/webhooks", body)
    conforms(FILE, "POST", f"{BASE}/webhooks", answer)
    assert (answer.status_code, answer.json()["name"]) == (400, "VALIDATION_ERROR")
    assert (answer.json()["details"][0]["field"], answer.json()["details"][0]["issue"]) == (field, issue)


def test_address_and_events_can_be_replaced_and_nothing_else(merchant, listener, subscribed):
    path = f"{BASE}/webhooks/{subscribed}"
    change = [{"op": "replace", "path": "/event_types", "value": [{"name": "VAULT.PAYMENT-TOKEN.DELETED"}]}]
    changed = merchant.call("PATCH", path, change)
    conforms(FILE, "PATCH", f"{BASE}/webhooks/{{webhook_id}}", changed)
    assert [one["name"] for one in changed.json()["event_types"]] == ["VAULT.PAYMENT-TOKEN.DELETED"]
    types = merchant.call("GET", f"{path}/event-types")
    conforms(FILE, "GET", f"{BASE}/webhooks/{{webhook_id}}/event-types", types)
    assert types.json()["event_types"] == changed.json()["event_types"]
    again = merchant.call("PATCH", path, change)
    assert (again.status_code, again.json()["name"]) == (400, "WEBHOOK_PATCH_REQUEST_NO_CHANGE")
    for wrong in ({"op": "add", "path": "/url", "value": "x"}, {"op": "replace", "path": "/id", "value": "x"}):
        assert merchant.call("PATCH", path, [wrong]).status_code == 400


def test_a_webhook_lookup_is_made_read_listed_and_deleted(merchant):
    base = "/v1/notifications/webhooks-lookup"
    made = merchant.call("POST", base)
    conforms(FILE, "POST", base, made)
    assert (made.status_code, made.json()["client_id"]) == (201, merchant.client_id)
    path = f"{base}/{made.json()['id']}"
    read, listed = merchant.call("GET", path), merchant.call("GET", base)
    conforms(FILE, "GET", f"{base}/{{webhook_lookup_id}}", read)
    conforms(FILE, "GET", base, listed)
    assert read.json() == made.json()
    assert listed.json() == {"webhooks_lookups": [made.json()]}
    assert merchant.call("DELETE", path).status_code == 204
    gone = merchant.call("GET", path)
    assert (gone.status_code, gone.json()["name"]) == (404, "INVALID_RESOURCE_ID")
    assert merchant.call("GET", base).json() == {"webhooks_lookups": []}


def test_every_event_that_can_be_subscribed_to_is_listed(merchant):
    names = {one["name"] for one in merchant.call("GET", f"{BASE}/webhooks-event-types").json()["event_types"]}
    assert {"PAYMENT.CAPTURE.COMPLETED", "PAYMENT.SALE.COMPLETED", "CUSTOMER.DISPUTE.CREATED"} < names


# ---- deliveries ----------------------------------------------------------------------------------


def test_a_delivery_is_signed_for_its_webhook_under_a_certificate_that_verifies(merchant, listener, subscribed):
    token = happen(merchant)
    (came,) = arrived(listener, 1)
    event = json.loads(came.body)
    assert event["event_type"] == "VAULT.PAYMENT-TOKEN.CREATED"
    assert event["resource"]["id"] == token["id"]
    assert came.headers["paypal-auth-algo"] == "SHA256withRSA"
    assert came.headers["paypal-auth-version"] == "v2"
    assert len(came.headers["paypal-transmission-sig"]) == 344
    assert came.headers["user-agent"].startswith("PayPal/AUHD-")
    assert came.headers["content-type"] == "application/json"
    assert came.headers["paypal-cert-url"].startswith("https://api.sandbox.paypal.com/v1/notifications/certs/CERT-")
    assert genuine(merchant, came.headers, came.body, subscribed)
    assert not genuine(merchant, came.headers, came.body + b" ", subscribed)
    assert not genuine(merchant, came.headers, came.body, "8PT597110X687430L")


def test_the_address_of_the_certificate_can_be_the_simulators_own(merchant, listener, subscribed):
    merchant.sim("settings", certificate_origin="own")
    happen(merchant)
    (came,) = arrived(listener, 1)
    assert merchant.page.get(came.headers["paypal-cert-url"]).text.startswith("-----BEGIN CERTIFICATE-----")
    assert postback(merchant, came.headers, came.body, subscribed) == "SUCCESS"


def test_each_attempt_has_a_transmission_of_its_own_and_the_same_body(merchant, listener, subscribed):
    listener.answers = [500, 302]
    happen(merchant)
    arrived(listener, 1)
    merchant.sim("clock/advance", seconds=600)
    came = arrived(listener, 3)
    assert len({one.body for one in came}) == 1
    assert len({one.headers["paypal-transmission-id"] for one in came}) == 3
    times = [datetime.fromisoformat(one.headers["paypal-transmission-time"]) for one in came]
    assert times == sorted(set(times))
    assert all(genuine(merchant, one.headers, one.body, subscribed) for one in came)


def test_an_event_that_nobody_takes_is_tried_25_times_over_three_days(merchant, listener, subscribed):
    listener.answers = [503] * 30
    happen(merchant)
    arrived(listener, 1)
    merchant.sim("clock/advance", seconds=3 * 86400 + 60)
    merchant.control.get("/idle")
    (delivery,) = merchant.control.get("/deliveries").json()["deliveries"]
    assert (delivery["state"], len(delivery["attempts"])) == ("failed", 25)
    assert delivery["attempts"][-1]["at"] - delivery["attempts"][0]["at"] == pytest.approx(3 * 86400, abs=120)


def test_only_what_was_subscribed_to_is_delivered(merchant, listener):
    types = [{"name": "VAULT.PAYMENT-TOKEN.DELETED"}]
    merchant.call("POST", f"{BASE}/webhooks", {"url": listener.url, "event_types": types})
    token = happen(merchant)
    merchant.call("DELETE", f"/v3/vault/payment-tokens/{token['id']}")
    merchant.control.get("/idle")
    assert [json.loads(one.body)["event_type"] for one in listener.received] == ["VAULT.PAYMENT-TOKEN.DELETED"]


# ---- events --------------------------------------------------------------------------------------


def test_events_are_listed_newest_first_and_searched(merchant):
    tokens = [happen(merchant)["id"] for _ in range(3)]
    listed = merchant.call("GET", f"{BASE}/webhooks-events?page_size=2")
    conforms(FILE, "GET", f"{BASE}/webhooks-events", listed)
    assert [one["resource"]["id"] for one in listed.json()["events"]] == tokens[:0:-1]
    assert listed.json()["count"] == 2
    following = next(one["href"] for one in listed.json()["links"] if one["rel"] == "next")
    assert [one["resource"]["id"] for one in merchant.http.get(following).json()["events"]] == tokens[:1]
    found = merchant.call("GET", f"{BASE}/webhooks-events?transaction_id={tokens[1]}").json()["events"]
    assert [one["resource"]["id"] for one in found] == [tokens[1]]
    none = merchant.call("GET", f"{BASE}/webhooks-events?event_type=PAYMENT.SALE.COMPLETED").json()
    assert (none["events"], none["count"]) == ([], 0)


def test_events_are_searched_by_time(merchant):
    happen(merchant)
    now = datetime.fromtimestamp(merchant.control.get("/clock").json()["now"], UTC)
    later = now.replace(year=now.year + 1).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert merchant.call("GET", f"{BASE}/webhooks-events?start_time={later}").json()["count"] == 0
    assert merchant.call("GET", f"{BASE}/webhooks-events?end_time={later}").json()["count"] == 1
    assert merchant.call("GET", f"{BASE}/webhooks-events?start_time=yesterday").status_code == 400


def test_an_event_is_read_byte_for_byte_as_it_was_delivered(merchant, listener, subscribed):
    happen(merchant)
    (came,) = arrived(listener, 1)
    read = merchant.call("GET", f"{BASE}/webhooks-events/{json.loads(came.body)['id']}")
    conforms(FILE, "GET", f"{BASE}/webhooks-events/{{event_id}}", read)
    assert read.content == came.body


def test_an_event_is_sent_again_on_demand(merchant, listener, subscribed):
    happen(merchant)
    (first,) = arrived(listener, 1)
    merchant.control.get("/idle")
    path = f"{BASE}/webhooks-events/{json.loads(first.body)['id']}/resend"
    again = merchant.call("POST", path, {"webhook_ids": [subscribed]})
    conforms(FILE, "POST", f"{BASE}/webhooks-events/{{event_id}}/resend", again)
    assert again.status_code == 202
    _, second = arrived(listener, 2)
    assert second.body == first.body
    assert second.headers["paypal-transmission-id"] != first.headers["paypal-transmission-id"]
    assert merchant.call("POST", path, {"webhook_ids": ["NOBODY"]}).status_code == 404


def test_what_is_still_under_way_is_not_sent_twice(merchant, listener, subscribed):
    merchant.sim("webhooks", mode="hold")
    happen(merchant)
    (event,) = merchant.call("GET", f"{BASE}/webhooks-events").json()["events"]
    assert merchant.call("POST", f"{BASE}/webhooks-events/{event['id']}/resend", {}).status_code == 202
    assert len(merchant.control.get("/deliveries").json()["deliveries"]) == 1


# ---- the simulator tool --------------------------------------------------------------------------


def test_a_simulated_event_is_signed_for_nobody_and_is_in_no_list(merchant, listener, subscribed):
    ask = {"url": f"{listener.url}/hook", "event_type": "PAYMENT.CAPTURE.COMPLETED", "resource_version": "2.0"}
    sent = merchant.call("POST", f"{BASE}/simulate-event", ask)
    conforms(FILE, "POST", f"{BASE}/simulate-event", sent)
    assert sent.status_code == 202
    (came,) = arrived(listener, 1)
    assert came.body == sent.content
    assert genuine(merchant, came.headers, came.body, "WEBHOOK_ID")
    assert not genuine(merchant, came.headers, came.body, subscribed)
    assert postback(merchant, came.headers, came.body, subscribed) == "FAILURE"
    assert postback(merchant, came.headers, came.body, "WEBHOOK_ID") == "FAILURE"
    event_id = sent.json()["id"]
    assert merchant.call("GET", f"{BASE}/webhooks-events").json()["events"] == []
    assert merchant.call("POST", f"{BASE}/webhooks-events/{event_id}/resend", {}).status_code == 404
    again = merchant.call("POST", f"{BASE}/simulate-event", {**ask, "webhook_id": subscribed, "url": None})
    assert again.json()["id"] == event_id


def test_every_event_can_be_simulated(merchant, listener, subscribed):
    merchant.sim("webhooks", mode="hold")
    for one in merchant.call("GET", f"{BASE}/webhooks-event-types").json()["event_types"]:
        sent = merchant.call("POST", f"{BASE}/simulate-event", {"webhook_id": subscribed, "event_type": one["name"]})
        conforms(FILE, "POST", f"{BASE}/simulate-event", sent)
        assert sent.json()["event_type"] == one["name"]


@pytest.mark.parametrize(
    "body",
    [
        {"event_type": "PAYMENT.CAPTURE.COMPLETED"},
        {"url": "http://127.0.0.1:9/x", "event_type": "NO.SUCH"},
        {"url": "http://127.0.0.1:9/x", "event_type": "PAYMENT.CAPTURE.COMPLETED", "resource_version": "9.9"},
    ],
)
def test_a_simulation_that_cannot_be_is_refused(merchant, body):
    assert merchant.call("POST", f"{BASE}/simulate-event", body).status_code == 400


# ---- postback ------------------------------------------------------------------------------------


def test_the_postback_judges_the_bytes_and_not_the_meaning(merchant, listener, subscribed):
    happen(merchant, name="Zoë Doe")
    (came,) = arrived(listener, 1)
    assert postback(merchant, came.headers, came.body, subscribed) == "SUCCESS"
    document = json.loads(came.body)
    for other in (
        json.dumps(document).encode(),
        json.dumps(document, separators=(",", ":")).encode(),
        came.body.replace(b"CREATED", b"DELETED"),
    ):
        assert other != came.body
        assert postback(merchant, came.headers, other, subscribed) == "FAILURE"


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("paypal-auth-algo", "SHA1withRSA"),
        ("paypal-transmission-id", "69cd13f0-d67a-11e5-baa3-778b53f4ae55"),
        ("paypal-transmission-time", "2016-02-18T20:01:35Z"),
        ("paypal-transmission-sig", "bm90IGEgc2lnbmF0dXJl"),
        ("paypal-transmission-sig", "not base64 at all"),
        ("paypal-cert-url", "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-0"),
    ],
)
def test_the_postback_says_failure_with_200_for_anything_that_does_not_fit(
    merchant, listener, subscribed, header, value
):
    happen(merchant)
    (came,) = arrived(listener, 1)
    assert postback(merchant, {**came.headers, header: value}, came.body, subscribed) == "FAILURE"


def test_the_postback_refuses_the_certificates_that_a_careful_verifier_refuses(merchant, listener, subscribed):
    happen(merchant)
    (came,) = arrived(listener, 1)
    url = came.headers["paypal-cert-url"]
    for wrong in (url.replace("api.sandbox.paypal.com", "api.sandbox.paypal.com.evil.example"), f"{url}?x=1"):
        assert postback(merchant, {**came.headers, "paypal-cert-url": wrong}, came.body, subscribed) == "FAILURE"


def test_a_postback_that_lacks_a_field_is_refused(merchant):
    answer = merchant.call("POST", f"{BASE}/verify-webhook-signature", {"webhook_event": {}})
    conforms(FILE, "POST", f"{BASE}/verify-webhook-signature", answer)
    assert (answer.status_code, answer.json()["name"]) == (400, "VALIDATION_ERROR")
    for broken in (b"{", b"[]", b'{"webhook_event": {}} {}', b"\xff", b"[" * 100_000):
        answer = merchant.http.post(f"{BASE}/verify-webhook-signature", content=broken)
        assert answer.status_code == 400


# ---- certificates --------------------------------------------------------------------------------


def test_the_authority_lists_the_certificate_in_use_and_serves_it_to_anybody(merchant):
    authority = merchant.control.get("/authority").json()
    first = authority["certificates"][0]
    assert first["url"] == f"https://api.sandbox.paypal.com{first['path']}"
    assert merchant.page.get(first["path"]).text == first["pem"]
    assert trusted(merchant, first["pem"]) is None
    leaf = x509.load_pem_x509_certificates(first["pem"].encode())[0]
    assert leaf.public_key().key_size == 2048
    assert merchant.page.get("/v1/notifications/certs/CERT-0-0-0").status_code == 404


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("good", None),
        ("expired", "not valid at validation time"),
        ("not_yet_valid", "not valid at validation time"),
        ("other_name", "subjectAltName"),
        ("foreign_authority", "candidates exhausted"),
        ("no_server_auth", "EKU"),
    ],
)
def test_a_certificate_of_a_kind_is_wrong_in_just_that_way(merchant, kind, reason):
    made = merchant.sim("certificates", kind=kind)
    assert made["private_key_pem"].startswith("-----BEGIN PRIVATE KEY-----")
    assert merchant.page.get(made["path"]).text == made["pem"]
    found = trusted(merchant, made["pem"])
    assert found is None if reason is None else reason in (found or "")


def test_an_unknown_kind_of_certificate_names_those_that_exist(merchant):
    answer = merchant.control.post("/certificates", json={"kind": "rusty"})
    assert answer.status_code == 400
    assert "foreign_authority" in answer.json()["error"]["message"]


# ---- the courier ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["the real secret", *PAYPAL_FORGERIES])
def test_the_postback_judges_what_the_courier_signs_with_the_simulators_certificates(merchant, subscribed, name):
    made = {kind: merchant.sim("certificates", kind=kind.value) for kind in CertificateKind}
    scheme = PayPalScheme({kind: SigningCertificate(one["url"], one["private_key_pem"]) for kind, one in made.items()})
    event = Event.of(
        merchant.call(
            "POST", f"{BASE}/simulate-event", {"webhook_id": subscribed, "event_type": "PAYMENT.CAPTURE.COMPLETED"}
        ).json()
    )
    parcel = forgery(name).parcel(event, name)
    headers = scheme.headers(parcel.body, [subscribed], time.time(), parcel.signing)
    body = parcel.tamper(parcel.body) if parcel.tamper else parcel.body
    lower = {header.lower(): value for header, value in headers.items()}
    passes = {"the real secret", "another body with the same checksum"}
    assert postback(merchant, lower, body, subscribed) == ("SUCCESS" if name in passes else "FAILURE")
