"""The webhook door: what it lets in, what it refuses, and that it never stumbles."""

from __future__ import annotations

import json
import secrets
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe
from lab import eventually


def event(kind="payment_intent.succeeded", subject="pi_nobody", **changes):
    made = {
        "id": f"evt_{secrets.token_hex(8)}",
        "object": "event",
        "api_version": stripe.api_version,
        "created": int(time.time()),
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
        "data": {"object": {"id": subject, "object": kind.rsplit(".", 1)[0]}},
    }
    return {**made, **changes}


def deliver(lab, body, *, secret=None, header=None, path="/webhooks/stripe", at=None):
    content = body if isinstance(body, bytes) else json.dumps(body, indent=2).encode()
    if header is None:
        header = sign(lab, content, secret, at)
    headers = {"Content-Type": "application/json", **({"Stripe-Signature": header} if header else {})}
    return lab.http.post(f"{lab.url}{path}", content=content, headers=headers, follow_redirects=False)


def sign(lab, content, secret=None, at=None):
    text = content.decode("utf-8", "replace")
    return stripe.WebhookSignature.generate_signature_header(text, secret or lab.secret, at)


def stored(lab, body):
    return [one for one in lab.events() if one["event_id"] == body["id"]]


FORGERIES = {
    "no signature": lambda lab, content: "",
    "garbage": lambda lab, content: "t=now,v1=x",
    "another secret": lambda lab, content: sign(lab, content, "whsec_another"),
    "altered after signing": lambda lab, content: sign(lab, content + b" "),
    "ten minutes old": lambda lab, content: sign(lab, content, None, int(time.time()) - 600),
    "test scheme only": lambda lab, content: sign(lab, content).replace("v1=", "v0="),
    "no timestamp": lambda lab, content: sign(lab, content).split(",")[1],
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forgery_is_refused_and_not_kept(lab, forgery):
    body = event()
    content = json.dumps(body).encode()
    answer = deliver(lab, content, header=FORGERIES[forgery](lab, content))
    assert answer.status_code == 400
    assert stored(lab, body) == []


@pytest.mark.parametrize("path", ["/webhooks/stripe", "/webhooks/stripe/"])
def test_a_signed_event_is_taken_with_and_without_a_slash(lab, path):
    body = event("some.new_type")
    assert deliver(lab, body, path=path).status_code == 200
    assert stored(lab, body)[0]["status"] == "ignored"


def test_either_secret_opens_the_door_while_one_is_rolled(lab):
    body = event("some.new_type")
    content = json.dumps(body).encode()
    old, new = sign(lab, content, "whsec_an_older_one"), sign(lab, content)
    assert deliver(lab, content, header=f"{old},{new.split(',')[1]}").status_code == 200
    assert deliver(lab, content, header=old).status_code == 200


def test_the_same_event_thirty_times_at_once_is_stored_once(lab):
    body = event("some.new_type")
    with ThreadPoolExecutor(15) as pool:
        answers = list(pool.map(lambda _: deliver(lab, body).status_code, range(30)))
    assert set(answers) == {200}
    assert len(stored(lab, body)) == 1


@pytest.mark.parametrize(
    "changes", [{"livemode": True}, {"account": "acct_somebody"}], ids=["of the other mode", "of another account"]
)
def test_an_event_that_is_not_ours_is_refused_and_never_stored(lab, changes):
    body = event(**changes)
    assert deliver(lab, body).status_code == 400
    assert stored(lab, body) == []
    eventually(lambda: "alert.webhook_wrong" in lab.logs(), what="the alert")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"id": 5}',
        b"\xff\xfe",
        json.dumps(event(data={})).encode(),
        json.dumps(event(data={"object": []})).encode(),
        json.dumps(event(data={"object": {"id": None}})).encode(),
        json.dumps(event(id="evt_1'; DROP TABLE orders")).encode(),
        json.dumps(event(id="evt_\u0000")).encode(),
        json.dumps(event(created=10**18)).encode(),
        b'{"a":' * 3000 + b"1" + b"}" * 3000,
        json.dumps(event()).encode().replace(b'"request":', b'"deep":' + b"[" * 3000 + b"]" * 3000 + b',"request":'),
    ],
    ids=lambda content: content[:24].decode("latin-1"),
)
def test_a_signed_body_that_is_no_event_is_refused_not_stumbled_over(lab, content):
    answer = deliver(lab, content)
    assert answer.status_code == 400
    assert lab.http.get(f"{lab.url}/healthz").status_code == 200


def test_two_megabytes_are_turned_away(lab):
    content = json.dumps(event(padding="x" * 2_000_000)).encode()
    assert deliver(lab, content).status_code == 413
    assert deliver(lab, content, header="").status_code == 413


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_only_posts_are_deliveries(lab, method):
    answer = lab.http.request(method, f"{lab.url}/webhooks/stripe")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_an_event_about_nothing_that_exists_becomes_a_dead_letter_that_staff_sees(lab):
    body = event(subject="pi_" + secrets.token_hex(8))
    assert deliver(lab, body).status_code == 200
    dead = eventually(lambda: stored(lab, body)[0], lambda one: one["status"] == "failed", "the dead letter", within=40)
    assert dead["attempts"] > 1
    assert dead["last_error"]


def test_an_event_of_another_api_version_is_understood_by_asking(lab):
    lab.hold()
    order = lab.order()
    lab.pay(order)
    body = event(subject=order.payment["payment"]["provider_id"], api_version="2019-01-01")
    assert deliver(lab, body).status_code == 200
    lab.until(order, "paid")


def test_a_signed_event_that_lies_changes_nothing(lab):
    order = lab.order()
    lab.start_payment(order)
    body = event(subject=order.payment["payment"]["provider_id"])
    body["data"]["object"]["status"] = "succeeded"
    assert deliver(lab, body).status_code == 200
    lab.settled()
    assert lab.inspect(order)["state"] == "unpaid"


def test_a_payment_made_elsewhere_that_names_an_order_pays_for_nothing(lab):
    order = lab.order()
    lab.start_payment(order)
    stray = lab.stripe(
        "POST",
        "payment_intents",
        amount=100,
        currency="eur",
        confirm="true",
        payment_method="pm_card_visa",
        **{
            "payment_method_types[]": "card",
            "metadata[order_id]": order.id,
            "metadata[payment_id]": order.payment["payment"]["id"],
        },
    )
    assert stray["status"] == "succeeded"
    lab.strays.add(stray["latest_charge"])
    lab.settled()
    seen = lab.inspect(order)
    assert (seen["state"], seen["fulfilled"]) == ("unpaid", False)
    assert "stray_payment" in {one["code"] for one in seen["warnings"]}
