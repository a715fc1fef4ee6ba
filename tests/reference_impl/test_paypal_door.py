"""PayPal's door: what it lets in, what it refuses, what it asks to be sent again."""

from __future__ import annotations

import json
import secrets
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lab import eventually
from paypal_authority import Authority, Leaf


def event(kind="PAYMENT.CAPTURE.COMPLETED", **resource):
    return {
        "id": f"WH-{secrets.token_hex(8).upper()}-{secrets.token_hex(8).upper()}",
        "event_version": "1.0",
        "create_time": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
        "resource_type": "capture",
        "event_type": kind,
        "resource": {"id": secrets.token_hex(8).upper(), "empty": {}, **resource},
    }


class Signer(Leaf):
    """Signs with a certificate of simulated PayPal."""

    def __init__(self, made):
        self.key = load_pem_private_key(made["private_key_pem"].encode(), None)
        self.url = made["url"]


@pytest.fixture(scope="module")
def signers(both_running):
    return lambda kind="good": Signer(both_running.desk("POST", "certificates", kind=kind))


@pytest.fixture(scope="module")
def signer(signers):
    return signers()


def deliver(lab, signer, body, *, headers=None, path="/webhooks/paypal", **changes):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    if headers is None:
        headers = signer.sign(content, changes.pop("webhook_id", lab.webhook_id), **{"url": signer.url, **changes})
    return lab.http.post(f"{lab.url}{path}", content=content, headers={"Content-Type": "application/json", **headers})


def stored(lab, body):
    return [one for one in lab.events() if one["event_id"] == body["id"]]


def test_a_genuine_event_is_kept(paypal, signer):
    body = event("BILLING.PLAN.CREATED")
    assert deliver(paypal, signer, body).status_code == 200
    [kept] = stored(paypal, body)
    assert (kept["provider"], kept["status"]) == ("paypal", "ignored")


def test_either_of_our_webhooks_will_do(paypal, signer):
    body = event("BILLING.PLAN.CREATED")
    assert deliver(paypal, signer, body, webhook_id="8PT597110X687430LKGECATA").status_code == 200


FOUR_DAYS_AGO = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 4 * 86400))
FORGERIES = {
    "no headers": lambda lab, signer, content: {},
    "another webhook": lambda lab, signer, content: signer.sign(content, "1AA11111BB222222C", url=signer.url),
    "the webhooks simulator": lambda lab, signer, content: signer.sign(content, "WEBHOOK_ID", url=signer.url),
    "altered": lambda lab, signer, content: signer.sign(content + b" ", lab.webhook_id, url=signer.url),
    "four days old": lambda lab, signer, content: signer.sign(
        content, lab.webhook_id, url=signer.url, time=FOUR_DAYS_AGO
    ),
    "SHA-1": lambda lab, signer, content: signer.sign(content, lab.webhook_id, url=signer.url, algorithm="SHA1withRSA"),
    "a certificate from elsewhere": lambda lab, signer, content: signer.sign(
        content, lab.webhook_id, url=signer.url.replace("api.sandbox.paypal.com", "api.sandbox.paypal.com.evil.example")
    ),
    "the certificate's own address here": lambda lab, signer, content: signer.sign(
        content, lab.webhook_id, url=signer.url.replace("https://api.sandbox.paypal.com", lab.paypal_url)
    ),
    "a certificate that is not there": lambda lab, signer, content: signer.sign(
        content, lab.webhook_id, url=signer.url + "x"
    ),
    "a key of the forger's": lambda lab, signer, content: Authority().leaf().sign(
        content, lab.webhook_id, url=signer.url
    ),
}  # fmt: skip


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forgery_is_refused_and_not_kept(paypal, signer, forgery):
    body = event()
    content = json.dumps(body).encode()
    answer = deliver(paypal, signer, content, headers=FORGERIES[forgery](paypal, signer, content))
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "bad_signature"
    assert stored(paypal, body) == []


@pytest.mark.parametrize("kind", ["expired", "not_yet_valid", "other_name", "foreign_authority", "no_server_auth"])
def test_a_certificate_that_is_wrong_in_one_way_is_refused(paypal, signers, kind):
    body = event()
    assert deliver(paypal, signers(kind), body).status_code == 400
    assert stored(paypal, body) == []


