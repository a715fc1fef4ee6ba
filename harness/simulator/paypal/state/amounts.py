"""Amounts: decimals on the wire, integer minor units inside.

Source: PayPal, "Currency codes": those it supports, and the three that have no decimals: "0.00" is no amount in them
either (paypal-smart-payment-buttons 681, nopCommerce 6310).
"""

from __future__ import annotations

import re
from typing import Any

from harness.simulator.paypal import errors
from harness.simulator.paypal.errors import Detail, detail

WITHOUT_DECIMALS = frozenset({"HUF", "JPY", "TWD"})
_WITH_DECIMALS = """
AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD ILS MXN MYR NOK NZD PHP PLN RUB SEK SGD THB USD
"""
CURRENCIES = WITHOUT_DECIMALS | frozenset(_WITH_DECIMALS.split())
_DECIMAL = re.compile(r"(-?)([0-9]*)(?:\.([0-9]+))?")
MOST = 99_999_999_999_999_999


def exponent(currency: str) -> int:
    """Decimals of a currency."""
    return 0 if currency in WITHOUT_DECIMALS else 2


def minor(value: str, currency: str) -> int | None:
    """Minor units of a decimal; None where it has more decimals than its currency, be they zeros."""
    sign, whole, fraction = _DECIMAL.fullmatch(value).groups()  # type: ignore[union-attr]  # its syntax was checked
    places = exponent(currency)
    if fraction and not places:
        return None
    fraction = (fraction or "").rstrip("0")
    if len(fraction) > places:
        return None
    number: int = int(whole or "0") * 10**places + int(fraction.ljust(places, "0") or "0")
    return -number if sign else number


def text(amount: int, currency: str) -> str:
    """Minor units as a decimal."""
    if currency in WITHOUT_DECIMALS:
        return str(amount)
    sign = "-" if amount < 0 else ""
    whole, fraction = divmod(abs(amount), 100)
    return f"{sign}{whole}.{fraction:02d}"


def money(amount: int, currency: str) -> dict[str, str]:
    """As it is sent."""
    return {"currency_code": currency, "value": text(amount, currency)}


def problem(sent: dict[str, Any], pointer: str, *, zero: bool = False) -> Detail | None:
    """What is wrong with an amount that is well-formed; None where nothing is. ``zero``: whether it may be nothing.

    Decimals that a currency does not have are told from too many of them; orders v2 does so as well, though its
    specification lists the issue for payments v2 only (woocommerce-paypal-payments 202).
    """
    currency, value = sent["currency_code"], sent["value"]
    if currency not in CURRENCIES:
        return detail("INVALID_CURRENCY_CODE", f"{pointer}/currency_code", currency)
    amount = minor(value, currency)
    if amount is None:
        issue = "DECIMALS_NOT_SUPPORTED" if currency in WITHOUT_DECIMALS else "DECIMAL_PRECISION"
        return detail(issue, f"{pointer}/value", value)
    if amount < 0 and zero:
        return detail("CANNOT_BE_NEGATIVE", f"{pointer}/value", value)
    if amount <= 0 and not zero:
        return detail("CANNOT_BE_ZERO_OR_NEGATIVE", f"{pointer}/value", value)
    if amount > MOST:
        return detail("MAX_VALUE_EXCEEDED", f"{pointer}/value", value)
    return None


def read(sent: dict[str, Any], pointer: str = "/amount") -> tuple[int, str]:
    """Minor units and currency of an amount in a call of payments v2.

    Raises:
        PayPalError: 422 for what cannot be an amount.
    """
    wrong = problem(sent, pointer)
    if wrong is not None:
        raise errors.PayPalError(422, [wrong])
    amount = minor(sent["value"], sent["currency_code"])
    assert amount is not None
    return amount, sent["currency_code"]
