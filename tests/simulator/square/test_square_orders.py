"""Orders and payment links."""

import pytest
from seller import code, euros


def test_an_order_adds_up(seller):
    order = seller.order(
        1000,
        250,
        taxes=[{"name": "VAT", "percentage": "10", "scope": "ORDER"}],
        discounts=[{"name": "Hello", "amount_money": euros(250), "scope": "ORDER"}],
        service_charges=[{"name": "Post", "amount_money": euros(300), "calculation_phase": "TOTAL_PHASE"}],
    )
    assert order["total_discount_money"] == euros(250)
    assert order["total_tax_money"] == euros(100)
    assert order["total_service_charge_money"] == euros(300)
    assert order["total_money"] == euros(1400) == order["net_amount_due_money"]
    assert all(line["uid"] for line in order["line_items"])


def test_an_inclusive_tax_is_in_the_price(seller):
    order = seller.order(1100, taxes=[{"name": "VAT", "percentage": "10", "type": "INCLUSIVE"}])
    assert (order["total_money"], order["total_tax_money"]) == (euros(1100), euros(100))


def test_an_adjustment_of_one_line_leaves_the_others_alone(seller):
    lines = [
        {"name": "a", "quantity": "2", "base_price_money": euros(500), "applied_discounts": [{"discount_uid": "half"}]},
        {"name": "b", "quantity": "1", "base_price_money": euros(500)},
    ]
    discounts = [{"uid": "half", "name": "half", "percentage": "50", "scope": "LINE_ITEM"}]
    order = seller.order(line_items=lines, discounts=discounts)
    assert [line["total_money"]["amount"] for line in order["line_items"]] == [500, 500]
    assert order["total_money"] == euros(1000)


@pytest.mark.parametrize("quantity", ["", "one", "-1", "1.000001"])
def test_a_quantity_is_a_decimal(seller, quantity):
    lines = [{"name": "a", "quantity": quantity, "base_price_money": euros(5)}]
    answer = seller.post("/v2/orders", {"order": {"location_id": seller.location, "line_items": lines}})
    assert answer.status_code == 400


def test_the_sdk_makes_reads_and_changes_an_order(seller):
    order = seller.sdk.orders.create(
        idempotency_key="o1",
        order={
            "location_id": seller.location,
            "reference_id": "cart-7",
            "line_items": [{"uid": "a", "name": "sock", "quantity": "1", "base_price_money": euros(700)}],
        },
    ).order
    assert (order.state, order.version, order.reference_id) == ("OPEN", 1, "cart-7")
    done = seller.sdk.orders.update(
        order_id=order.id,
        order={"version": 1, "line_items": [{"uid": "a", "quantity": "3"}], "metadata": {"gift": "yes"}},
    ).order
    assert (done.version, done.total_money.amount, done.metadata) == (2, 2100, {"gift": "yes"})
    cleared = seller.sdk.orders.update(
        order_id=order.id, order={"version": 2}, fields_to_clear=["line_items[a]", "metadata"]
    ).order
    assert (cleared.total_money.amount, cleared.metadata) == (0, None)


def test_a_stale_version_is_refused(seller):
    order = seller.order(700)
    sent = {"order": {"version": 7, "location_id": seller.location}}
    answer = seller.http.put(f"/v2/orders/{order['id']}", json=sent)
    assert code(answer) == (400, "VERSION_MISMATCH")
    assert answer.json()["errors"][0]["field"] == "order.version"


def test_a_reused_key_leaves_an_order_as_it_is(seller):
    order = seller.order(700)
    sent = {"idempotency_key": "u", "order": {"version": 1, "metadata": {"a": "1"}}}
    seller.http.put(f"/v2/orders/{order['id']}", json=sent)
    other = {"idempotency_key": "u", "order": {"version": 2, "metadata": {"a": "2"}}}
    answer = seller.http.put(f"/v2/orders/{order['id']}", json=other)
    assert answer.status_code == 200
    assert seller.read_order(order["id"])["metadata"] == {"a": "1"}


def test_a_payment_of_an_order_is_for_all_of_it(seller):
    order = seller.order(700)
    assert code(seller.pay(600, order_id=order["id"])) == (400, "PAYMENT_AMOUNT_MISMATCH")
    seller.paid(700, order_id=order["id"])
    assert seller.read_order(order["id"])["state"] == "COMPLETED"
    assert seller.pay(700, order_id=order["id"]).status_code == 400


def test_a_declined_order_stays_open_to_be_paid_again(seller):
    order = seller.order(700)
    seller.pay(700, source="cnon:card-nonce-declined", order_id=order["id"])
    assert seller.read_order(order["id"])["state"] == "OPEN"
    assert seller.paid(700, order_id=order["id"])["status"] == "COMPLETED"


def test_approved_payments_pay_an_order_together(seller):
    order = seller.order(700)
    parts = [seller.paid(part, order_id=order["id"], autocomplete=False)["id"] for part in (500, 200, 100)]
    body = {"idempotency_key": "p1", "payment_ids": parts[:1]}
    assert code(seller.post(f"/v2/orders/{order['id']}/pay", body)) == (400, "PAYMENT_AMOUNT_MISMATCH")
    body = {"idempotency_key": "p2", "payment_ids": parts[:2]}
    assert seller.post(f"/v2/orders/{order['id']}/pay", body).json()["order"]["state"] == "COMPLETED"
    assert [seller.payment(one)["status"] for one in parts] == ["COMPLETED", "COMPLETED", "CANCELED"]


def test_an_order_for_nothing_is_paid_with_nothing(seller):
    order = seller.order(0)
    done = seller.post(f"/v2/orders/{order['id']}/pay", {"idempotency_key": "p1", "payment_ids": []})
    assert done.json()["order"]["state"] == "COMPLETED"


