"""Payments: taken, held, declined, refused, told apart by their keys."""

import uuid

import pytest
from seller import code, euros


def test_a_payment_is_completed_at_once_and_looks_like_squares(seller):
    one = seller.paid(4999, reference_id="cart-7", note="two socks")
    assert len(one["id"]) == 29
    assert one["id"].endswith("ZY")
    assert (one["status"], one["card_details"]["status"], one["source_type"]) == ("COMPLETED", "CAPTURED", "CARD")
    assert one["total_money"] == one["approved_money"] == euros(4999)
    assert one["receipt_number"] == one["id"][:4]
    assert one["receipt_url"].endswith(one["id"])
    assert (one["reference_id"], one["note"], one["delay_duration"]) == ("cart-7", "two socks", "PT168H")
    assert one["application_details"]["square_product"] == "ECOMMERCE_API"
    assert "capabilities" not in one
    assert seller.payment(one["id"]) == one


def test_the_official_sdk_takes_a_payment(seller):
    made = seller.sdk.payments.create(
        source_id="cnon:card-nonce-ok", idempotency_key=uuid.uuid4().hex, amount_money=euros(100)
    )
    assert made.payment.status == "COMPLETED"
    assert seller.sdk.payments.get(payment_id=made.payment.id).payment.card_details.card.card_brand == "VISA"
    assert [one.id for one in seller.sdk.payments.list()] == [made.payment.id]


@pytest.mark.anyio
async def test_the_asynchronous_sdk_takes_a_payment(seller):
    made = await seller.asynchronous().payments.create(
        source_id="cnon:card-nonce-ok", idempotency_key="k", amount_money=euros(100)
    )
    assert made.payment.status == "COMPLETED"


def test_every_payment_has_an_order(seller):
    one = seller.paid(4999)
    order = seller.read_order(one["order_id"])
    assert (order["state"], order["total_money"], order["net_amount_due_money"]) == ("COMPLETED", euros(4999), euros(0))
    assert [tender["payment_id"] for tender in order["tenders"]] == [one["id"]]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("cnon:card-nonce-declined", "GENERIC_DECLINE"),
        ("cnon:card-nonce-rejected-cvv", "CVV_FAILURE"),
        ("cnon:card-nonce-rejected-postalcode", "ADDRESS_VERIFICATION_FAILURE"),
        ("cnon:card-nonce-rejected-expiration", "INVALID_EXPIRATION"),
        ("cnon:gift-card-nonce-insufficient-funds", "INSUFFICIENT_FUNDS"),
        ("ccof:customer-card-id-requires-verification", "CARD_DECLINED_VERIFICATION_REQUIRED"),
    ],
)
def test_a_decline_carries_the_payment_that_failed(seller, source, expected):
    answer = seller.pay(source=source)
    body = answer.json()
    assert code(answer) == (400, expected)
    assert body["errors"][0]["category"] == "PAYMENT_METHOD_ERROR"
    failed = body["payment"]
    assert (failed["status"], failed["card_details"]["status"]) == ("FAILED", "FAILED")
    assert failed["card_details"]["errors"] == body["errors"]
    assert seller.payment(failed["id"])["status"] == "FAILED"


def test_the_status_of_a_decline_is_a_setting(seller):
    seller.sim("settings", decline_status=402)
    assert seller.pay(source="cnon:card-nonce-declined").status_code == 402


def test_a_hold_is_completed_later(seller):
    one = seller.paid(autocomplete=False)
    assert (one["status"], one["card_details"]["status"]) == ("APPROVED", "AUTHORIZED")
    assert "EDIT_AMOUNT_DOWN" in one["capabilities"]
    assert "receipt_url" not in one
    done = seller.http.post(f"/v2/payments/{one['id']}/complete").json()["payment"]
    assert done["status"] == "COMPLETED"
    assert done["version_token"] != one["version_token"]
    assert "captured_at" in done["card_details"]["card_payment_timeline"]


def test_a_hold_is_let_go(seller):
    one = seller.paid(autocomplete=False)
    done = seller.post(f"/v2/payments/{one['id']}/cancel").json()["payment"]
    assert (done["status"], done["card_details"]["status"]) == ("CANCELED", "VOIDED")
    assert code(seller.post(f"/v2/payments/{one['id']}/complete")) == (400, "BAD_REQUEST")
    assert seller.read_order(one["order_id"])["state"] == "CANCELED"


def test_a_completed_payment_is_not_canceled(seller):
    assert code(seller.post(f"/v2/payments/{seller.paid()['id']}/cancel")) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(("action", "status"), [(None, "CANCELED"), ("COMPLETE", "COMPLETED")])
def test_a_hold_comes_to_its_end_after_a_week(seller, action, status):
    one = seller.paid(autocomplete=False, delay_action=action)
    seller.later(days=6.9)
    assert seller.payment(one["id"])["status"] == "APPROVED"
    seller.later(days=0.2)
    assert seller.payment(one["id"])["status"] == status


