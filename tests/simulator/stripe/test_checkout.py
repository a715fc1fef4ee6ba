"""Checkout Sessions through the official SDK, paid through the hosted page by plain HTTP."""

from __future__ import annotations

from typing import Any

import pytest
import stripe
from simulated_shop import Shop, well_formed

CARD = {"email": "jenny@example.com", "cardNumber": "4242 4242 4242 4242", "cardExpiry": "12 / 34", "cardCvc": "123"}


def _thanks(session: Any) -> str:
    return f"https://shop.example/thanks?session={session.id}"


def test_a_new_session_waits_for_its_customer(shop: Shop) -> None:
    session = shop.checkout(client_reference_id="order-7", metadata={"order": "7"}, customer_email="jenny@example.com")
    assert (session.status, session.payment_status, session.amount_total, session.currency) == (
        "open",
        "unpaid",
        3998,
        "eur",
    )
    assert session.url == f"{shop.url}/c/pay/{session.id}"
    assert session.id.startswith("cs_test_")
    assert session.payment_intent is None
    assert session.expires_at - session.created == 86400
    assert session.customer_details.email == "jenny@example.com"
    assert shop.v1.payment_intents.list().data == []
    well_formed(session)


def test_paying_on_the_page_completes_the_session(shop: Shop) -> None:
    session = shop.checkout(
        metadata={"order": "7"}, payment_intent_data={"metadata": {"order": "7"}, "description": "d"}
    )
    answer = shop.page.post(session.url, data={**CARD, "billingName": "Jenny", "billingPostalCode": "12345"})
    assert (answer.status_code, answer.headers["location"]) == (303, _thanks(session))
    done = shop.v1.checkout.sessions.retrieve(session.id, {"expand": ["line_items", "payment_intent.payment_method"]})
    assert (done.status, done.payment_status, done.url) == ("complete", "paid", None)
    assert (done.payment_intent.amount, done.payment_intent.status) == (3998, "succeeded")
    assert done.payment_intent.metadata["order"] == "7"
    assert done.payment_intent.payment_method.billing_details.name == "Jenny"
    assert (done.customer_details.email, done.customer_details.name) == ("jenny@example.com", "Jenny")
    assert done.customer is None
    line = done.line_items.data[0]
    assert (line.description, line.quantity, line.amount_total) == ("Shirt", 2, 3998)
    well_formed(done)
    assert shop.event_types() == [
        "product.created",
        "price.created",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


def test_the_event_carries_the_session_without_its_line_items(shop: Shop) -> None:
    session = shop.checkout()
    shop.page.post(session.url, data=CARD)
    (event,) = shop.events("checkout.session.completed")
    assert event.data.object["id"] == session.id
    assert event.data.object["payment_status"] == "paid"
    assert "line_items" not in event.data.object.to_dict()
    well_formed(event)


def test_a_declined_card_leaves_the_session_open_for_another(shop: Shop) -> None:
    session = shop.checkout()
    refused = shop.page.post(session.url, data={**CARD, "cardNumber": "4000000000009995"})
    assert refused.status_code == 402
    assert "insufficient funds" in refused.text
    assert "4000000000009995" not in refused.text
    still = shop.v1.checkout.sessions.retrieve(session.id)
    assert (still.status, still.payment_status) == ("open", "unpaid")
    assert shop.page.post(session.url, data=CARD).headers["location"] == _thanks(session)
    (intent,) = shop.v1.payment_intents.list().data
    assert intent.status == "succeeded"
    assert [charge.status for charge in shop.v1.charges.list({"payment_intent": intent.id}).data] == [
        "succeeded",
        "failed",
    ]


def test_a_challenge_can_be_failed_and_then_passed(shop: Shop) -> None:
    session = shop.checkout()
    asked = shop.page.post(session.url, data={**CARD, "cardNumber": "4000002760003184"})
    challenge = asked.headers["location"]
    back = shop.page.post(challenge, data={"outcome": "fail"}).headers["location"]
    page = shop.page.get(back)
    assert page.status_code == 200
    assert "unable to authenticate" in page.text
    again = shop.page.post(session.url, data={**CARD, "cardNumber": "4000002760003184"}).headers["location"]
    back = shop.page.post(again, data={"outcome": "succeed"}).headers["location"]
    assert shop.page.get(back).headers["location"] == _thanks(session)
    assert shop.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"email": ""}, "Enter the email address"),
        ({"cardNumber": ""}, "Enter a card number"),
        ({"cardNumber": "4242424242424241"}, "card number is incorrect"),
        ({"cardNumber": "4111111111111111"}, "used a non test (live) card"),
        ({"cardExpiry": "13/34"}, "expiration month is invalid"),
        ({"cardExpiry": "01/20"}, "expiration year is invalid"),
        ({"cardExpiry": "soon"}, "Enter the month and year"),
        ({"cardCvc": ""}, "Enter the security code"),
        ({"cardCvc": "12"}, "security code is invalid"),
        ({"payment_method": "pm_card_nope"}, "There is no test payment method pm_card_nope"),
    ],
)
def test_what_is_typed_wrongly_is_said_beside_the_field(shop: Shop, typed: dict[str, str], sentence: str) -> None:
    session = shop.checkout()
    answer = shop.page.post(session.url, data={**CARD, **typed})
    assert answer.status_code == 402
    assert sentence in answer.text
    assert typed.get("cardNumber") in {None, ""} or typed["cardNumber"] not in answer.text
    assert shop.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_an_alias_pays_without_a_number(shop: Shop) -> None:
    session = shop.checkout()
    answer = shop.page.post(session.url, data={"email": "a@b.example", "payment_method": "pm_card_mastercard"})
    assert answer.headers["location"] == _thanks(session)


