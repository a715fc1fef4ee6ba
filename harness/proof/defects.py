"""The defect catalogue and the list of red twins, as typed data (``fixtures/defects``)."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

import msgspec

from harness import resources
from harness.domain.providers import Provider


class Severity(StrEnum):
    """How bad a defect is for the merchant."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Channel(StrEnum):
    """Where a defect can be seen."""

    ANSWER = "answer"
    JOURNAL = "journal"
    PROBE = "probe"
    TIMING = "timing"
    TRACES = "traces"
    LIVENESS = "liveness"


class Defect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way in which a payment integration fails."""

    id: str
    title: str
    shows: str
    """How it shows."""
    cost: str
    """What it costs the merchant."""
    severity: Severity
    providers: list[Provider]
    channels: list[Channel]
    cwe: list[str]
    asvs: list[str]
    wstg: list[str]
    pci: list[str]
    detection: str
    """How the harness finds it."""


def twin_name(defect: str, provider: Provider) -> str:
    """The name of a defect's red twin: ``R08`` with Stripe, ``R08-paypal`` with PayPal."""
    return defect if provider is Provider.STRIPE else f"{defect}-{provider.value}"


class UnknownDefectError(LookupError):
    """An id that the catalogue (or the list of twins) does not have; the message names the nearest."""

    def __init__(self, wanted: str, known: Iterable[str], where: str) -> None:
        near = difflib.get_close_matches(_upper(wanted), sorted(known), n=3, cutoff=0.5)
        hint = f"did you mean {', '.join(near)}?" if near else "`payharness prove` without an id proves all"
        super().__init__(f"{wanted!r} is no defect {where}; {hint}")


def _upper(name: str) -> str:
    """A name as twins write it: the defect in capitals, the provider not."""
    defect, dash, provider = name.partition("-")
    return defect.upper() + dash + provider.lower()


class _Catalogue(msgspec.Struct, forbid_unknown_fields=True):
    defect: list[Defect]


@cache
def catalogue(folder: Path | None = None) -> MappingProxyType[str, Defect]:
    """Every defect by its id, in the catalogue's order."""
    file = (folder or resources.fixtures() / "defects") / "catalogue.toml"
    data = msgspec.toml.decode(file.read_bytes(), type=_Catalogue)
    return MappingProxyType({d.id: d for d in data.defect})