@pytest.mark.parametrize("text", ["PT30S", "P8D", "soon", "PT"])
def test_a_delay_is_between_a_minute_and_a_week(seller, text):
    assert code(seller.pay(autocomplete=False, delay_duration=text)) == (400, "INVALID_VALUE")


def test_less_of_a_hold_is_taken_after_an_update(seller):
    one = seller.paid(5000, autocomplete=False)
    sent = {"idempotency_key": "u1", "payment": {"amount_money": euros(3000), "version_token": one["version_token"]}}
    changed = seller.http.put(f"/v2/payments/{one['id']}", json=sent).json()["payment"]
    assert changed["approved_money"] == euros(3000)
    stale = {"idempotency_key": "u2", "payment": {"amount_money": euros(1), "version_token": one["version_token"]}}
    assert code(seller.http.put(f"/v2/payments/{one['id']}", json=stale)) == (400, "VERSION_MISMATCH")
    old = {"version_token": one["version_token"]}
    assert code(seller.post(f"/v2/payments/{one['id']}/complete", old)) == (400, "VERSION_MISMATCH")
    done = seller.post(f"/v2/payments/{one['id']}/complete", {"version_token": changed["version_token"]})
    assert done.json()["payment"]["total_money"] == euros(3000)


WRONG = [
    ({"source_id": None}, "MISSING_REQUIRED_PARAMETER", "source_id"),
    ({"source_id": 7}, "EXPECTED_STRING", "source_id"),
    ({"source_id": "4111111111111111"}, "INVALID_CARD_DATA", "source_id"),
    ({"idempotency_key": None}, "MISSING_REQUIRED_PARAMETER", "idempotency_key"),
    ({"idempotency_key": ""}, "VALUE_EMPTY", "idempotency_key"),
    ({"idempotency_key": "x" * 46}, "VALUE_TOO_LONG", "idempotency_key"),
    ({"amount_money": None}, "MISSING_REQUIRED_PARAMETER", "amount_money"),
    ({"amount_money": {"amount": "100", "currency": "EUR"}}, "EXPECTED_INTEGER", "amount_money.amount"),
    ({"amount_money": {"amount": 0, "currency": "EUR"}}, "INVALID_VALUE", "amount_money.amount"),
    ({"amount_money": {"amount": -5, "currency": "EUR"}}, "INVALID_VALUE", "amount_money.amount"),
    ({"amount_money": {"amount": 5}}, "MISSING_REQUIRED_PARAMETER", "amount_money.currency"),
    ({"amount_money": {"amount": 5, "currency": "USD"}}, "INVALID_VALUE", "amount_money.currency"),
    ({"amount_money": {"amount": 5, "currency": "eur"}}, "INVALID_ENUM_VALUE", "amount_money.currency"),
    ({"autocomplete": "yes"}, "EXPECTED_BOOLEAN", "autocomplete"),
    ({"reference_id": "x" * 41}, "VALUE_TOO_LONG", "reference_id"),
    ({"note": "x" * 501}, "VALUE_TOO_LONG", "note"),
    ({"app_fee_money": euros(4600)}, "INVALID_FEES", "app_fee_money"),
    ({"delay_action": "HOPE"}, "INVALID_ENUM_VALUE", "delay_action"),
]


@pytest.mark.parametrize(("changes", "expected", "field"), WRONG)
def test_what_cannot_be_a_payment_is_refused_by_field(seller, changes, expected, field):
    body = {"source_id": "cnon:card-nonce-ok", "idempotency_key": uuid.uuid4().hex, "amount_money": euros(4999)}
    answer = seller.post("/v2/payments", body | changes)
    assert code(answer) == (400, expected)
    assert answer.json()["errors"][0]["field"] == field


def test_unknown_payments_locations_and_orders_are_not_found(seller):
    assert code(seller.http.get("/v2/payments/nothing")) == (404, "NOT_FOUND")
    assert code(seller.pay(location_id="LNOWHERE")) == (404, "NOT_FOUND")
    assert code(seller.pay(order_id="nothing")) == (404, "NOT_FOUND")


def test_a_key_gives_the_first_answer_again_and_no_second_payment(seller):
    body = {"source_id": "cnon:card-nonce-ok", "idempotency_key": "k1", "amount_money": euros(100)}
    first, second = seller.post("/v2/payments", body), seller.post("/v2/payments", dict(reversed(body.items())))
    assert first.content == second.content
    assert len(seller.http.get("/v2/payments").json()["payments"]) == 1


def test_a_key_of_another_request_is_refused(seller):
    body = {"source_id": "cnon:card-nonce-ok", "idempotency_key": "k1", "amount_money": euros(100)}
    seller.post("/v2/payments", body)
    answer = seller.post("/v2/payments", body | {"amount_money": euros(200)})
    assert code(answer) == (400, "IDEMPOTENCY_KEY_REUSED")


def test_a_key_of_a_refused_request_is_still_new(seller):
    body = {
        "source_id": "cnon:card-nonce-ok",
        "idempotency_key": "k1",
        "amount_money": {"amount": 1, "currency": "USD"},
    }
    assert seller.post("/v2/payments", body).status_code == 400
    assert seller.post("/v2/payments", body | {"amount_money": euros(1)}).status_code == 200