def test_a_double_click_pays_once(shop: Shop) -> None:
    session = shop.checkout()
    shop.page.post(session.url, data=CARD)
    second = shop.page.post(session.url, data=CARD)
    assert second.status_code == 200
    assert "all done here" in second.text
    assert len(shop.v1.charges.list().data) == 1


def test_a_session_expires_by_the_clock(shop: Shop) -> None:
    session = shop.checkout(expires_at=shop.now() + 1900)
    shop.advance(1800)
    assert shop.v1.checkout.sessions.retrieve(session.id).status == "open"
    shop.advance(101)
    gone = shop.v1.checkout.sessions.retrieve(session.id)
    assert (gone.status, gone.url, gone.payment_status) == ("expired", None, "unpaid")
    assert shop.event_types()[-1] == "checkout.session.expired"
    late = shop.page.post(session.url, data=CARD)
    assert late.status_code == 410
    assert shop.v1.charges.list().data == []


def test_a_session_expires_by_call_and_only_once(shop: Shop) -> None:
    session = shop.checkout()
    assert shop.v1.checkout.sessions.expire(session.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError, match=r'Only Checkout Sessions with a status in \["open"\]'):
        shop.v1.checkout.sessions.expire(session.id)


def test_a_session_that_expires_gives_its_payment_up(shop: Shop) -> None:
    session = shop.checkout()
    shop.page.post(session.url, data={**CARD, "cardNumber": "4000000000000002"})
    (intent,) = shop.v1.payment_intents.list().data
    with pytest.raises(stripe.InvalidRequestError, match="created by a Checkout Session"):
        shop.v1.payment_intents.cancel(intent.id)
    shop.v1.checkout.sessions.expire(session.id)
    assert shop.v1.payment_intents.retrieve(intent.id).status == "canceled"


def test_a_manual_capture_is_paid_when_it_is_captured(shop: Shop) -> None:
    session = shop.checkout(payment_intent_data={"capture_method": "manual"})
    shop.page.post(session.url, data=CARD)
    held = shop.v1.checkout.sessions.retrieve(session.id)
    assert (held.status, held.payment_status) == ("complete", "unpaid")
    shop.v1.payment_intents.capture(str(held.payment_intent))
    assert shop.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_a_hold_of_a_completed_session_can_be_released(shop: Shop) -> None:
    session = shop.checkout(payment_intent_data={"capture_method": "manual"})
    shop.page.post(session.url, data=CARD)
    intent = shop.v1.checkout.sessions.retrieve(session.id).payment_intent
    assert shop.v1.payment_intents.cancel(str(intent)).status == "canceled"
    assert shop.v1.checkout.sessions.retrieve(session.id).payment_status == "unpaid"


