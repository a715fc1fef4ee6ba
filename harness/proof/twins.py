"""The red twins (``fixtures/defects/twins.toml``), and the target profile that starts one instead of the reference."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType

import msgspec

from harness import resources
from harness.domain.providers import Provider
from harness.domain.verdicts import HarnessError
from harness.proof.defects import UnknownDefectError, catalogue, twin_name
from harness.record.model import ScenarioRecord

_COMMAND = re.compile(r"""(["'])-m\1\s*,\s*(["'])reference_impl\2(?!\s*,\s*["']database["'])""")
"""How a profile starts the reference; its database server carries no defect, and stays as it is."""
_NAME = re.compile(r'^name\s*=\s*"reference"', re.MULTILINE)
_COLUMN = re.compile(r"<([^<>]+)>")


class Twin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One red twin: the defect that it carries, and the scenario that must turn red because of it."""

    defect: str
    override: str
    """File in ``fixtures/defects`` that seeds the defect."""
    feature: str
    """Path of the feature below ``features``."""
    scenario: str
    """Name of the scenario, as the feature writes it (with ``<columns>`` in an outline)."""
    because: list[str]
    """Words that the reason of the failure must contain, all of them, whatever their case."""
    example: dict[str, str] = {}
    """Row of the outline that must turn red, all of its columns in their order; without it, any row will do."""
    provider: Provider = Provider.STRIPE
    """Whose payments the scenario is run with; no other provider is started."""

    @property
    def name(self) -> str:
        """What it is called: ``R08`` with Stripe, ``R08-paypal`` with PayPal."""
        return twin_name(self.defect, self.provider)

    @property
    def node(self) -> str:
        """What pytest calls it, below ``features``."""
        row = f"[{'-'.join([*self.example.values(), self.provider.value])}]" if self.example else ""
        return f"{self.feature}::{self.scenario}{row}"

    def is_about(self, record: ScenarioRecord) -> bool:
        """Whether a scenario that ran is the one of this twin, or a row of it."""
        name = _COLUMN.sub(lambda column: record.example.get(column[1], column[0]), self.scenario)
        wanted = self.example.items() <= record.example.items() and record.provider == self.provider
        return record.feature.endswith(f"/{self.feature}") and record.name == name and wanted


class _Twins(msgspec.Struct, forbid_unknown_fields=True):
    twin: list[Twin]


class NoTwinError(LookupError):
    """A defect of the catalogue that has no red twin, or none with these providers."""

    def __init__(self, defect: str, providers: Sequence[Provider] = ()) -> None:
        title = catalogue()[defect].title
        wanted = f" with {' or '.join(one.value for one in providers)}" if providers else ""
        others = [one.name for one in twins().values() if one.defect == defect]
        known = f"it has {', '.join(others)}" if others else f"those that have one: {', '.join(_proved_defects())}"
        super().__init__(f"{defect} ({title}) has no red twin{wanted}; {known}")


class NoTwinsOfProviderError(LookupError):
    """A provider that no red twin is for."""

    def __init__(self, providers: Sequence[Provider]) -> None:
        known = dict.fromkeys(one.provider.value for one in twins().values())
        wanted = " or ".join(one.value for one in providers)
        super().__init__(f"there is no red twin for {wanted}; there are some for {', '.join(known)}")


def folder() -> Path:
    """Where the catalogue, the twins and their overrides are."""
    return resources.fixtures() / "defects"


@cache
def twins() -> MappingProxyType[str, Twin]:
    """Every twin by its name, in the order of the file."""
    data = msgspec.toml.decode((folder() / "twins.toml").read_bytes(), type=_Twins)
    return MappingProxyType({t.name: t for t in data.twin})


def select(names: Sequence[str] = (), providers: Sequence[Provider] = ()) -> list[Twin]:
    """The twins of some names, each once, in the order asked for; of none: all. ``providers``: only those with these.

    A name is that of a twin (``R08-paypal``; ``R08-stripe`` is the one of Stripe) or of a defect (``R08``), which
    stands for all its twins. Raises ``UnknownDefectError``, ``NoTwinError`` and ``NoTwinsOfProviderError``.
    """
    wanted = list(dict.fromkeys(name.strip() for name in names))
    if not wanted:
        chosen = [one for one in twins().values() if not providers or one.provider in providers]
        if not chosen:
            raise NoTwinsOfProviderError(providers)
        return chosen
    found = [one for name in wanted for one in _named(name, providers)]
    return list({one.name: one for one in found}.values())


def _named(name: str, providers: Sequence[Provider]) -> list[Twin]:
    word, _, suffix = name.partition("-")
    defect = word.upper()
    if defect not in catalogue() or (suffix and suffix.lower() not in set(Provider)):
        raise UnknownDefectError(name, [*catalogue(), *twins()], "of the catalogue, and no twin")
    asked = [Provider(suffix.lower())] if suffix else list(providers)
    found = [one for one in twins().values() if one.defect == defect and (not asked or one.provider in asked)]
    if not found or (suffix and providers and asked[0] not in providers):
        raise NoTwinError(defect, asked if not found else providers)
    return found


def _proved_defects() -> list[str]:
    return sorted({one.defect for one in twins().values()})


def profile(twin: Twin, source: str) -> str:
    """The text of a target profile that starts a twin, made from that of the reference.

    Raises ``HarnessError`` where the reference's profile starts it in a way that is not known here.
    """
    arguments = ", ".join(json.dumps(text) for text in (str(folder() / "twin.py"), twin.name))
    changed, times = _COMMAND.subn(lambda _: arguments, source)
    if not times:
        raise HarnessError(
            f'no process of fixtures/targets/reference.toml is started with "-m", "reference_impl", so that no twin of'
            f" {twin.name} can take its place; restore that form of its commands"
        )
    return _NAME.sub(f'name = "twin {twin.name}"', changed)
