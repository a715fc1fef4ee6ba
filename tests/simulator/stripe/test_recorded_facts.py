"""Facts that were recorded from real test mode by a public conformance project, told again in our own words."""

from __future__ import annotations

from typing import Any

import pytest
import stripe
from simulated_shop import Shop

CARD: Any = {"payment_method_types": ["card"]}


def _refusal(call: Any, *arguments: Any) -> Any:
    with pytest.raises(stripe.StripeError) as refusal:
        call(*arguments)
    return refusal.value


def test_a_deleted_customer_still_marks_a_place_in_the_list(shop: Shop) -> None:
    oldest, middle, newest = (shop.v1.customers.create({"email": "a@b.example"}).id for _ in range(3))
    shop.v1.customers.delete(middle)
    ghost = shop.v1.customers.retrieve(middle)
    assert ghost.to_dict() == {"id": middle, "object": "customer", "deleted": True}
    after = shop.v1.customers.list({"email": "a@b.example", "starting_after": middle})
    before = shop.v1.customers.list({"email": "a@b.example", "ending_before": middle})
    assert ([each.id for each in after.data], after.has_more) == ([oldest], False)
    assert ([each.id for each in before.data], before.has_more) == ([newest], False)


def test_a_cursor_that_never_existed_is_refused(shop: Shop) -> None:
    error = _refusal(shop.v1.customers.list, {"starting_after": "cus_aaa"})
    assert (error.http_status, error.code, error.param) == (400, "resource_missing", "starting_after")


def test_two_cursors_at_once_are_refused_without_a_code(shop: Shop) -> None:
    one, two = shop.v1.customers.create().id, shop.v1.customers.create().id
    error = _refusal(shop.v1.customers.list, {"starting_after": one, "ending_before": two})
    assert (error.http_status, error.code, error.param) == (400, None, None)
    assert error.user_message == "Received both starting_after and ending_before parameters. Please pass in only one."


def test_a_version_that_is_no_version_is_refused(shop: Shop) -> None:
    error = _refusal(shop.v1.customers.list, {"limit": 1}, {"stripe_version": "not-a-real-version"})
    assert (error.http_status, error.code) == (400, None)
    assert error.user_message == "Invalid Stripe API version: not-a-real-version"


def test_payment_methods_are_listed_by_customer_only(shop: Shop) -> None:
    customer = shop.v1.customers.create().id
    shop.v1.payment_methods.attach("pm_card_visa", {"customer": customer})
    assert shop.v1.payment_methods.list().data == []
    assert len(shop.v1.payment_methods.list({"customer": customer}).data) == 1
    by_parameter = _refusal(shop.v1.payment_methods.list, {"customer": "cus_nope"})
    assert (by_parameter.http_status, by_parameter.code, by_parameter.param) == (400, "resource_missing", "customer")
    by_path = _refusal(shop.v1.customers.payment_methods.list, "cus_nope")
    assert (by_path.http_status, by_path.code, by_path.param) == (404, "resource_missing", "id")


def test_checks_are_answered_once_the_issuer_was_asked(shop: Shop) -> None:
    customer = shop.v1.customers.create().id
    method = shop.v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    assert method.card.checks.cvc_check == "unchecked"
    attached = shop.v1.payment_methods.attach(method.id, {"customer": customer})
    assert attached.card.checks.cvc_check == "pass"
    assert shop.v1.payment_methods.attach(method.id, {"customer": customer}).customer == customer


def test_a_payment_method_is_detached_once(shop: Shop) -> None:
    customer = shop.v1.customers.create().id
    method = shop.v1.payment_methods.attach("pm_card_visa", {"customer": customer})
    assert shop.v1.payment_methods.detach(method.id).customer is None
    again = _refusal(shop.v1.payment_methods.detach, method.id)
    assert (again.http_status, again.code, again.param) == (400, None, None)


def test_usage_stays_off_session_without_a_confirmation(shop: Shop) -> None:
    assert shop.v1.setup_intents.create({"usage": "on_session", **CARD}).usage == "off_session"


def test_a_setup_saves_the_method_first_and_says_so_first(shop: Shop) -> None:
    customer = shop.v1.customers.create().id
    setup = shop.v1.setup_intents.create(
        {"customer": customer, "payment_method": "pm_card_visa", "confirm": True, **CARD}
    )
    assert setup.status == "succeeded"
    assert shop.event_types()[-3:] == ["setup_intent.created", "payment_method.attached", "setup_intent.succeeded"]


