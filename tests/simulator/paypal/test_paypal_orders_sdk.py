"""Orders through the official SDK, unmodified."""

from __future__ import annotations

import uuid

import pytest
from merchant import card, wanted
from paypalserversdk.exceptions.error_exception import ErrorException


def test_an_order_is_created_approved_and_captured(merchant):
    sdk = merchant.sdk()
    made = sdk.orders.create_order({"body": wanted(), "paypal_request_id": uuid.uuid4().hex})
    assert (made.status_code, made.body.status) == (201, "CREATED")
    assert {link.rel for link in made.body.links} == {"self", "approve", "update", "capture"}
    merchant.sim(f"orders/{made.body.id}/approve")
    assert sdk.orders.get_order({"id": made.body.id}).body.status == "APPROVED"
    paid = sdk.orders.capture_order({"id": made.body.id, "paypal_request_id": uuid.uuid4().hex})
    assert (paid.status_code, paid.body.status) == (201, "COMPLETED")
    capture = paid.body.purchase_units[0].payments.captures[0]
    assert (capture.status, capture.amount.value) == ("COMPLETED", "12.34")
    assert sdk.payments.get_captured_payment({"capture_id": capture.id}).body.final_capture is True


def test_an_authorization_is_captured_in_parts_and_refunded(merchant):
    sdk = merchant.sdk()
    order = merchant.approved(intent="AUTHORIZE", value="100.00")
    held = sdk.orders.authorize_order({"id": order, "paypal_request_id": "a"}).body
    held = held.purchase_units[0].payments.authorizations[0]
    assert held.status == "CREATED"
    part = sdk.payments.capture_authorized_payment(
        {
            "authorization_id": held.id,
            "body": {"amount": {"currency_code": "USD", "value": "40.00"}, "final_capture": False},
            "prefer": "return=representation",
        }
    ).body
    assert (part.status, part.amount.value, part.final_capture) == ("COMPLETED", "40.00", False)
    assert sdk.payments.get_authorized_payment({"authorization_id": held.id}).body.status == "PARTIALLY_CAPTURED"
    refund = sdk.payments.refund_captured_payment({"capture_id": part.id, "prefer": "return=representation"}).body
    assert (refund.status, refund.amount.value) == ("COMPLETED", "40.00")
    assert sdk.payments.get_refund({"refund_id": refund.id}).body.seller_payable_breakdown.total_refunded_amount.value


def test_a_card_pays_in_one_step_and_needs_a_request_id(merchant):
    sdk = merchant.sdk()
    with pytest.raises(ErrorException) as refused:
        sdk.orders.create_order({"body": wanted(source=card())})
    assert refused.value.response_code == 400
    assert refused.value.details[0].issue == "PAYPAL_REQUEST_ID_REQUIRED"
    paid = sdk.orders.create_order({"body": wanted(source=card()), "paypal_request_id": "one-step"}).body
    assert paid.status == "COMPLETED"
    assert paid.payment_source.card.last_digits == "1881"
    assert paid.purchase_units[0].payments.captures[0].processor_response.response_code == "0000"


def test_a_refusal_is_the_sdk_s_error_with_issue_and_debug_id(merchant):
    sdk = merchant.sdk()
    order = merchant.order()["id"]
    with pytest.raises(ErrorException) as refused:
        sdk.orders.capture_order({"id": order})
    assert (refused.value.response_code, refused.value.name) == (422, "UNPROCESSABLE_ENTITY")
    assert refused.value.details[0].issue == "ORDER_NOT_APPROVED"
    assert refused.value.debug_id == refused.value.response.headers["Paypal-Debug-Id"]


def test_patch_void_and_reauthorize(merchant):
    sdk = merchant.sdk()
    order = merchant.order(intent="AUTHORIZE")["id"]
    path = "/purchase_units/@reference_id=='default'/custom_id"
    sdk.orders.patch_order({"id": order, "body": [{"op": "add", "path": path, "value": "cart-8"}]})
    assert sdk.orders.get_order({"id": order}).body.purchase_units[0].custom_id == "cart-8"
    merchant.sim(f"orders/{order}/approve")
    held = sdk.orders.authorize_order({"id": order}).body.purchase_units[0].payments.authorizations[0]
    merchant.sim("clock/advance", seconds=4 * 86400)
    sdk = merchant.sdk()
    renewed = sdk.payments.reauthorize_payment({"authorization_id": held.id}).body
    assert renewed.id != held.id
    assert sdk.payments.void_payment({"authorization_id": held.id}).status_code == 204
    assert sdk.payments.get_authorized_payment({"authorization_id": renewed.id}).body.status == "VOIDED"


def test_a_declined_card_is_201_with_a_declined_capture(merchant):
    source = card(name="CCREJECT-IF")
    paid = merchant.sdk().orders.create_order({"body": wanted(source=source), "paypal_request_id": "declined"})
    capture = paid.body.purchase_units[0].payments.captures[0]
    assert (paid.status_code, paid.body.status, capture.status) == (201, "COMPLETED", "DECLINED")
    assert capture.processor_response.response_code == "5120"
