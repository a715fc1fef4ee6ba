"""The life of an order: approval, capture, decline, expiry, patches, trackers."""

from __future__ import annotations

import pytest
from merchant import CANCEL, RETURN, card, issues, money, wanted

ORDERS = "/v2/checkout/orders"
UNIT = "/purchase_units/@reference_id=='default'"


def read(merchant, order):
    return merchant.call("GET", f"{ORDERS}/{order}").json()


def rels(order):
    return {one["rel"] for one in order["links"]}


def test_without_a_source_it_is_created_and_the_buyer_approves(merchant):
    order = merchant.order()
    assert set(order) == {"id", "status", "links"}
    assert (order["status"], rels(order)) == ("CREATED", {"self", "approve", "update", "capture"})
    assert merchant.order(intent="AUTHORIZE")["links"][-1]["rel"] == "authorize"


def test_with_the_wallet_named_it_waits_for_the_payer(merchant):
    context = {"return_url": RETURN, "cancel_url": CANCEL, "user_action": "PAY_NOW"}
    order = merchant.order(wanted(source={"paypal": {"experience_context": context}}))
    assert (order["status"], rels(order)) == ("PAYER_ACTION_REQUIRED", {"self", "payer-action"})
    assert order["payment_source"] == {"paypal": {}}


def test_representation_shows_the_whole_order(merchant):
    order = merchant.call("POST", ORDERS, wanted(custom_id="c"), Prefer="return=representation").json()
    assert order["purchase_units"][0]["payee"]["merchant_id"]
    assert (order["intent"], order["purchase_units"][0]["reference_id"]) == ("CAPTURE", "default")


def test_approval_brings_payer_and_shipping(merchant):
    order = read(merchant, merchant.approved())
    assert (order["status"], rels(order)) == ("APPROVED", {"self", "update", "capture"})
    assert len(order["payer"]["payer_id"]) == 13
    assert order["purchase_units"][0]["shipping"]["address"]["country_code"] == "US"
    assert order["payment_source"]["paypal"]["account_id"] == order["payer"]["payer_id"]


@pytest.mark.parametrize(
    ("number", "brand", "shift", "secure"),
    [
        ("6507720016523241", "DISCOVER", "POSSIBLE", {"enrollment_status": "Y", "authentication_status": "Y"}),
        ("3636500013811265", "JCB", "POSSIBLE", {"enrollment_status": "Y", "authentication_status": "Y"}),
        ("3613285017849035", "DINERS", "POSSIBLE", {"enrollment_status": "Y", "authentication_status": "Y"}),
        ("6011270016527338", "CHINA_UNION_PAY", "POSSIBLE", {"enrollment_status": "Y", "authentication_status": "Y"}),
        ("4868719632978803", "VISA", "NO", {"enrollment_status": "U"}),
        ("4868719033482561", "VISA", "NO", {"enrollment_status": "Y", "authentication_status": "U"}),
        ("5319541865518409", "MASTERCARD", "NO", {"enrollment_status": "Y", "authentication_status": "R"}),
    ],
)
def test_a_check_that_the_holder_does_not_see_is_told_as_the_sandboxs_table_has_it(
    merchant, number, brand, shift, secure
):
    order = merchant.order()["id"]
    source = card(number, attributes={"verification": {"method": "SCA_WHEN_REQUIRED"}})
    confirmed = merchant.call("POST", f"{ORDERS}/{order}/confirm-payment-source", {"payment_source": source})
    assert confirmed.status_code == 200, confirmed.text
    shown = read(merchant, order)
    assert (shown["status"], shown["payment_source"]["card"]["brand"]) == ("APPROVED", brand)
    result = shown["payment_source"]["card"]["authentication_result"]
    assert result == {"liability_shift": shift, "three_d_secure": secure}


@pytest.mark.parametrize("source", [{"paypal": {}}, card()])
def test_paypal_does_not_complete_orders_by_itself_for_wallet_and_card(merchant, source):
    body = {**wanted(source=source), "processing_instruction": "ORDER_COMPLETE_ON_PAYMENT_APPROVAL"}
    refused = merchant.call("POST", ORDERS, body, key="one")
    assert (refused.status_code, issues(refused)) == (422, ["UNSUPPORTED_PROCESSING_INSTRUCTION"])
    body["processing_instruction"] = "NO_INSTRUCTION"
    assert merchant.call("POST", ORDERS, body, key="two").status_code in {200, 201}


