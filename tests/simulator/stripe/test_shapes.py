"""Everything that the simulator says has the shape that the official SDK knows: answers, errors, events, expansions."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import oracle
import pytest
import stripe
from simulated_shop import Shop
from stripe._error_object import ErrorObject

UNDOCUMENTED = ("/v1/payment_pages/",)
"""Calls whose answers the SDK has no type for."""

ERROR_FIELDS = frozenset(ErrorObject.__annotations__) | {"user_message"}
ERROR_TYPES = frozenset(("api_error", "card_error", "idempotency_error", "invalid_request_error"))


def test_a_whole_working_day_is_well_formed(shop: Shop) -> None:
    _catalogue_and_checkout(shop)
    customer = _customers_and_cards(shop)
    _payments(shop, customer)
    _setups(shop, customer)
    _disputes_and_refunds(shop)
    _everything_else(shop)
    shop.advance(3 * 86400)
    _reads(shop)
    answers = [entry for entry in shop.control("GET", "journal")["entries"] if entry["response"] is not None]
    assert len(answers) > 80
    wrong = []
    for entry in answers:
        where = f"{entry['method']} {entry['path']} {entry['status']}"
        if entry["path"].startswith(UNDOCUMENTED) or not isinstance(entry["response"], dict):
            continue
        wrong += [f"{where}: {line}" for line in _answer_problems(entry)]
    for event in shop.events():
        wrong += oracle.problems(event.to_dict())
    assert sorted(set(wrong)) == []


def test_the_day_speaks_of_every_resource(shop: Shop) -> None:
    _catalogue_and_checkout(shop)
    customer = _customers_and_cards(shop)
    _payments(shop, customer)
    _setups(shop, customer)
    _disputes_and_refunds(shop)
    _everything_else(shop)
    shop.advance(3 * 86400)
    spoken = {event.type for event in shop.events()}
    assert spoken <= oracle.event_types()
    assert spoken >= {
        "charge.captured", "charge.dispute.closed", "charge.dispute.created", "charge.dispute.funds_reinstated",
        "charge.dispute.funds_withdrawn", "charge.dispute.updated", "charge.failed", "charge.refunded",
        "charge.succeeded", "charge.updated", "checkout.session.completed", "checkout.session.expired",
        "customer.created", "customer.deleted", "customer.updated", "file.created", "payment_intent.canceled",
        "payment_intent.amount_capturable_updated", "payment_intent.created", "payment_intent.payment_failed",
        "payment_intent.requires_action", "payment_intent.succeeded", "payment_method.attached",
        "payment_method.detached", "price.created", "product.created", "radar.early_fraud_warning.created",
        "refund.created", "refund.failed", "refund.updated", "setup_intent.created", "setup_intent.setup_failed",
        "setup_intent.succeeded",
    }  # fmt: skip


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_the_asynchronous_client_meets_the_same_simulator(shop: Shop, anyio_backend: str) -> None:
    v1 = shop.sdk(shop.key, http_client=stripe.HTTPXClient(timeout=30)).v1
    customer = await v1.customers.create_async({"email": "jenny@example.com"})
    method = await v1.payment_methods.attach_async("pm_card_visa", {"customer": customer.id})
    intent = await v1.payment_intents.create_async(
        {
            "amount": 1000,
            "currency": "usd",
            "customer": customer.id,
            "payment_method": method.id,
            "off_session": True,
            "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
    )
    assert intent.status == "succeeded"
    refund = await v1.refunds.create_async({"payment_intent": intent.id, "amount": 400})
    assert refund.amount == 400
    with pytest.raises(stripe.CardError):
        await v1.payment_methods.attach_async("pm_card_chargeDeclined", {"customer": customer.id})
    types = [event.type async for event in (await v1.events.list_async({"limit": 3})).auto_paging_iter()]
    assert types[::-1] == shop.event_types()


def _answer_problems(entry: dict[str, Any]) -> list[str]:
    body = entry["response"]
    if entry["status"] == 200:
        return oracle.problems(body)
    error = body["error"]
    found = [f"error.{name}: no such field" for name in error.keys() - ERROR_FIELDS]
    if error["type"] not in ERROR_TYPES:
        found.append(f"error.type: {error['type']}")
    for name in ("payment_intent", "setup_intent", "payment_method"):
        if name in error:
            found += oracle.problems(error[name], f"error.{name}")
    return found


def _catalogue_and_checkout(shop: Shop) -> None:
    product = shop.v1.products.create(
        {
            "name": "Shirt",
            "default_price_data": {"currency": "usd", "unit_amount": 2000},
            "package_dimensions": {"height": 1.5, "length": 2, "weight": 3, "width": 4},
            "marketing_features": [{"name": "soft"}],
        }
    )
    shop.v1.prices.create(
        {
            "product": product.id,
            "currency": "usd",
            "billing_scheme": "tiered",
            "tiers_mode": "graduated",
            "tiers": [{"up_to": 5, "unit_amount": 100}, {"up_to": "inf", "flat_amount": 400}],
            "recurring": {"interval": "year"},
            "expand": ["tiers", "currency_options", "product"],
        }
    )
    shop.v1.prices.create({"product": product.id, "currency": "usd", "custom_unit_amount": {"enabled": True}})
    paid = shop.checkout(
        line_items=[{"price": str(product.default_price), "quantity": 1, "adjustable_quantity": {"enabled": True}}]
    )
    shop.page.post(paid.url, data={"email": "a@b.example", "payment_method": "pm_card_visa"})
    shop.v1.checkout.sessions.retrieve(
        paid.id, {"expand": ["line_items.data.price.product", "payment_intent.latest_charge"]}
    )
    shop.v1.checkout.sessions.line_items.list(paid.id)
    shop.v1.checkout.sessions.expire(shop.checkout(branding_settings={"display_name": "Shop"}).id)
    shop.checkout(
        ui_mode="elements",
        success_url=None,
        cancel_url=None,
        return_url="https://shop.example",
        customer_email="a@b.example",
    )
    shop.v1.checkout.sessions.create({"mode": "setup", "currency": "usd", "success_url": "https://shop.example"})
    shop.v1.checkout.sessions.list()


def _customers_and_cards(shop: Shop) -> str:
    address: Any = {"line1": "1 Main Street", "city": "Berlin", "country": "DE", "postal_code": "10115"}
    customer = shop.v1.customers.create(
        {
            "email": "jenny@example.com",
            "name": "Jenny",
            "address": address,
            "shipping": {"name": "Jenny", "address": address},
            "metadata": {"a": "b"},
            "preferred_locales": ["de"],
        }
    )
    method = shop.v1.payment_methods.create(
        {
            "type": "card",
            "card": {"token": "tok_visa"},
            "billing_details": {"name": "Jenny", "address": address, "email": "jenny@example.com"},
        }
    )
    shop.v1.payment_methods.attach(method.id, {"customer": customer.id})
    shop.v1.payment_methods.update(method.id, {"metadata": {"c": "d"}})
    shop.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": method.id}, "phone": "+491"})
    shop.v1.customers.retrieve(customer.id, {"expand": ["invoice_settings.default_payment_method"]})
    shop.v1.payment_methods.detach(shop.v1.payment_methods.attach("pm_card_amex", {"customer": customer.id}).id)
    shop.v1.payment_methods.create({"type": "klarna"})
    shop.v1.customers.delete(shop.v1.customers.create().id)
    with contextlib.suppress(stripe.InvalidRequestError):
        shop.v1.customers.retrieve("cus_nope")
    return customer.id


def _payments(shop: Shop, customer: str) -> None:
    shop.pay(
        customer=customer, setup_future_usage="off_session", expand=["latest_charge.balance_transaction", "customer"]
    )
    held = shop.pay(capture_method="manual", description="held", statement_descriptor_suffix="X")
    shop.v1.payment_intents.capture(held.id, {"amount_to_capture": 400})
    shop.v1.payment_intents.cancel(shop.pay(capture_method="manual").id, {"cancellation_reason": "duplicate"})
    shop.v1.payment_intents.cancel(shop.v1.payment_intents.create({"amount": 100, "currency": "jpy"}).id)
    for method in ("pm_card_chargeDeclined", "pm_card_radarBlock", "pm_card_chargeDeclinedExpiredCard"):
        with contextlib.suppress(stripe.CardError):
            shop.pay(method)
    challenge = shop.v1.payment_intents.create(
        {
            "amount": 100,
            "currency": "eur",
            "confirm": True,
            "payment_method": "pm_card_authenticationRequired",
            "return_url": "https://shop.example/back",
            "payment_method_types": ["card"],
        }
    )
    assert challenge.next_action is not None
    url = challenge.next_action.redirect_to_url.url  # type: ignore[union-attr]
    shop.page.post(str(url), data={"outcome": "succeed"})
    shop.v1.payment_intents.retrieve(challenge.id, {"expand": ["latest_charge"]})
    updated = shop.v1.payment_intents.create({"amount": 100, "currency": "eur"})
    shop.v1.payment_intents.update(updated.id, {"amount": 200, "metadata": {"x": "y"}, "receipt_email": "a@b.example"})
    with contextlib.suppress(stripe.InvalidRequestError):
        shop.v1.payment_intents.confirm(updated.id)
    for method in ("pm_card_riskLevelElevated", "pm_card_threeDSecureOptional", "pm_card_avsFail"):
        shop.pay(method)


def _setups(shop: Shop, customer: str) -> None:
    shop.v1.setup_intents.create(
        {"customer": customer, "payment_method": "pm_card_visa", "confirm": True, "payment_method_types": ["card"]}
    )
    with contextlib.suppress(stripe.CardError):
        shop.v1.setup_intents.create(
            {"payment_method": "pm_card_chargeDeclined", "confirm": True, "payment_method_types": ["card"]}
        )
    open_one = shop.v1.setup_intents.create({"usage": "on_session"})
    shop.v1.setup_intents.cancel(open_one.id)
    waiting = shop.v1.setup_intents.create(
        {"payment_method": "pm_card_authenticationRequired", "confirm": True, "payment_method_types": ["card"]}
    )
    shop.v1.setup_attempts.list({"setup_intent": waiting.id})


def _disputes_and_refunds(shop: Shop) -> None:
    for method in (
        "pm_card_createDispute",
        "pm_card_createDisputeProductNotReceived",
        "pm_card_createDisputeInquiry",
        "pm_card_createMultipleDisputes",
        "pm_card_createComplianceDispute",
        "pm_card_createCe3EligibleDispute",
        "pm_card_createIssuerFraudRecord",
    ):
        shop.pay(method, description=method)
    disputes = list(shop.v1.disputes.list({"limit": 50}).data)
    won, lost, *_ = [each for each in disputes if each.status == "needs_response"]
    evidence: Any = {"uncategorized_text": "winning_evidence", "customer_name": "Jenny"}
    shop.v1.disputes.update(won.id, {"evidence": evidence, "submit": True})
    shop.v1.disputes.close(lost.id)
    for method in ("pm_card_visa", "pm_card_pendingRefund", "pm_card_refundFail"):
        intent = shop.pay(method)
        refund = shop.v1.refunds.create({"payment_intent": intent.id, "amount": 300, "reason": "fraudulent"})
        shop.v1.refunds.update(refund.id, {"metadata": {"x": "y"}})
    charge = shop.v1.charges.retrieve(str(intent.latest_charge), {"expand": ["refunds", "payment_intent"]})
    shop.v1.charges.update(charge.id, {"description": "changed"})
    with contextlib.suppress(stripe.InvalidRequestError):
        shop.v1.refunds.create({"charge": charge.id, "amount": 10_000})


def _everything_else(shop: Shop) -> None:
    file = io.BytesIO(b"%PDF-1.7")
    file.name = "evidence.pdf"
    shop.v1.files.create({"purpose": "dispute_evidence", "file": file})
    token: Any = {"card": {"number": "5555555555554444", "exp_month": "1", "exp_year": "2031", "cvc": "123"}}
    shop.browser.tokens.create(token)
    endpoint = shop.v1.webhook_endpoints.create(
        {"url": "http://127.0.0.1:9/none", "enabled_events": ["balance.available"]}
    )
    shop.v1.webhook_endpoints.update(endpoint.id, {"description": "d", "disabled": True})
    shop.v1.webhook_endpoints.list()
    shop.v1.webhook_endpoints.delete(endpoint.id)
    with contextlib.suppress(stripe.InvalidRequestError):
        shop.v1.subscriptions.create({"customer": "cus_x"})


def _reads(shop: Shop) -> None:
    v1 = shop.v1
    v1.accounts.retrieve_current()
    v1.balance.retrieve()
    every: Any = {"limit": 100}
    for page in (
        v1.balance_transactions.list({**every, "expand": ["data.source"]}),
        v1.charges.list({**every, "expand": ["data.balance_transaction", "data.payment_intent"]}),
        v1.customers.list(every),
        v1.disputes.list({**every, "expand": ["data.charge"]}),
        v1.files.list(every),
        v1.payment_intents.list(every),
        v1.prices.list(every),
        v1.products.list(every),
        v1.radar.early_fraud_warnings.list(every),
        v1.refunds.list({**every, "expand": ["data.charge"]}),
        v1.setup_intents.list(every),
    ):
        assert page.data
