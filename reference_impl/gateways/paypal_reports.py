"""PayPal's account statement: transaction search.

Its lines appear up to three hours late (PayPal, "List transactions").
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from reference_impl.gateways import paypal_shapes as shapes
from reference_impl.gateways.paypal_client import PayPalClient
from reference_impl.gateways.truth import Movement

LAG_SECONDS = 3 * 3600
_DAYS = 31
_PAGE = 500
_KINDS = (
    ("T1107", "refund"),
    ("T1106", "dispute"),
    ("T1201", "dispute"),
    ("T1202", "dispute_reversal"),
    ("T00", "charge"),
)
_DONE = frozenset({"S", "V"})
"""Success, and reversed, which is a line of its own; pending and denied lines moved nothing yet."""
"""Beginnings of PayPal's event codes ("Transaction event codes"); any other is none of the shop's."""


async def movements(client: PayPalClient) -> AsyncIterator[Movement]:
    """Lines of the last month, newest first."""
    until = datetime.now(UTC)
    since = until - timedelta(days=_DAYS)
    found: list[Movement] = []
    page, pages = 1, 1
    while page <= pages:
        options = {
            "start_date": since.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "end_date": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "fields": "transaction_info",
            "page_size": _PAGE,
            "page": page,
        }
        answer = (
            await client.sdk(lambda sdk, options=options: sdk.transaction_search.search_transactions(options))  # type: ignore[misc]
        ).data
        pages = int(answer.get("total_pages") or 1)
        lines = answer.get("transaction_details") or []
        found.extend(movement(line.get("transaction_info") or {}) for line in lines)
        page += 1
    for one in sorted(found, key=lambda one: one.created, reverse=True):
        yield one


def movement(line: Mapping[str, Any]) -> Movement:
    """A line of the statement; PayPal writes its fee as a negative amount."""
    amount = shapes.minor(line.get("transaction_amount"))
    fee = -shapes.minor(line.get("fee_amount"))
    code = str(line.get("transaction_event_code") or "")
    done = str(line.get("transaction_status") or "S") in _DONE
    return Movement(
        id=str(line.get("transaction_id") or ""),
        kind=next((kind for start, kind in _KINDS if done and code.startswith(start)), "other"),
        amount=amount,
        fee=fee,
        net=amount - fee,
        currency=str((line.get("transaction_amount") or {}).get("currency_code", "")).lower(),
        source=str(line.get("transaction_id") or ""),
        created=shapes.moment(line.get("transaction_initiation_date")),
    )