def test_a_delivery_that_comes_many_times_at_once_is_one_event(paypal, signer):
    body = event("BILLING.PLAN.CREATED")
    content = json.dumps(body).encode()
    headers = signer.sign(content, paypal.webhook_id, url=signer.url)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: deliver(paypal, signer, content, headers=headers), range(16)))
    assert {one.status_code for one in answers} == {200}
    assert len(stored(paypal, body)) == 1


def test_the_same_event_in_another_transmission_is_one_event(paypal, signer):
    body = event("BILLING.PLAN.CREATED")
    assert [deliver(paypal, signer, body).status_code for _ in range(3)] == [200] * 3
    assert len(stored(paypal, body)) == 1


def test_a_transmission_that_was_of_another_event_is_a_replay(paypal, signer):
    """What a collision of the checksum would look like at the door."""
    first, second = event("BILLING.PLAN.CREATED"), event("BILLING.PLAN.CREATED")
    assert deliver(paypal, signer, first, id="11111111-aaaa").status_code == 200
    assert deliver(paypal, signer, second, id="11111111-aaaa").status_code == 400
    assert stored(paypal, second) == []


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b"{}", b'{"id": 1}', b"\xff\xfe", b'{"event_type": "A"}'])
def test_a_signed_body_that_is_no_event_is_refused_not_stumbled_over(paypal, signer, content):
    assert deliver(paypal, signer, content).status_code == 400
    assert paypal.http.get(f"{paypal.url}/healthz").status_code == 200


def test_two_megabytes_are_turned_away(paypal, signer):
    assert deliver(paypal, signer, b"x" * 2_000_000).status_code == 413


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_only_posts_are_deliveries(paypal, method):
    assert paypal.http.request(method, f"{paypal.url}/webhooks/paypal").status_code == 405


def test_a_signed_event_that_lies_changes_nothing(paypal, signer):
    paypal.hold_paypal()
    order = paypal.order()
    begun = paypal.begin(order)["payment"]
    amount = {"currency_code": "EUR", "value": "49.99"}
    claim = event("CHECKOUT.ORDER.COMPLETED", id=begun["provider_id"], status="COMPLETED", amount=amount)
    assert deliver(paypal, signer, claim).status_code == 200
    eventually(lambda: stored(paypal, claim)[0]["status"] == "done", what="the event")
    assert paypal.seen(order)["state"] == "unpaid"


def test_an_event_about_nothing_that_exists_becomes_a_dead_letter(paypal, signer):
    body = event()
    assert deliver(paypal, signer, body).status_code == 200
    dead = eventually(
        lambda: stored(paypal, body)[0], lambda one: one["status"] == "failed", "a dead letter", within=40
    )
    assert dead["last_error"]


def test_an_order_made_elsewhere_that_names_ours_pays_for_nothing(paypal):
    order = paypal.order()
    payment = paypal.begin(order)["payment"]
    unit = {
        "amount": {"currency_code": "EUR", "value": "1.00"},
        "custom_id": payment["id"],
        "invoice_id": f"{order.id}-7",
    }
    made = paypal.paypal("POST", "/v2/checkout/orders", json={"intent": "CAPTURE", "purchase_units": [unit]})
    paypal.desk("POST", f"orders/{made['id']}/approve")
    paypal.paypal("POST", f"/v2/checkout/orders/{made['id']}/capture", json={})
    paypal.quiet()
    seen = paypal.inspect(order)
    assert (seen["state"], seen["fulfilled"]) == ("unpaid", False)
    assert "stray_payment" in {one["code"] for one in seen["warnings"]}


def test_the_door_is_quick_once_the_certificate_is_there(paypal, signer):
    seconds = []
    for _ in range(30):
        body = event("BILLING.PLAN.CREATED")
        content = json.dumps(body).encode()
        headers = signer.sign(content, paypal.webhook_id, url=signer.url)
        started = time.perf_counter()
        assert deliver(paypal, signer, content, headers=headers).status_code == 200
        seconds.append(time.perf_counter() - started)
    assert statistics.median(seconds) < 0.2


def test_a_shop_without_paypal_has_no_such_door(lab):
    answer = lab.http.post(f"{lab.url}/webhooks/paypal", content=b"{}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    order = lab.order()
    assert lab.start_payment(order, provider="paypal").status_code == 422