def test_whether_a_decline_is_kept_by_its_key_is_a_setting(seller):
    body = {"source_id": "cnon:card-nonce-declined", "idempotency_key": "k1", "amount_money": euros(100)}
    first = seller.post("/v2/payments", body).json()["payment"]["id"]
    assert seller.post("/v2/payments", body).json()["payment"]["id"] == first
    seller.sim("settings", declines_kept=False)
    body["idempotency_key"] = "k2"
    assert seller.post("/v2/payments", body).json() != seller.post("/v2/payments", body).json()


def test_a_payment_whose_outcome_is_unknown_is_undone_by_its_key(seller):
    seller.sim("faults", method="POST", path="/v2/payments", action="drop_response", times=1)
    with pytest.raises(Exception, match=r"(?i)disconnected|closed|reset"):
        seller.pay(idempotency_key="lost")
    (made,) = seller.http.get("/v2/payments").json()["payments"]
    assert made["status"] == "COMPLETED"
    answer = seller.post("/v2/payments/cancel", {"idempotency_key": "lost"})
    assert (answer.status_code, answer.json()) == (200, {})
    assert seller.payment(made["id"])["status"] == "CANCELED"


def test_undoing_a_key_that_made_nothing_is_fine(seller):
    assert seller.post("/v2/payments/cancel", {"idempotency_key": "never"}).json() == {}


def test_the_processing_fee_comes_late_and_with_an_event(seller, listener):
    seller.listen(listener.url, "payment.updated")
    one = seller.paid(10000)
    assert "processing_fee" not in one
    seller.later(seconds=11)
    fee = seller.payment(one["id"])["processing_fee"][0]
    assert (fee["type"], fee["amount_money"]) == ("INITIAL", euros(320))
    assert seller.told() == ["payment.updated", "payment.updated"]


@pytest.mark.parametrize(("amount", "level"), [(100, "NORMAL"), (2222, "MODERATE"), (3333, "HIGH")])
def test_test_amounts_carry_a_risk(seller, amount, level):
    assert seller.paid(amount)["risk_evaluation"]["risk_level"] == level


def test_cash_and_external_payments_say_where_the_money_is(seller):
    cash = seller.paid(1500, source="CASH", cash_details={"buyer_supplied_money": euros(2000)})
    assert cash["cash_details"]["change_back_money"] == euros(500)
    assert code(seller.pay(1500, source="CASH")) == (400, "MISSING_REQUIRED_PARAMETER")
    other = seller.paid(1500, source="EXTERNAL", external_details={"type": "CHECK", "source": "Bank"})
    assert other["source_type"] == "EXTERNAL"
    assert "card_details" not in other


def test_a_bank_transfer_is_pending_first(seller):
    one = seller.paid(source="bnon:bank-nonce-ok")
    assert one["status"] == "PENDING"
    seller.later(seconds=61)
    assert seller.payment(one["id"])["status"] == "COMPLETED"
    bad = seller.paid(source="bnon:bank-nonce-insufficient-funds")
    seller.later(seconds=61)
    assert seller.payment(bad["id"])["status"] == "FAILED"


def test_a_list_goes_on_with_its_cursor_and_lags_on_demand(seller):
    made = [seller.paid(100 + n)["id"] for n in range(5)]
    first = seller.http.get("/v2/payments", params={"limit": 2}).json()
    assert [one["id"] for one in first["payments"]] == made[:2:-1]
    rest = seller.http.get("/v2/payments", params={"limit": 3, "cursor": first["cursor"]}).json()
    assert [one["id"] for one in rest["payments"]] == made[2::-1]
    assert "cursor" not in rest
    assert code(seller.http.get("/v2/payments", params={"cursor": "nonsense!"})) == (400, "INVALID_CURSOR")
    seller.sim("settings", list_lag_seconds=30)
    seller.later(seconds=31)
    late = seller.paid(999)["id"]
    ids = {one["id"] for one in seller.http.get("/v2/payments").json()["payments"]}
    assert ids == set(made)
    seller.later(seconds=31)
    assert late in {one["id"] for one in seller.http.get("/v2/payments").json()["payments"]}


def test_lists_are_cut_by_time_and_location(seller):
    early = seller.paid(100)
    seller.later(hours=2)
    late = seller.paid(200)
    since = {"begin_time": late["created_at"]}
    assert [one["id"] for one in seller.http.get("/v2/payments", params=since).json()["payments"]] == [late["id"]]
    assert seller.http.get("/v2/payments", params={"location_id": "LNOWHERE"}).json() == {}
    assert code(seller.http.get("/v2/payments", params={"begin_time": "yesterday"})) == (400, "INVALID_TIME")
    ascending = seller.http.get("/v2/payments", params={"sort_order": "ASC"}).json()["payments"]
    assert [one["id"] for one in ascending] == [early["id"], late["id"]]