def test_a_customer_is_made_only_when_asked(shop: Shop) -> None:
    session = shop.checkout(customer_creation="always")
    shop.page.post(session.url, data={**CARD, "billingName": "Jenny"})
    done = shop.v1.checkout.sessions.retrieve(session.id, {"expand": ["customer"]})
    assert (done.customer.email, done.customer.name) == ("jenny@example.com", "Jenny")
    assert shop.v1.payment_intents.retrieve(str(done.payment_intent)).customer == done.customer.id


def test_a_known_customer_pays_as_themselves(shop: Shop) -> None:
    customer = shop.v1.customers.create({"email": "known@example.com", "name": "Known"})
    session = shop.checkout(customer=customer.id, payment_intent_data={"setup_future_usage": "off_session"})
    assert "known@example.com" in shop.page.get(session.url).text
    shop.page.post(session.url, data={"payment_method": "pm_card_visa"})
    assert len(shop.v1.customers.payment_methods.list(customer.id).data) == 1
    found = shop.v1.checkout.sessions.list({"customer": customer.id}).data
    assert [each.id for each in found] == [session.id]


def test_setup_mode_saves_a_card_and_takes_no_money(shop: Shop) -> None:
    customer = shop.v1.customers.create({"email": "known@example.com"})
    session = shop.v1.checkout.sessions.create(
        {"mode": "setup", "currency": "eur", "customer": customer.id, "success_url": "https://shop.example/saved"}
    )
    assert (session.payment_status, session.amount_total) == ("no_payment_required", None)
    well_formed(session)
    answer = shop.page.post(str(session.url), data={"payment_method": "pm_card_visa"})
    assert answer.headers["location"] == "https://shop.example/saved"
    done = shop.v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent"]})
    assert (done.status, done.setup_intent.status) == ("complete", "succeeded")
    assert len(shop.v1.customers.payment_methods.list(customer.id).data) == 1
    assert shop.v1.charges.list().data == []
    well_formed(done)


def test_the_customer_may_change_a_quantity_within_its_bounds(shop: Shop) -> None:
    adjustable = {"enabled": True, "minimum": 1, "maximum": 5}
    session = shop.checkout(
        line_items=[
            {
                "price_data": {"currency": "jpy", "unit_amount": 500, "product_data": {"name": "Tea"}},
                "quantity": 1,
                "adjustable_quantity": adjustable,
            }
        ]
    )
    line = shop.v1.checkout.sessions.line_items.list(session.id).data[0]
    too_many = shop.page.post(session.url, data={**CARD, f"quantity[{line.id}]": "6"})
    assert "must be a number from 1 to 5" in too_many.text
    shop.page.post(session.url, data={**CARD, f"quantity[{line.id}]": "3"})
    done = shop.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (done.amount_total, done.payment_intent.amount) == (1500, 1500)


def test_a_fixed_quantity_cannot_be_changed_by_the_customer(shop: Shop) -> None:
    session = shop.checkout()
    line = shop.v1.checkout.sessions.line_items.list(session.id).data[0]
    shop.page.post(session.url, data={**CARD, f"quantity[{line.id}]": "1", "amount": "1"})
    assert shop.v1.checkout.sessions.retrieve(session.id).amount_total == 3998


def test_line_items_page(shop: Shop) -> None:
    price = shop.v1.prices.create({"product_data": {"name": "Pen"}, "currency": "eur", "unit_amount": 100})
    session = shop.checkout(line_items=[{"price": price.id, "quantity": number} for number in range(1, 13)])
    first = shop.v1.checkout.sessions.line_items.list(session.id, {"limit": 5})
    assert (first.has_more, [line.quantity for line in first.data]) == (True, [1, 2, 3, 4, 5])
    assert [line.quantity for line in first.auto_paging_iter()] == list(range(1, 13))
    well_formed(first.data[0])


def test_metadata_changes_and_nothing_else_does_after_payment(shop: Shop) -> None:
    session = shop.checkout(metadata={"a": "1"})
    shop.page.post(session.url, data=CARD)
    changed = shop.v1.checkout.sessions.update(session.id, {"metadata": {"a": "", "b": "2"}})
    assert changed.metadata.to_dict() == {"b": "2"}


def test_the_calls_behind_the_page_pay_without_it(shop: Shop) -> None:
    session = shop.checkout()
    page = shop.http.get(f"/v1/payment_pages/{session.id}").json()
    assert page["amount_total"] == 3998
    method = shop.v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    body = {"payment_method": method.id, "expected_amount": "1"}
    wrong = shop.http.post(f"/v1/payment_pages/{session.id}/confirm", data=body)
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, "checkout_amount_mismatch")
    done = shop.http.post(f"/v1/payment_pages/{session.id}/confirm", data={**body, "expected_amount": "3998"})
    assert (done.json()["status"], done.json()["payment_intent"]["status"]) == ("complete", "succeeded")


