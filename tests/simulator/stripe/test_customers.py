"""Customers, their payment methods, and setting those up; beside what is recorded in test mode."""

from __future__ import annotations

import pytest
import stripe
from simulated_shop import Shop, well_formed


def test_a_customer_is_made_changed_and_deleted(shop: Shop) -> None:
    customer = shop.v1.customers.create(
        {"email": "a@example.com", "name": "A", "metadata": {"x": "1"}, "address": {"city": "Bern"}}
    )
    assert (customer.email, customer.address.city, customer.metadata["x"]) == ("a@example.com", "Bern", "1")
    well_formed(customer)
    changed = shop.v1.customers.update(
        customer.id, {"name": "", "email": "b@example.com", "metadata": {"x": "", "y": "2"}}
    )
    assert (changed.name, changed.email, changed.metadata.to_dict()) == (None, "b@example.com", {"y": "2"})
    previous = shop.events("customer.updated")[0].data.previous_attributes.to_dict()
    assert previous == {"name": "A", "email": "a@example.com", "metadata": {"x": "1", "y": None}}
    assert shop.v1.customers.delete(customer.id).deleted is True
    assert shop.v1.customers.retrieve(customer.id).deleted is True
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.v1.customers.update(customer.id, {"name": "x"})
    assert refusal.value.http_status == 404


def test_customers_are_found_by_email(shop: Shop) -> None:
    wanted = [shop.v1.customers.create({"email": "a@example.com"}).id for _ in range(2)]
    shop.v1.customers.create({"email": "b@example.com"})
    assert [customer.id for customer in shop.v1.customers.list({"email": "a@example.com"})] == wanted[::-1]


def test_lists_page_forwards_and_backwards_without_a_gap(shop: Shop) -> None:
    made = [shop.v1.customers.create().id for _ in range(7)][::-1]
    assert [customer.id for customer in shop.v1.customers.list({"limit": 3}).auto_paging_iter()] == made
    page = shop.v1.customers.list({"limit": 2, "starting_after": made[1]})
    assert ([customer.id for customer in page.data], page.has_more) == (made[2:4], True)
    back = shop.v1.customers.list({"limit": 2, "ending_before": made[4]})
    assert ([customer.id for customer in back.data], back.has_more) == (made[2:4], True)
    assert shop.v1.customers.list({"limit": 7}).has_more is False


def test_a_limit_outside_1_to_100_is_moved_to_the_nearer_end(shop: Shop) -> None:
    for _ in range(102):
        shop.http.post("/v1/customers")
    sizes = [len(shop.v1.customers.list({"limit": limit}).data) for limit in (0, -1, 101, 100)]
    assert sizes == [1, 1, 100, 100]


def test_lists_are_cut_by_time(shop: Shop) -> None:
    first = shop.v1.customers.create()
    shop.advance(100)
    second = shop.v1.customers.create()
    shop.advance(100)
    third = shop.v1.customers.create()

    def found(**created: int) -> list[str]:
        return [customer.id for customer in shop.v1.customers.list({"created": created}).data]

    assert found(gte=second.created) == [third.id, second.id]
    assert found(gt=second.created) == [third.id]
    assert found(lte=second.created) == [second.id, first.id]
    assert found(lt=second.created) == [first.id]
    assert found(gt=first.created, lt=third.created) == [second.id]
    exact = shop.v1.customers.list({"created": second.created}).data
    assert [customer.id for customer in exact] == [second.id]


def test_a_card_is_saved_at_creation_and_made_the_default(shop: Shop) -> None:
    customer = shop.v1.customers.create({"payment_method": "pm_card_visa"})
    (method,) = shop.v1.customers.payment_methods.list(customer.id).data
    customer = shop.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": method.id}})
    assert customer.invoice_settings.default_payment_method == method.id
    found = shop.v1.customers.retrieve(customer.id, {"expand": ["invoice_settings.default_payment_method"]})
    assert found.invoice_settings.default_payment_method.card.last4 == "4242"


def test_a_declining_card_makes_no_customer(shop: Shop) -> None:
    with pytest.raises(stripe.CardError):
        shop.v1.customers.create({"payment_method": "pm_card_chargeDeclined"})
    assert shop.v1.customers.list().data == []


def test_an_alias_can_be_attached_and_is_a_payment_method_of_its_own_each_time(shop: Shop) -> None:
    customer = shop.v1.customers.create()
    ids = {shop.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id}).id for _ in range(2)}
    assert len(ids) == 2
    assert not ids & {"pm_card_visa"}


def test_a_detached_card_is_used_up(shop: Shop) -> None:
    customer = shop.v1.customers.create()
    method = shop.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    shop.v1.payment_methods.detach(method.id)
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        shop.v1.payment_methods.attach(method.id, {"customer": customer.id})
    assert shop.event_types()[-2:] == ["payment_method.attached", "payment_method.detached"]


def test_a_setup_that_needs_a_challenge_then_pays_off_session(shop: Shop) -> None:
    customer = shop.v1.customers.create()
    intent = shop.v1.setup_intents.create(
        {
            "customer": customer.id,
            "payment_method": "pm_card_authenticationRequiredOnSetup",
            "confirm": True,
            "payment_method_types": ["card"],
            "return_url": "https://shop.example/back",
        }
    )
    assert (intent.status, intent.next_action.type) == ("requires_action", "redirect_to_url")
    well_formed(intent)
    answer = shop.page.post(intent.next_action.redirect_to_url.url, data={"outcome": "succeed"})
    assert answer.headers["location"].startswith("https://shop.example/back?setup_intent=seti_")
    intent = shop.v1.setup_intents.retrieve(intent.id)
    assert intent.status == "succeeded"
    assert shop.event_types() == [
        "customer.created",
        "setup_intent.created",
        "setup_intent.requires_action",
        "payment_method.attached",
        "setup_intent.succeeded",
    ]
    assert shop.pay(intent.payment_method, customer=customer.id, off_session=True).status == "succeeded"


def test_a_declined_setup_keeps_its_attempt(shop: Shop) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        shop.v1.setup_intents.create(
            {"payment_method": "pm_card_chargeDeclined", "confirm": True, "payment_method_types": ["card"]}
        )
    intent = refusal.value.error.setup_intent
    (attempt,) = shop.v1.setup_attempts.list({"setup_intent": intent.id}).data
    assert (attempt.id, attempt.status, attempt.setup_error.code) == (intent.latest_attempt, "failed", "card_declined")
    well_formed(attempt)
    assert shop.event_types() == ["setup_intent.created", "setup_intent.setup_failed"]


def test_a_browser_sets_up_with_the_client_secret(shop: Shop) -> None:
    intent = shop.v1.setup_intents.create({"payment_method_types": ["card"]})
    done = shop.browser.setup_intents.confirm(
        intent.id, {"client_secret": intent.client_secret, "payment_method": "pm_card_visa"}
    )
    assert done.status == "succeeded"
    assert "customer" not in done