def test_the_wrong_verb_and_the_second_time(merchant):
    order = merchant.approved()
    wrong = merchant.call("POST", f"{ORDERS}/{order}/authorize")
    assert (wrong.status_code, issues(wrong)) == (422, ["ACTION_DOES_NOT_MATCH_INTENT"])
    assert merchant.call("POST", f"{ORDERS}/{order}/capture", key="a").status_code == 201
    again = merchant.call("POST", f"{ORDERS}/{order}/capture", key="b")
    assert (again.status_code, issues(again)) == (422, ["ORDER_ALREADY_CAPTURED"])
    held = merchant.approved(intent="AUTHORIZE")
    merchant.call("POST", f"{ORDERS}/{held}/authorize", key="a")
    assert issues(merchant.call("POST", f"{ORDERS}/{held}/authorize", key="b")) == ["ORDER_ALREADY_AUTHORIZED"]


def test_a_capture_without_any_body_is_taken(merchant):
    order = merchant.approved()
    answer = merchant.http.post(f"{ORDERS}/{order}/capture", headers={"Content-Type": "application/json"})
    assert answer.status_code == 201
    refused = merchant.http.post(f"{ORDERS}/{order}/capture", content=b"x=1", headers={"Content-Type": "text/plain"})
    assert (refused.status_code, refused.json()["name"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_wallet_that_declines_is_422_and_the_buyer_chooses_again(merchant):
    order = merchant.approved("declined")
    refused = merchant.call("POST", f"{ORDERS}/{order}/capture", key="first")
    assert (refused.status_code, issues(refused)) == (422, ["INSTRUMENT_DECLINED"])
    redirect = next(one for one in refused.json()["links"] if one["rel"] == "redirect")
    assert redirect["href"] == f"{merchant.url}/checkoutnow?token={order}"
    assert read(merchant, order)["status"] == "APPROVED"
    merchant.sim(f"orders/{order}/approve", instrument="balance")
    assert merchant.call("POST", f"{ORDERS}/{order}/capture", key="second").json()["status"] == "COMPLETED"


@pytest.mark.parametrize(
    ("instrument", "status", "reason"),
    [("bank", "PENDING", "ECHECK"), ("review", "PENDING", "PENDING_REVIEW"), ("declined_capture", "DECLINED", "OTHER")],
)
def test_a_completed_order_is_not_always_paid(merchant, instrument, status, reason):
    capture = merchant.captured(instrument)
    assert (capture["status"], capture["status_details"]["reason"]) == (status, reason)


def test_a_decline_may_come_without_a_reason(merchant):
    merchant.sim("settings", decline_details=False)
    assert "status_details" not in merchant.captured("declined_capture")


@pytest.mark.parametrize("issue", ["PAYER_CANNOT_PAY", "TRANSACTION_REFUSED", "PAYER_ACCOUNT_RESTRICTED"])
def test_an_instrument_may_be_any_issue_of_the_capture(merchant, issue):
    assert issues(merchant.call("POST", f"{ORDERS}/{merchant.approved(issue)}/capture")) == [issue]


def test_an_unknown_instrument_is_one_sentence(merchant):
    order = merchant.order()["id"]
    answer = merchant.control.post(f"/orders/{order}/approve", json={"instrument": "gold"})
    assert answer.status_code == 400
    assert "balance" in answer.json()["error"]["message"]


def test_an_order_that_nobody_approves_is_gone_after_its_life(merchant):
    merchant.sim("settings", token_seconds=400000)
    merchant.http.headers["Authorization"] = f"Bearer {merchant.token()}"
    order, held = merchant.order()["id"], merchant.order(intent="AUTHORIZE")["id"]
    merchant.sim("clock/advance", seconds=3 * 3600 + 1)
    assert merchant.call("GET", f"{ORDERS}/{order}").status_code == 404
    assert issues(merchant.call("POST", f"{ORDERS}/{order}/capture")) == ["INVALID_RESOURCE_ID"]
    assert issues(merchant.call("POST", f"{ORDERS}/{held}/authorize")) == ["ORDER_EXPIRED"]


def test_an_approval_that_is_not_captured_is_reversed(merchant):
    order = merchant.approved()
    merchant.sim("clock/advance", seconds=3 * 3600 + 1)
    assert read(merchant, order)["status"] == "VOIDED"
    assert issues(merchant.call("POST", f"{ORDERS}/{order}/capture")) == ["ORDER_NOT_APPROVED"]
    early = merchant.approved()
    merchant.sim(f"orders/{early}/expire")
    assert read(merchant, early)["status"] == "VOIDED"


def test_an_invoice_pays_once(merchant):
    merchant.captured(invoice_id="INV-1")
    second = merchant.approved(invoice_id="INV-1")
    refused = merchant.call("POST", f"{ORDERS}/{second}/capture")
    assert (refused.status_code, issues(refused)) == (422, ["DUPLICATE_INVOICE_ID"])
    merchant.sim("settings", unique_invoice_ids=False)
    assert merchant.call("POST", f"{ORDERS}/{second}/capture").status_code == 201


def test_a_patch_changes_what_was_not_paid(merchant):
    order = merchant.order(custom_id="a")["id"]
    changed = merchant.call(
        "PATCH",
        f"{ORDERS}/{order}",
        [
            {"op": "replace", "path": f"{UNIT}/amount", "value": money("15.00")},
            {"op": "replace", "path": f"{UNIT}/custom_id", "value": "b"},
            {"op": "add", "path": f"{UNIT}/invoice_id", "value": "INV-5"},
        ],
    )
    assert (changed.status_code, changed.content) == (204, b"")
    unit = read(merchant, order)["purchase_units"][0]
    assert (unit["amount"]["value"], unit["custom_id"], unit["invoice_id"]) == ("15.00", "b", "INV-5")
    merchant.call("PATCH", f"{ORDERS}/{order}", [{"op": "remove", "path": f"{UNIT}/custom_id"}])
    assert "custom_id" not in read(merchant, order)["purchase_units"][0]


PATCHES = [
    ({"op": "replace", "path": "/status", "value": "COMPLETED"}, 400, "FIELD_NOT_PATCHABLE"),
    ({"op": "move", "path": f"{UNIT}/amount", "value": 1}, 400, "INVALID_PATCH_OPERATION"),
    ({"op": "replace", "path": f"{UNIT}/invoice_id", "value": "x"}, 400, "INVALID_PATCH_OPERATION"),
    ({"op": "replace", "value": "x"}, 422, "PATCH_PATH_REQUIRED"),
    ({"op": "replace", "path": f"{UNIT}/amount"}, 422, "PATCH_VALUE_REQUIRED"),
    ({"op": "replace", "path": "/purchase_units/0/amount", "value": money("1")}, 422, "INVALID_JSON_POINTER_FORMAT"),
    ({"op": "replace", "path": "amount", "value": money("1")}, 422, "INVALID_JSON_POINTER_FORMAT"),
    (
        {"op": "replace", "path": "/purchase_units/@reference_id=='x'/amount", "value": money("1")},
        422,
        "REFERENCE_ID_NOT_FOUND",
    ),
    ({"op": "replace", "path": f"{UNIT}/amount", "value": money("1.234")}, 422, "DECIMAL_PRECISION"),
]


@pytest.mark.parametrize(("change", "status", "issue"), PATCHES)
def test_a_patch_that_cannot_be(merchant, change, status, issue):
    order = merchant.order()["id"]
    answer = merchant.call("PATCH", f"{ORDERS}/{order}", [change])
    assert (answer.status_code, issues(answer)) == (status, [issue])


def test_a_paid_order_cannot_be_patched(merchant):
    capture = merchant.captured()
    order = next(one["href"] for one in capture["links"] if one["rel"] == "up").rpartition("/")[2]
    change = [{"op": "add", "path": f"{UNIT}/custom_id", "value": "x"}]
    assert issues(merchant.call("PATCH", f"{ORDERS}/{order}", change)) == ["ORDER_ALREADY_COMPLETED"]


def test_an_amount_raised_beyond_tolerance_asks_the_payer_again(merchant):
    order = merchant.approved(value="10.00")
    merchant.call("PATCH", f"{ORDERS}/{order}", [{"op": "replace", "path": f"{UNIT}/amount", "value": money("30.00")}])
    refused = merchant.call("POST", f"{ORDERS}/{order}/capture", key="a")
    assert issues(refused) == ["PAYER_ACTION_REQUIRED"]
    assert any(one["rel"] == "payer-action" for one in refused.json()["links"])
    merchant.sim(f"orders/{order}/approve")
    assert merchant.call("POST", f"{ORDERS}/{order}/capture", key="b").status_code == 201


def test_a_tracker_is_added_and_cancelled(merchant):
    capture = merchant.captured()
    order = next(one["href"] for one in capture["links"] if one["rel"] == "up").rpartition("/")[2]
    body = {"capture_id": capture["id"], "tracking_number": "1Z", "carrier": "UPS"}
    made = merchant.call("POST", f"{ORDERS}/{order}/track", body)
    tracker = made.json()["purchase_units"][0]["shipping"]["trackers"][0]
    assert (made.status_code, tracker["id"], tracker["status"]) == (201, f"{capture['id']}-1Z", "SHIPPED")
    path = f"{ORDERS}/{order}/trackers/{tracker['id']}"
    assert merchant.call("PATCH", path, [{"op": "replace", "path": "/status", "value": "CANCELLED"}]).status_code == 204
    assert read(merchant, order)["purchase_units"][0]["shipping"]["trackers"][0]["status"] == "CANCELLED"
    unknown = merchant.call("POST", f"{ORDERS}/{order}/track", {**body, "capture_id": "NONE"})
    assert issues(unknown) == ["CAPTURE_ID_NOT_FOUND"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("CCREJECT-REFUSED", "0500"),
        ("CCREJECT-SF", "9500"),
        ("CCREJECT-EC", "5400"),
        ("CCREJECT-IRC", "5180"),
        ("CCREJECT-IF", "5120"),
        ("CCREJECT-LS", "9520"),
        ("CCREJECT-IA", "1330"),
        ("CCREJECT-BANK_ERROR", "5100"),
        ("CCREJECT-CVV_F", "00N7"),
    ],
)
def test_a_rejection_by_name_leaves_a_completed_order_with_a_declined_capture(merchant, name, code):
    order = merchant.order(wanted(source=card(name=name)), key=name)
    capture = order["purchase_units"][0]["payments"]["captures"][0]
    assert (order["status"], capture["status"]) == ("COMPLETED", "DECLINED")
    assert capture["processor_response"]["response_code"] == code
    assert (capture["processor_response"]["avs_code"], capture["processor_response"]["cvv_code"]) == ("G", "P")


OK_CARDS = [
    ("4012888888881881", "VISA"),
    ("4005519200000004", "VISA"),
    ("4772129056533503", "VISA"),
    ("2223000048400011", "MASTERCARD"),
    ("371449635398431", "AMEX"),
    ("376680816376961", "AMEX"),
    ("36461510000039", "DINERS"),
    ("6304000000000000", "MAESTRO"),
    ("5063516945005047", "MAESTRO"),
    ("3636500000000260", "JCB"),
    ("6200680000000004", "CHINA_UNION_PAY"),
]


@pytest.mark.parametrize(("number", "brand"), OK_CARDS)
def test_a_sandbox_card_pays(merchant, number, brand):
    code = "1234" if brand == "AMEX" else "123"
    order = merchant.order(wanted(source=card(number, security_code=code)), key="k")
    assert order["status"] == "COMPLETED"
    assert order["payment_source"]["card"]["brand"] == brand


def test_a_card_s_number_and_code_are_never_repeated(merchant):
    order = merchant.order(wanted(source=card()), key="k")
    seen = merchant.call("GET", f"{ORDERS}/{order['id']}").text
    refused = merchant.call("POST", ORDERS, wanted(source=card(number="401288888888188X")), key="x").text
    assert "4012888888881881" not in seen
    assert "401288888888188X" not in refused
    assert "security_code" not in seen
