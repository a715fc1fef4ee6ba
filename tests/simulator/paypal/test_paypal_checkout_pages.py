"""What a buyer sees and does at PayPal, without a browser: pages, forms, redirects; and what events tell of it."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from merchant import CANCEL, RETURN, card, issues, wanted

ORDERS = "/v2/checkout/orders"
VERIFIED = {"verification": {"method": "SCA_WHEN_REQUIRED"}}


def approve_link(order):
    return next(one["href"] for one in order["links"] if one["rel"] in {"approve", "payer-action"})


def test_the_buyer_reads_approves_and_comes_back(merchant):
    order = merchant.order(description="Two mugs")
    page = merchant.page.get(approve_link(order))
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "12.34 USD" in page.text
    assert "Two mugs" in page.text
    back = merchant.page.post(approve_link(order), data={"action": "approve", "instrument": "balance"})
    assert back.status_code == 303
    landed = urlsplit(back.headers["location"])
    query = parse_qs(landed.query)
    assert landed.hostname == "shop.test"
    assert (query["cart"], query["token"]) == (["7"], [order["id"]])
    payer = merchant.call("GET", f"{ORDERS}/{order['id']}").json()["payer"]["payer_id"]
    assert query["PayerID"] == [payer]


def test_the_buyer_cancels_and_the_order_still_waits(merchant):
    order = merchant.order()
    back = merchant.page.post(approve_link(order), data={"action": "cancel"})
    assert (back.status_code, back.headers["location"]) == (303, f"{CANCEL}?token={order['id']}")
    assert merchant.call("GET", f"{ORDERS}/{order['id']}").json()["status"] == "CREATED"


def test_the_page_takes_an_instrument_that_declines_and_offers_another(merchant):
    order = merchant.order()
    merchant.page.post(approve_link(order), data={"action": "approve", "instrument": "declined"})
    assert issues(merchant.call("POST", f"{ORDERS}/{order['id']}/capture", key="a")) == ["INSTRUMENT_DECLINED"]
    assert "declined" in merchant.page.get(approve_link(order)).text
    merchant.page.post(approve_link(order), data={"action": "approve", "instrument": "card"})
    assert merchant.call("POST", f"{ORDERS}/{order['id']}/capture", key="b").status_code == 201


@pytest.mark.parametrize("form", [{"action": "steal"}, {"action": "approve", "instrument": "gold"}])
def test_a_form_that_makes_no_sense_is_shown_again(merchant, form):
    order = merchant.order()
    answer = merchant.page.post(approve_link(order), data=form)
    assert (answer.status_code, "alert" in answer.text) == (400, True)
    assert merchant.call("GET", f"{ORDERS}/{order['id']}").json()["status"] == "CREATED"


def test_pages_of_orders_that_are_over_say_so(merchant):
    assert merchant.page.get("/checkoutnow?token=NOSUCH").status_code == 404
    assert merchant.page.get("/checkoutnow").status_code == 404
    order = merchant.order()
    merchant.sim(f"orders/{order['id']}/expire")
    assert merchant.page.get(approve_link(order)).status_code == 410
    paid = merchant.order()
    merchant.sim(f"orders/{paid['id']}/approve")
    merchant.call("POST", f"{ORDERS}/{paid['id']}/capture")
    assert "paid already" in merchant.page.post(approve_link(paid), data={"action": "approve"}).text


def test_what_a_shop_is_called_cannot_become_markup(merchant):
    body = wanted(source={"paypal": {"experience_context": {"brand_name": "<script>x</script>"}}})
    assert "<script>x" not in merchant.page.get(approve_link(merchant.order(body))).text


def challenged(merchant, number="4868719460707704"):
    context = {"return_url": RETURN, "cancel_url": CANCEL}
    source = card(number, attributes=VERIFIED, experience_context=context)
    return merchant.order(wanted(source=source), key=number)


@pytest.mark.parametrize(
    ("number", "outcome", "shift", "status"),
    [
        ("4868719460707704", "success", "POSSIBLE", "Y"),
        ("4868719115514992", "success", "UNKNOWN", "U"),
        ("4868719796782421", "success", "NO", "N"),
        ("5329879786234393", "failure", "NO", "N"),
    ],
)
def test_a_challenge_is_met_and_its_result_is_read(merchant, number, outcome, shift, status):
    order = challenged(merchant, number)
    assert (order["status"], order["links"][-1]["rel"]) == ("PAYER_ACTION_REQUIRED", "payer-action")
    assert number[-4:] in merchant.page.get(approve_link(order)).text
    back = merchant.page.post(approve_link(order), data={"outcome": outcome})
    assert (back.status_code, urlsplit(back.headers["location"]).hostname) == (303, "shop.test")
    found = merchant.call("GET", f"{ORDERS}/{order['id']}?fields=payment_source").json()
    result = found["payment_source"]["card"]["authentication_result"]
    assert (result["liability_shift"], result["three_d_secure"]["authentication_status"]) == (shift, status)
    assert merchant.call("POST", f"{ORDERS}/{order['id']}/capture", key="c").json()["status"] == "COMPLETED"


def test_capture_before_the_challenge_asks_for_the_payer(merchant):
    order = challenged(merchant)
    refused = merchant.call("POST", f"{ORDERS}/{order['id']}/capture")
    assert issues(refused) == ["PAYER_ACTION_REQUIRED"]
    assert any(one["rel"] == "payer-action" for one in refused.json()["links"])


def test_a_challenge_that_is_left_changes_nothing(merchant):
    order = challenged(merchant)
    back = merchant.page.post(approve_link(order), data={"outcome": "cancel"})
    assert back.headers["location"] == f"{CANCEL}?token={order['id']}"
    assert merchant.call("GET", f"{ORDERS}/{order['id']}").json()["status"] == "PAYER_ACTION_REQUIRED"


@pytest.mark.parametrize(("number", "shift"), [("4868719196829038", "POSSIBLE"), ("4868719158130060", "NO")])
def test_a_frictionless_card_is_paid_at_once_with_its_result(merchant, number, shift):
    order = challenged(merchant, number)
    assert order["status"] == "COMPLETED"
    assert order["payment_source"]["card"]["authentication_result"]["liability_shift"] == shift


def test_a_card_that_is_confirmed_waits_for_its_capture(merchant):
    order = merchant.order()["id"]
    source = card("4868719460707704", attributes=VERIFIED)
    confirmed = merchant.call("POST", f"{ORDERS}/{order}/confirm-payment-source", {"payment_source": source})
    assert (confirmed.status_code, confirmed.json()["status"]) == (200, "PAYER_ACTION_REQUIRED")
    merchant.sim(f"orders/{order}/challenge")
    paid = merchant.call("POST", f"{ORDERS}/{order}/capture").json()
    assert paid["purchase_units"][0]["payments"]["captures"][0]["status"] == "COMPLETED"


def events(merchant):
    found = merchant.call("GET", "/v1/notifications/webhooks-events?page_size=100").json()["events"]
    return [one["event_type"] for one in reversed(found)]


def test_events_of_a_wallet_payment_come_in_order(merchant):
    capture = merchant.captured()["id"]
    merchant.call("POST", f"/v2/payments/captures/{capture}/refund")
    assert events(merchant) == [
        "CHECKOUT.ORDER.APPROVED",
        "CHECKOUT.ORDER.COMPLETED",
        "PAYMENT.CAPTURE.COMPLETED",
        "PAYMENT.CAPTURE.REFUNDED",
    ]


def test_events_of_what_is_pending_denied_reversed_and_held(merchant):
    capture = merchant.captured("bank")["id"]
    merchant.sim(f"captures/{capture}/deny")
    merchant.sim(f"captures/{merchant.captured()['id']}/reverse")
    merchant.call("POST", f"/v2/payments/authorizations/{merchant.authorized()['id']}/void")
    merchant.sim(f"orders/{merchant.approved()}/expire")
    seen = [one for one in events(merchant) if not one.startswith("CHECKOUT.ORDER")]
    assert seen == [
        "PAYMENT.CAPTURE.PENDING",
        "PAYMENT.CAPTURE.DENIED",
        "PAYMENT.CAPTURE.COMPLETED",
        "PAYMENT.CAPTURE.REVERSED",
        "PAYMENT.AUTHORIZATION.CREATED",
        "PAYMENT.AUTHORIZATION.VOIDED",
        "CHECKOUT.PAYMENT-APPROVAL.REVERSED",
    ]


def test_a_frozen_state_comes_back_with_orders_and_request_ids(merchant):
    order = merchant.order(key="k")["id"]
    merchant.sim("state/freeze", name="before")
    merchant.sim(f"orders/{order}/approve")
    merchant.sim("state/restore", name="before")
    assert merchant.call("POST", ORDERS, wanted(), key="k").json()["status"] == "CREATED"
    merchant.sim("state/reset")
    assert merchant.call("GET", f"{ORDERS}/{order}").status_code == 404


@pytest.mark.parametrize(
    "settings",
    [
        {"default_instrument": "gold"},
        {"fee_fixed": {"USD": "much"}},
        {"overage_most": "-1"},
        {"order_life_seconds": -1},
        {"no_such_setting": 1},
        {"request_ids": "loose"},
    ],
)
def test_a_setting_that_cannot_be_is_refused_and_nothing_changes(merchant, settings):
    before = merchant.control.get("/settings").json()
    answer = merchant.control.post("/settings", json=settings)
    assert (answer.status_code, len(answer.json()["error"]["message"]) > 20) == (400, True)
    assert merchant.control.get("/settings").json() == before


@pytest.mark.parametrize("instrument", [5, {}, [], ""])
def test_an_instrument_that_is_no_word_never_makes_it_stumble(merchant, instrument):
    order = merchant.order()["id"]
    assert merchant.control.post(f"/orders/{order}/approve", json={"instrument": instrument}).status_code in {200, 400}