def test_a_declined_setup_keeps_its_error_and_forgets_the_method(shop: Shop) -> None:
    method = shop.v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa_chargeDeclined"}})
    error = _refusal(shop.v1.setup_intents.create, {"payment_method": method.id, "confirm": True, **CARD})
    assert (error.http_status, error.code, error.error.decline_code) == (402, "card_declined", "generic_decline")
    assert (error.error.advice_code, error.error.network_decline_code) == ("try_again_later", "01")
    setup = shop.v1.setup_intents.retrieve(error.error.setup_intent.id)
    assert (setup.status, setup.payment_method) == ("requires_payment_method", None)
    assert setup.last_setup_error.code == "card_declined"
    assert shop.event_types()[-1] == "setup_intent.setup_failed"


def test_an_expired_card_names_the_month(shop: Shop) -> None:
    error = _refusal(
        shop.v1.setup_intents.create, {"payment_method": "pm_card_chargeDeclinedExpiredCard", "confirm": True, **CARD}
    )
    assert (error.code, error.param) == ("expired_card", "exp_month")
    assert (error.error.advice_code, error.error.network_decline_code) == ("confirm_card_data", "54")


@pytest.mark.parametrize(
    ("state", "call", "message"),
    [
        ("succeeded", "confirm", "You cannot confirm this SetupIntent because it has already succeeded."),
        ("succeeded", "update", "You cannot update this SetupIntent because it has already succeeded."),
        ("succeeded", "cancel", "You cannot cancel this SetupIntent because it has a status of succeeded."),
        ("canceled", "confirm", "You cannot confirm this SetupIntent because it has been canceled."),
        ("canceled", "cancel", "You cannot cancel this SetupIntent because it is already canceled."),
        ("new", "confirm", "You cannot confirm this SetupIntent because it's missing a payment method."),
    ],
)
def test_a_setup_in_the_wrong_state_shows_itself(shop: Shop, state: str, call: str, message: str) -> None:
    params = {"payment_method": "pm_card_visa", "confirm": True} if state == "succeeded" else {}
    setup = shop.v1.setup_intents.create({**params, **CARD})
    if state == "canceled":
        shop.v1.setup_intents.cancel(setup.id)
    arguments: list[Any] = [setup.id, {"payment_method": "pm_card_visa"}] if call == "update" else [setup.id]
    error = _refusal(getattr(shop.v1.setup_intents, call), *arguments)
    assert (error.http_status, error.code, error.param) == (400, "setup_intent_unexpected_state", None)
    assert error.user_message.startswith(message)
    assert error.error.setup_intent.id == setup.id


def test_a_method_of_another_customer_is_refused_in_two_ways(shop: Shop) -> None:
    owner, other = shop.v1.customers.create().id, shop.v1.customers.create().id
    method = shop.v1.payment_methods.attach("pm_card_visa", {"customer": owner}).id
    foreign = _refusal(shop.v1.setup_intents.create, {"customer": other, "payment_method": method, **CARD})
    assert (foreign.code, foreign.param) == (None, "payment_method")
    assert foreign.user_message == (
        f"The PaymentMethod {method} does not belong to the Customer you supplied {other}. Please use this "
        "PaymentMethod with the Customer that it belongs to instead."
    )
    nobody = _refusal(shop.v1.setup_intents.create, {"payment_method": method, **CARD})
    assert nobody.user_message.startswith(f"The payment method supplied ({method}) belongs to the Customer {owner}.")


@pytest.mark.parametrize(
    ("collection", "missing", "param"),
    [
        ("setup_intents", "seti_nope", "intent"),
        ("payment_intents", "pi_nope", "intent"),
        ("charges", "ch_nope", "id"),
        ("disputes", "du_nope", "dispute"),
        ("customers", "cus_nope", "id"),
    ],
)
def test_a_missing_object_is_named_as_stripe_names_it(shop: Shop, collection: str, missing: str, param: str) -> None:
    error = _refusal(getattr(shop.v1, collection).retrieve, missing)
    assert (error.http_status, error.code, error.param) == (404, "resource_missing", param)
