"""A judge that cannot say no is no judge: the oracle objects to each kind of wrong shape."""

from __future__ import annotations

from typing import Any

import oracle
import pytest
from simulated_shop import Shop


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"colour": "red"}, "payment_intent.colour: PaymentIntent has no such field"),
        ({"amount": "1000"}, "payment_intent.amount: '1000' is not int"),
        ({"amount": None}, "payment_intent.amount: null, and int is never null"),
        ({"livemode": 0}, "payment_intent.livemode: 0 is not bool"),
        ({"status": "paid"}, "payment_intent.status: 'paid' is not one of"),
        ({"metadata": {"a": 1}}, "payment_intent.metadata[a]: 1 is not str"),
        ({"payment_method_types": "card"}, "payment_intent.payment_method_types: 'card' is not a list"),
        ({"next_action": {"typo": 1}}, "payment_intent.next_action.typo: PaymentIntent.NextAction has no such field"),
        ({"customer": {"id": "cus_1", "object": "nonsense"}}, "unknown object 'nonsense'"),
    ],
)
def test_the_oracle_objects(shop: Shop, change: dict[str, Any], complaint: str) -> None:
    body = shop.pay().to_dict()
    assert oracle.problems(body) == []
    assert any(complaint in line for line in oracle.problems({**body, **change}))


def test_the_oracle_misses_what_is_missing(shop: Shop) -> None:
    body = shop.pay().to_dict()
    del body["currency"]
    assert oracle.problems(body) == ["payment_intent.currency: missing, PaymentIntent always has it"]


def test_the_oracle_knows_the_closed_set_of_events(shop: Shop) -> None:
    shop.pay()
    event = shop.events()[0].to_dict()
    assert oracle.problems(event) == []
    assert oracle.problems({**event, "type": "payment_intent.paid"}) != []
