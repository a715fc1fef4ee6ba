"""Money as integer minor units plus an ISO 4217 currency; the only arithmetic the product does on it.

Exponents: ISO 4217, and the providers' own exceptions where they bill a currency in other units
(Stripe, "Supported currencies": three-decimal currencies are rounded to ten minor units).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

ZERO_DECIMAL = frozenset(
    {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"}
)
THREE_DECIMAL = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
_CODE_LENGTH = 3


class MoneyError(ValueError):
    """An amount that cannot be expressed in its currency, with the amount and the reason."""


def exponent(currency: str) -> int:
    """Number of decimals of a currency: 0 for JPY, 2 for EUR, 3 for KWD."""
    code = currency.lower()
    if code in ZERO_DECIMAL:
        return 0
    return 3 if code in THREE_DECIMAL else 2


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (integer) of a lower-case ISO 4217 currency."""

    minor: int
    currency: str

    @classmethod
    def parse(cls, text: str) -> Money:
        """Read "49.99 EUR", "5000 JPY" or "1.250 KWD"; refuse more decimals than the currency has."""
        try:
            number, code = text.split()
            value = Decimal(number)
        except (ValueError, ArithmeticError) as error:
            raise MoneyError(f"{text!r} is not an amount; write it as '49.99 EUR'") from error
        if len(code) != _CODE_LENGTH or not code.isalpha():
            raise MoneyError(f"{code!r} in {text!r} is not a currency; write it as '49.99 EUR'")
        scaled = value.scaleb(exponent(code))
        if scaled != scaled.to_integral_value():
            raise MoneyError(f"{text!r} has more decimals than {code.upper()} has ({exponent(code)})")
        return cls(int(scaled), code.lower())

    def __str__(self) -> str:
        digits = exponent(self.currency)
        return f"{Decimal(self.minor).scaleb(-digits):.{digits}f} {self.currency.upper()}"

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise MoneyError(f"cannot combine {self} with {other}: different currencies")
        return other.minor
