"""What amounts and currencies a payment can have.

Stripe, "Supported currencies" and "Minimum and maximum charge amounts".
"""

from __future__ import annotations

from decimal import Decimal

from harness.domain.money import THREE_DECIMAL, exponent
from harness.simulator.stripe import errors

CURRENCIES = frozenset(
    """usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf
    clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl hrk htg huf idr ils
    inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn
    myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos
    srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xcg xof xpf yer zar zmw""".split()  # noqa: SIM905 - a table reads better than a list
)
MINIMUM: dict[str, int] = {
    "usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50,
    "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50,
    "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip
"""Smallest charge in minor units, for the currencies that have one of their own."""
LARGEST = 99_999_999


def checked_currency(currency: str, param: str = "currency") -> str:
    """A currency that Stripe supports, in lower case."""
    code = currency.lower()
    if code not in CURRENCIES:
        listed = ", ".join(sorted(CURRENCIES))
        raise errors.invalid(
            f"Invalid currency: {code}. Stripe currently supports these currencies: {listed}",
            param=param,
            stored=False,
        )
    return code


def check_amount(amount: int, currency: str, param: str = "amount") -> None:
    """Refuse an amount (minor units) that cannot be charged."""
    if amount < 1:
        raise errors.StripeError(
            "This value must be greater than or equal to 1.",
            code="parameter_invalid_integer",
            param=param,
            stored=False,
        )
    if amount > LARGEST:
        raise errors.StripeError(
            f"Amount must be no more than {shown(LARGEST, currency)}",
            code="amount_too_large",
            param=param,
            stored=False,
        )
    if amount < MINIMUM.get(currency, 0):
        raise errors.StripeError(
            f"Amount must be at least {shown(MINIMUM[currency], currency)}",
            code="amount_too_small",
            param=param,
            stored=False,
        )
    if currency in THREE_DECIMAL and amount % 10:
        raise errors.invalid(
            f"Invalid amount: {currency.upper()} amounts must be a multiple of 10, because charges in three-decimal "
            "currencies are rounded to two decimals.",
            param=param,
            stored=False,
        )


def shown(amount: int, currency: str) -> str:
    """An amount as Stripe writes it in messages: ``$0.50 usd``."""
    digits = exponent(currency)
    symbol = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}.get(currency, "")
    return f"{symbol}{Decimal(amount).scaleb(-digits):,.{digits}f} {currency}"
