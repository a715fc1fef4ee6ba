"""What scenarios are tagged with: PCI DSS requirements (numbers and our own paraphrase) and weaknesses, as typed data.

The data are in ``data/*.toml``; every id there is one that a tag may name: ``@pci-6.2.4``, ``@cwe-347``,
``@asvs-V2.3.3``, ``@wstg-BUSL-10``.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import msgspec

_DATA = Path(__file__).resolve().parent / "data"

STANDARD = "PCI DSS v4.0.1"
"""The edition that the requirement numbers belong to."""


class Saq(StrEnum):
    """Self-assessment questionnaires for e-commerce merchants: A (r1), A-EP, D."""

    A = "A"
    A_EP = "A-EP"
    D = "D"


class Mark(StrEnum):
    """How much of a requirement's examination material the harness can produce."""

    AUTOMATIC = "automatic"
    PARTLY = "partly"
    HUMAN = "human"


class Requirement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One requirement: its number, our paraphrase, and what a run can show for it."""

    id: str
    title: str
    saq: list[Saq]
    mark: Mark
    methods: list[Literal["Examine", "Observe", "Interview"]]
    evidence: str


class Eligibility(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One condition for the use of a questionnaire, and the requirements whose scenarios speak to it."""

    id: str
    title: str
    saq: list[Saq]
    requirements: list[str]
    evidence: str


class Weakness(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of CWE, ASVS 5.0.0 or WSTG."""

    id: str
    framework: Literal["cwe", "asvs", "wstg"]
    title: str


class _Requirements(msgspec.Struct, forbid_unknown_fields=True):
    requirement: list[Requirement]
    eligibility: list[Eligibility]


class _Weaknesses(msgspec.Struct, forbid_unknown_fields=True):
    weakness: list[Weakness]


@cache
def _requirement_data() -> _Requirements:
    return msgspec.toml.decode((_DATA / "requirements.toml").read_bytes(), type=_Requirements)


@cache
def requirements() -> MappingProxyType[str, Requirement]:
    """Every requirement by its number, in the standard's order."""
    return MappingProxyType({r.id: r for r in _requirement_data().requirement})


@cache
def eligibility() -> tuple[Eligibility, ...]:
    """Every condition for the use of a questionnaire."""
    return tuple(_requirement_data().eligibility)


@cache
def weaknesses() -> MappingProxyType[str, Weakness]:
    """Every weakness by its id: ``CWE-347``, ``V2.3.3``, ``WSTG-BUSL-10``."""
    data = msgspec.toml.decode((_DATA / "weaknesses.toml").read_bytes(), type=_Weaknesses)
    return MappingProxyType({w.id: w for w in data.weakness})


def resolve(tag: str) -> Requirement | Weakness | None:
    """What a tag names (with or without its ``@``); ``None`` where it names nothing in these catalogues."""
    kind, _, rest = tag.removeprefix("@").partition("-")
    match kind:
        case "pci":
            return requirements().get(rest)
        case "cwe":
            return weaknesses().get(f"CWE-{rest}")
        case "asvs":
            return weaknesses().get(rest)
        case "wstg":
            return weaknesses().get(f"WSTG-{rest}")
    return None
