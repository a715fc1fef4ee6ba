"""The transaction search: what was paid and given back, how fresh it is, and the balances that follow from it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from merchant import money
from paypalserversdk.exceptions.search_error_exception import SearchErrorException
from specification import conforms

FILE = "reporting_transactions_v1"
PATH, BALANCES = "/v1/reporting/transactions", "/v1/reporting/balances"


def moment(merchant, **shift):
    now = datetime.fromtimestamp(merchant.control.get("/clock").json()["now"], UTC) + timedelta(**shift)
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")


def span(merchant):
    return {"start_date": moment(merchant, days=-1), "end_date": moment(merchant, days=1)}


def search(merchant, **query):
    answer = merchant.http.get(PATH, params={**span(merchant), **query})
    conforms(FILE, "GET", PATH, answer)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def fresh(merchant):
    """A merchant whose transactions are searchable at once."""
    merchant.sim("settings", reporting_lag_seconds=0)
    return merchant


def infos(body):
    return [one["transaction_info"] for one in body["transaction_details"]]


def test_a_payment_and_its_refund_are_found_with_their_references(fresh):
    capture = fresh.captured(custom_id="cart-7", invoice_id="INV-7")
    refund = fresh.call("POST", f"/v2/payments/captures/{capture['id']}/refund", {"amount": money("2.34")}).json()
    payment, back = infos(search(fresh))
    assert (payment["transaction_id"], payment["transaction_event_code"]) == (capture["id"], "T0006")
    assert payment["transaction_amount"] == money("12.34")
    assert payment["fee_amount"]["value"].startswith("-")
    assert (payment["custom_field"], payment["invoice_id"], payment["transaction_status"]) == ("cart-7", "INV-7", "S")
    assert (back["transaction_id"], back["transaction_event_code"]) == (refund["id"], "T1107")
    assert back["transaction_amount"] == money("-2.34")
    assert (back["paypal_reference_id"], back["paypal_reference_id_type"]) == (capture["id"], "TXN")


def test_a_transaction_takes_three_hours_to_appear(merchant):
    capture = merchant.captured()["id"]
    assert search(merchant)["transaction_details"] == []
    merchant.sim("clock/advance", seconds=3 * 3600 + 1)
    assert [one["transaction_id"] for one in infos(search(merchant))] == [capture]


def test_transactions_come_in_pages(fresh):
    made = [fresh.captured()["id"] for _ in range(3)]
    first = search(fresh, page_size=2)
    assert (first["total_items"], first["total_pages"], first["page"]) == (3, 2, 1)
    assert [one["transaction_id"] for one in infos(first)] == made[:2]
    following = next(one["href"] for one in first["links"] if one["rel"] == "next")
    assert [one["transaction_id"] for one in infos(fresh.http.get(following).json())] == made[2:]


def test_transactions_are_filtered(fresh):
    small, large = fresh.captured(value="5.00")["id"], fresh.captured(value="50.00")["id"]
    fresh.captured(value="7.00", currency="EUR")
    assert [one["transaction_id"] for one in infos(search(fresh, transaction_id=small))] == [small]
    assert [one["transaction_id"] for one in infos(search(fresh, transaction_amount="4000 TO 6000"))] == [large]
    assert len(infos(search(fresh, transaction_currency="EUR"))) == 1
    assert infos(search(fresh, transaction_type="T1107")) == []
    assert infos(search(fresh, transaction_status="D")) == []


def test_other_fields_are_shown_on_demand(fresh):
    fresh.captured()
    assert set(search(fresh)["transaction_details"][0]) == {"transaction_info"}
    both = search(fresh, fields="transaction_info,payer_info")["transaction_details"][0]
    assert both["payer_info"]["email_address"] == "buyer@example.com"


@pytest.mark.parametrize(
    "query",
    [
        {"start_date": "", "end_date": ""},
        {"end_date": "2001-01-01T00:00:00Z"},
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-02-02T00:00:00Z"},
        {"start_date": "2001-01-01T00:00:00Z", "end_date": "2001-01-02T00:00:00Z"},
        {"start_date": "2026-01-01"},
        {"page_size": "501"},
        {"page": "0"},
        {"fields": "secrets"},
        {"transaction_amount": "cheap"},
    ],
)
def test_a_search_that_cannot_be_is_refused(merchant, query):
    answer = merchant.http.get(PATH, params={**span(merchant), **query})
    conforms(FILE, "GET", PATH, answer)
    assert (answer.status_code, answer.json()["name"]) == (400, "INVALID_REQUEST")


def balance(merchant, currency="USD", **query):
    answer = merchant.http.get(BALANCES, params={"currency_code": currency, **query})
    conforms(FILE, "GET", BALANCES, answer)
    assert answer.status_code == 200, answer.text
    (found,) = answer.json()["balances"]
    return {name: Decimal(found[f"{name}_balance"]["value"]) for name in ("total", "available", "withheld")}


def test_the_balance_is_what_was_paid_less_fees_and_refunds(fresh):
    assert balance(fresh)["total"] == 0
    net = Decimal(fresh.captured(value="100.00")["seller_receivable_breakdown"]["net_amount"]["value"])
    assert balance(fresh) == {"total": net, "available": net, "withheld": 0}
    capture = fresh.captured(value="20.00")
    before = balance(fresh)["total"]
    fresh.call("POST", f"/v2/payments/captures/{capture['id']}/refund", {"amount": money("5.00")})
    assert balance(fresh)["total"] == before - 5


def test_a_claim_withholds_its_amount_until_it_is_decided(fresh):
    capture = fresh.captured(value="20.00")["id"]
    before = balance(fresh)["total"]
    dispute = fresh.sim("disputes", capture=capture)["dispute_id"]
    assert balance(fresh) == {"total": before, "available": before - 20, "withheld": 20}
    fresh.sim(f"disputes/{dispute}/resolve", outcome="lost")
    assert balance(fresh) == {"total": before - 35, "available": before - 35, "withheld": 0}
    codes = [one["transaction_event_code"] for one in infos(search(fresh))]
    assert sorted(codes) == ["T0006", "T0106", "T1106"]


def test_balances_are_told_by_currency_and_for_a_moment(fresh):
    fresh.captured(value="7.00", currency="EUR")
    all_ = fresh.http.get(BALANCES, params={"currency_code": "ALL"})
    conforms(FILE, "GET", BALANCES, all_)
    assert [one["currency"] for one in all_.json()["balances"]] == ["EUR", "USD"]
    assert balance(fresh, as_of_time=moment(fresh, days=-1))["total"] == 0
    refused = fresh.http.get(BALANCES, params={"currency_code": "euro"})
    conforms(FILE, "GET", BALANCES, refused)
    assert refused.status_code == 400


def test_the_official_sdk_searches(fresh):
    capture = fresh.captured()["id"]
    transactions = fresh.sdk().transaction_search
    found = transactions.search_transactions({**span(fresh), "fields": "all"}).body
    assert [one.transaction_info.transaction_id for one in found.transaction_details] == [capture]
    assert transactions.search_balances({"currency_code": "USD"}).body.balances[0].currency == "USD"
    with pytest.raises(SearchErrorException):
        transactions.search_transactions({"start_date": "x", "end_date": "y"})