def test_an_order_is_canceled_by_an_update(seller):
    order = seller.order(700)
    sent = {"order": {"version": 1, "state": "CANCELED"}}
    done = seller.http.put(f"/v2/orders/{order['id']}", json=sent).json()["order"]
    assert done["state"] == "CANCELED"
    assert "closed_at" in done
    assert seller.pay(700, order_id=order["id"]).status_code == 400


def test_orders_are_found_by_state_and_several_at_once(seller):
    first, second = seller.order(100), seller.order(200)
    seller.paid(200, order_id=second["id"])
    query = {"filter": {"state_filter": {"states": ["OPEN"]}}}
    found = seller.post("/v2/orders/search", {"location_ids": [seller.location], "query": query}).json()["orders"]
    assert [one["id"] for one in found] == [first["id"]]
    both = seller.post("/v2/orders/batch-retrieve", {"order_ids": [first["id"], second["id"], "nothing"]}).json()
    assert [one["id"] for one in both["orders"]] == [first["id"], second["id"]]


def test_an_order_is_calculated_and_cloned(seller):
    order = seller.order(700)
    sent = {"location_id": seller.location, "line_items": order["line_items"]}
    assert seller.post("/v2/orders/calculate", {"order": sent}).json()["order"]["total_money"] == euros(700)
    twin = seller.post("/v2/orders/clone", {"order_id": order["id"], "idempotency_key": "c"}).json()["order"]
    assert (twin["state"], twin["total_money"]) == ("DRAFT", euros(700))


def test_events_of_orders_say_nothing_of_money(seller, listener):
    seller.listen(listener.url, "order.created", "order.updated")
    order = seller.order(700)
    seller.paid(700, order_id=order["id"])
    seller.later(seconds=1)
    bodies = [one.event for one in listener.received]
    assert [one["data"]["type"] for one in bodies] == ["order_created", "order_updated"]
    assert bodies[1]["data"]["object"]["order_updated"]["state"] == "COMPLETED"
    assert all("money" not in str(one["data"]) for one in bodies)


# ---- payment links -------------------------------------------------------------------------------


def link(seller, **more):
    made = seller.sdk.checkout.payment_links.create(
        idempotency_key="l1",
        quick_pay={"name": "Socks", "price_money": euros(700), "location_id": seller.location},
        **more,
    )
    return made.payment_link


def test_a_link_is_paid_by_plain_http_and_its_order_stays_open(seller):
    made = link(seller, checkout_options={"redirect_url": "https://shop.test/thanks"})
    assert seller.read_order(made.order_id)["state"] == "DRAFT"
    page = seller.page.get(made.url)
    assert page.status_code == 200
    assert "7.00 EUR" in page.text
    assert "Socks" in page.text
    card = {"number": "4111 1111 1111 1111", "expiry": "12/39", "cvv": "111", "email": "ada@shop.test"}
    answer = seller.page.post(made.url, data=card)
    assert (answer.status_code, answer.headers["location"]) == (303, "https://shop.test/thanks")
    order = seller.read_order(made.order_id)
    assert order["state"] == "OPEN"
    assert order["fulfillments"][0]["state"] == "PROPOSED"
    paid = seller.payment(order["tenders"][0]["payment_id"])
    assert (paid["status"], paid["buyer_email_address"]) == ("COMPLETED", "ada@shop.test")


def test_a_declined_buyer_tries_again_and_pays_once(seller):
    made = link(seller)
    declined = seller.page.post(made.url, data={"instrument": "cnon:card-nonce-declined"})
    assert declined.status_code == 402
    assert "declined" in declined.text
    assert seller.page.post(made.url, data={"instrument": "cnon:card-nonce-ok"}).status_code == 200
    again = seller.page.post(made.url, data={"instrument": "cnon:card-nonce-ok"})
    assert "paid already" in again.text
    assert len(seller.read_order(made.order_id)["tenders"]) == 1


def test_production_names_the_order_in_the_redirect(seller):
    seller.sim("settings", redirect_parameters=True)
    made = link(seller, checkout_options={"redirect_url": "https://shop.test/thanks?cart=7"})
    answer = seller.page.post(made.url, data={"instrument": "cnon:card-nonce-ok"})
    assert f"orderId={made.order_id}" in answer.headers["location"]
    assert answer.headers["location"].startswith("https://shop.test/thanks?cart=7&")


def test_a_deleted_link_cancels_its_order(seller):
    made = link(seller)
    gone = seller.sdk.checkout.payment_links.delete(id=made.id)
    assert (gone.id, gone.cancelled_order_id) == (made.id, made.order_id)
    assert seller.read_order(made.order_id)["state"] == "CANCELED"
    assert seller.page.get(made.url).status_code == 404


def test_a_link_is_changed_under_its_version(seller):
    made = link(seller)
    done = seller.sdk.checkout.payment_links.update(id=made.id, payment_link={"version": 1, "description": "Feet"})
    assert (done.payment_link.version, done.payment_link.description) == (2, "Feet")
    answer = seller.http.put(
        f"/v2/online-checkout/payment-links/{made.id}", json={"payment_link": {"version": 1, "description": "x"}}
    )
    assert code(answer) == (400, "VERSION_MISMATCH")


@pytest.mark.parametrize("body", [{}, {"quick_pay": {"name": "x"}}, {"order": {"location_id": "LNOWHERE"}}])
def test_a_link_needs_a_price_or_an_order(seller, body):
    assert seller.post("/v2/online-checkout/payment-links", body).status_code == 400


def test_links_are_listed(seller):
    made = link(seller)
    assert [one.id for one in seller.sdk.checkout.payment_links.list()] == [made.id]
    assert seller.sdk.checkout.payment_links.get(id=made.id).payment_link.order_id == made.order_id