def test_an_embedded_session_has_a_secret_instead_of_an_address(shop: Shop) -> None:
    session = shop.checkout(
        ui_mode="embedded_page",
        success_url=None,
        cancel_url=None,
        return_url="https://shop.example/r?s={CHECKOUT_SESSION_ID}",
    )
    assert session.url is None
    assert session.client_secret.startswith(f"{session.id}_secret_")
    well_formed(session)


@pytest.mark.parametrize(
    ("params", "status", "code", "param"),
    [
        ({"success_url": None}, 400, "parameter_missing", "success_url"),
        ({"success_url": "thanks"}, 400, "url_invalid", "success_url"),
        ({"cancel_url": "javascript://x/%0aalert(1)"}, 400, "url_invalid", "cancel_url"),
        ({"line_items": None}, 400, "parameter_missing", "line_items"),
        ({"customer": "cus_nope"}, 400, "resource_missing", "customer"),
        ({"customer": "cus_nope", "customer_email": "a@b.example"}, 400, None, "customer"),
        ({"line_items": [{"price": "price_nope", "quantity": 1}]}, 400, "resource_missing", "line_items[0][price]"),
        ({"line_items": [{"quantity": 1}]}, 400, None, "line_items[0]"),
        ({"ui_mode": "embedded_page"}, 400, None, "success_url"),
        ({"mode": "nonsense"}, 400, None, "mode"),
        ({"mode": "subscription"}, 404, "not_simulated", None),
        ({"discounts": [{"coupon": "x"}]}, 404, "not_simulated", None),
        ({"automatic_tax": {"enabled": True}}, 404, "not_simulated", None),
        ({"expires_at": 5}, 400, None, "expires_at"),
        ({"expires_at": 9_999_999_999}, 400, None, "expires_at"),
        ({"nonsense": "1"}, 400, "parameter_unknown", "nonsense"),
    ],
)
def test_a_session_that_makes_no_sense_is_refused(
    shop: Shop, params: Any, status: int, code: str | None, param: str | None
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.checkout(**params)
    assert (refusal.value.http_status, refusal.value.code, refusal.value.param) == (status, code, param)


@pytest.mark.parametrize(
    ("prices", "sentence"),
    [
        ([("eur", 100, None), ("usd", 100, None)], "same currency"),
        ([("eur", 100, "month")], "passed a recurring price"),
        ([("eur", 10, None)], "at least €0.50 eur"),
    ],
)
def test_prices_that_do_not_go_together_are_refused(shop: Shop, prices: Any, sentence: str) -> None:
    items = []
    for currency, amount, interval in prices:
        data: Any = {"currency": currency, "unit_amount": amount, "product_data": {"name": "x"}}
        if interval:
            data["recurring"] = {"interval": interval}
        items.append({"price_data": data, "quantity": 1})
    with pytest.raises(stripe.InvalidRequestError, match=sentence):
        shop.checkout(line_items=items)
    assert shop.v1.checkout.sessions.list().data == []


def test_an_inactive_price_cannot_be_bought(shop: Shop) -> None:
    price = shop.v1.prices.create(
        {"product_data": {"name": "x"}, "currency": "eur", "unit_amount": 100, "active": False}
    )
    with pytest.raises(stripe.InvalidRequestError, match="inactive"):
        shop.checkout(line_items=[{"price": price.id, "quantity": 1}])


def test_a_page_that_does_not_exist_says_so(shop: Shop) -> None:
    answer = shop.page.get(f"{shop.url}/c/pay/cs_test_nope")
    assert answer.status_code == 404
    assert "does not exist" in answer.text


def test_what_a_merchant_writes_is_shown_as_text(shop: Shop) -> None:
    name = "<script>alert(1)</script>"
    data: Any = {"currency": "eur", "unit_amount": 1999, "product_data": {"name": name}}
    page = shop.page.get(shop.checkout(line_items=[{"price_data": data, "quantity": 1}]).url).text
    assert name not in page
    assert "&lt;script&gt;" in page
