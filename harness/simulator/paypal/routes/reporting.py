"""Operations of the transaction search: transactions and balances, as fresh as the account's lag lets them be."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from harness.simulator.kernel.messages import Answer
from harness.simulator.paypal.account import PayPalAccount
from harness.simulator.paypal.errors import PayPalError, detail
from harness.simulator.paypal.formats import timestamp
from harness.simulator.paypal.registry import Call, operation
from harness.simulator.paypal.state import reporting
from harness.simulator.paypal.state.reporting import Entry, shown

LONGEST_RANGE = 31 * 86400
OLDEST = 3 * 366 * 86400
_LARGEST_PAGE = 500
_FIELDS = ("transaction_info", "payer_info", "shipping_info", "cart_info", "store_info", "auction_info")


@operation("GET /v1/reporting/transactions")
def transactions(call: Call) -> Answer:
    """Transactions of up to 31 days, oldest first."""
    account, query = call.account, call.query
    start, end = _span(account, query)
    size, number = _number(query, "page_size", 100, _LARGEST_PAGE), _number(query, "page", 1, 2**31 - 1)
    fields = _fields(query)
    fresh = account.now() - int(account.settings.reporting_lag_seconds)
    keep = _filter(query)
    found = [one for one in reporting.transactions(account, start, min(end, fresh)) if keep(one)]
    if len(found) > reporting.MOST:
        raise PayPalError(
            400,
            name="RESULTSET_TOO_LARGE",
            message="Result set size is greater than the maximum limit. Change the filter criteria and try again.",
        )
    pages = -(-len(found) // size)
    body = {
        "transaction_details": [_detail(account, one, fields) for one in found[(number - 1) * size : number * size]],
        "account_number": account.merchant_id,
        "start_date": timestamp(start),
        "end_date": timestamp(end),
        "last_refreshed_datetime": timestamp(fresh),
        "page": number,
        "total_items": len(found),
        "total_pages": pages,
        "links": _links(account, query, number, pages),
    }
    return call.answer(200, body)


@operation("GET /v1/reporting/balances")
def balances(call: Call) -> Answer:
    """What is there in each currency, now or at a moment."""
    account, query = call.account, call.query
    fresh = account.now() - int(account.settings.reporting_lag_seconds)
    moment = min(_moment(query, "as_of_time"), fresh) if "as_of_time" in query else fresh
    wanted = query.get("currency_code", "ALL")
    if not re.fullmatch(r"[A-Z]{3}", wanted):
        raise _refused("Invalid currency code", "currency_code", wanted)
    found = reporting.balances(account, moment)
    primary = "USD"
    shown_ = [
        {
            "currency": currency,
            "primary": currency == primary,
            "total_balance": shown(total, currency),
            "available_balance": shown(total - held, currency),
            "withheld_balance": shown(held, currency),
        }
        for currency, (total, held) in sorted({primary: (0, 0), **found}.items())
        if wanted in {"ALL", currency}
    ]
    return call.answer(
        200,
        {
            "balances": shown_,
            "account_id": account.merchant_id,
            "as_of_time": timestamp(moment),
            "last_refresh_time": timestamp(fresh),
        },
    )


# ---- inside --------------------------------------------------------------------------------------


def _refused(sentence: str, field: str, value: str | None = None) -> PayPalError:
    return PayPalError(400, [detail(sentence, field, value, location="query", description=sentence)])


def _span(account: PayPalAccount, query: dict[str, str]) -> tuple[int, int]:
    for name in ("start_date", "end_date"):
        if name not in query:
            raise _refused("Missing required parameter", name)
    start, end = _moment(query, "start_date"), _moment(query, "end_date")
    if end < start:
        raise _refused("End date is before the start date", "end_date", query["end_date"])
    if end - start > LONGEST_RANGE:
        raise _refused("Date range is greater than 31 days", "end_date", query["end_date"])
    if start < account.now() - OLDEST:
        raise _refused("Start date is more than three years ago", "start_date", query["start_date"])
    return start, end


def _moment(query: dict[str, str], name: str) -> int:
    text = query[name].replace(" ", "+")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or "T" not in text or text.count(":") < 2 or moment.tzinfo is None:  # noqa: PLR2004 - seconds
        raise _refused(f"Not a date and time such as {timestamp(0)}", name, query[name])
    return int(moment.astimezone(UTC).timestamp())


def _number(query: dict[str, str], name: str, default: int, most: int) -> int:
    text = query.get(name, str(default))
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise _refused(f"Must be between 1 and {most}", name, text)
    return int(text)


def _fields(query: dict[str, str]) -> set[str]:
    chosen = {one.strip() for one in query.get("fields", "transaction_info").split(",")}
    unknown = chosen - {"all", "incentive_info", *_FIELDS}
    if unknown:
        raise _refused("Invalid field", "fields", min(unknown))
    return set(_FIELDS) if "all" in chosen else chosen


def _filter(query: dict[str, str]) -> Callable[[Entry], bool]:
    wanted = {
        "id": query.get("transaction_id"),
        "code": query.get("transaction_type"),
        "status": query.get("transaction_status"),
        "currency": query.get("transaction_currency"),
    }
    span = query.get("transaction_amount")
    least, most = 0, 2**63
    if span is not None:
        limits = re.fullmatch(r"\[?(\d+) TO (\d+)\]?", span)
        if limits is None:
            raise _refused("Invalid transaction amount", "transaction_amount", span)
        least, most = int(limits[1]), int(limits[2])
    everything = query.get("balance_affecting_records_only", "Y") == "N" or wanted["status"] is not None

    def keep(one: Entry) -> bool:
        return (
            all(value is None or getattr(one, name) == value for name, value in wanted.items())
            and (everything or one.affecting)
            and least <= abs(one.amount) <= most
        )

    return keep


def _detail(account: PayPalAccount, one: Entry, fields: set[str]) -> dict[str, Any]:
    info: dict[str, Any] = {
        "paypal_account_id": account.payer_id,
        "transaction_id": one.id,
        "transaction_event_code": one.code,
        "transaction_initiation_date": timestamp(one.created),
        "transaction_updated_date": timestamp(one.updated),
        "transaction_amount": shown(one.amount, one.currency),
        "transaction_status": one.status,
        "protection_eligibility": "01",
    }
    if one.reference is not None:
        info |= {"paypal_reference_id": one.reference, "paypal_reference_id_type": one.reference_type}
    if one.fee:
        info["fee_amount"] = shown(one.fee, one.currency)
    if one.invoice is not None:
        info["invoice_id"] = one.invoice
    if one.custom is not None:
        info["custom_field"] = one.custom
    payer = {
        "account_id": account.payer_id,
        "email_address": account.settings.buyer_email,
        "address_status": "N",
        "payer_status": "Y",
        "payer_name": {"given_name": "Sample", "surname": "Buyer", "alternate_full_name": "Sample Buyer"},
        "country_code": account.settings.country,
    }
    known: dict[str, Any] = {"transaction_info": info, "payer_info": payer}
    return {name: known.get(name, {}) for name in _FIELDS if name in fields}


def _links(account: PayPalAccount, query: dict[str, str], number: int, pages: int) -> list[dict[str, str]]:
    def link(rel: str, at: int) -> dict[str, str]:
        href = f"{account.base_url}/v1/reporting/transactions?{urlencode({**query, 'page': at})}"
        return {"href": href, "rel": rel, "method": "GET"}

    links = [link("self", number)]
    if pages > 1:
        links += [link("first", 1), link("last", pages)]
    if number < pages:
        links.append(link("next", number + 1))
    if number > 1:
        links.append(link("prev", number - 1))
    return links
