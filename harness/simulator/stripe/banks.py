"""Stripe's test bank accounts: what comes of debiting them, days later in life and minutes later here.

The table is data (``data/banks.toml``). Source: Stripe, "Testing", ACH Direct Debit and SEPA Direct Debit.
"""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any, Literal

ROUTING_NUMBER = "110000000"
CURRENCIES = {"us_bank_account": "usd", "sepa_debit": "eur"}
"""The one currency in which each kind of account is debited."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a debit did not come through."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Bank:
    """A test account. ``type`` is that of the payment method, ``number`` an account number or IBAN.

    ``outcome``: ``settles``, ``fails`` (for ``failure``), ``disputed`` once it has settled, ``processing`` for ever, or
    ``blocked`` by Radar before the bank is asked.
    """

    type: str
    number: str
    country: str
    outcome: Literal["settles", "fails", "disputed", "processing", "blocked"] = "settles"
    failure: Failure | None = None

    @property
    def last4(self) -> str:
        """The last four characters of the account number."""
        return self.number[-4:]


def lookup(alias: str) -> Bank | None:
    """The account of a ``pm_usBankAccount_*`` or ``pm_sepaDebit_*_<country>`` alias."""
    table = _table()
    if not alias.startswith("pm_"):
        return None
    found = table.aliases.get(alias[3:])
    if found is not None:
        return found
    sepa = re.fullmatch(r"(sepaDebit_[A-Za-z]+)_([a-z]{2})", alias[3:])
    base = table.aliases.get(sepa[1]) if sepa else None
    return replace(base, country=sepa[2].upper()) if base is not None and sepa is not None else None


def by_number(type_: str, number: str) -> Bank | None:
    """The account of a number or IBAN as somebody typed it."""
    return _table().numbers.get((type_, number.replace(" ", "").upper()))


@dataclass(frozen=True, slots=True)
class _Table:
    aliases: dict[str, Bank]
    numbers: dict[tuple[str, str], Bank]


@functools.cache
def _table() -> _Table:
    data = tomllib.loads(resources.files(__package__).joinpath("data/banks.toml").read_text())
    failures = {name: Failure(**fields) for name, fields in data["failures"].items()}
    aliases: dict[str, Bank] = {}
    for type_, country in (("us_bank_account", "US"), ("sepa_debit", "AT")):
        for alias, row in data[type_].items():
            aliases[alias] = _bank(type_, country, row, failures)
    numbers = {(bank.type, bank.number): bank for bank in aliases.values()}
    for iban, alias in data["sepa_numbers"].items():
        numbers["sepa_debit", iban] = replace(aliases[alias], number=iban, country=iban[:2])
    return _Table(aliases, numbers)


def _bank(type_: str, country: str, row: dict[str, Any], failures: dict[str, Failure]) -> Bank:
    failure = failures[row["failure"]] if "failure" in row else None
    return Bank(type_, row["number"], country, row.get("outcome", "fails" if failure else "settles"), failure)
