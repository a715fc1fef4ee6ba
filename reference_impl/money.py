"""What a currency allows: decimals, smallest step and smallest charge; amounts are integers of minor units everywhere.

Sources: ISO 4217 for the exponents; Stripe, "Supported currencies", for the steps of three-decimal currencies (the last
digit is always 0) and for the smallest charge in the settlement currencies that we sell in.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Currency:
    """Rules of one currency.

    ``exponent`` decimals, amounts in multiples of ``step``, between ``least`` and ``most`` minor units.
    """

    code: str
    exponent: int
    step: int
    least: int
    most: int = 99_999_999


CURRENCIES: dict[str, Currency] = {
    currency.code: currency
    for currency in (
        Currency("eur", exponent=2, step=1, least=50),
        Currency("usd", exponent=2, step=1, least=50),
        Currency("jpy", exponent=0, step=1, least=50),
        Currency("kwd", exponent=3, step=10, least=500),
    )
}
"""The currencies that the shop sells in."""


def problem(amount: int, currency: str, *, partial: bool = False) -> str | None:
    """Why an amount cannot be moved in a currency, as a sentence; ``None`` where it can.

    ``partial`` (captures and refunds) leaves the smallest charge out: the provider sets none for those.
    """
    rule = CURRENCIES.get(currency)
    if rule is None:
        return f"The shop does not sell in that currency; it sells in {', '.join(c.upper() for c in CURRENCIES)}."
    if amount <= 0:
        return "The amount must be a positive whole number of minor units."
    if amount % rule.step:
        return f"Amounts in {currency.upper()} are multiples of {rule.step} minor units."
    if amount > rule.most:
        return f"The amount is larger than the largest charge in {currency.upper()}."
    if not partial and amount < rule.least:
        return f"The amount is smaller than the smallest charge in {currency.upper()}."
    return None


def formatted(amount: int, currency: str) -> str:
    """An amount as people read it: ``49.99 EUR``, ``5000 JPY``, ``5.120 KWD``."""
    exponent = CURRENCIES[currency].exponent if currency in CURRENCIES else 2
    if not exponent:
        return f"{amount} {currency.upper()}"
    whole, rest = divmod(abs(amount), 10**exponent)
    return f"{'-' if amount < 0 else ''}{whole}.{rest:0{exponent}d} {currency.upper()}"
