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
from harness.proof.defects import UnknownDefectError, catalogue
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
    """A defect of the catalogue that has no red twin."""

    def __init__(self, defect: str) -> None:
        title = catalogue()[defect].title
        super().__init__(f"{defect} ({title}) has no red twin; those that have one: {', '.join(twins())}")


def folder() -> Path:
    """Where the catalogue, the twins and their overrides are."""
    return resources.fixtures() / "defects"


@cache
def twins() -> MappingProxyType[str, Twin]:
    """Every twin by the id of its defect, in the order of the file."""
    data = msgspec.toml.decode((folder() / "twins.toml").read_bytes(), type=_Twins)
    return MappingProxyType({t.defect: t for t in data.twin})


def select(defects: Sequence[str]) -> list[Twin]:
    """The twins of some defects, each once, in the order asked for; of none: all.

    Raises ``UnknownDefectError`` and ``NoTwinError``.
    """
    chosen = []
    for wanted in dict.fromkeys(name.strip().upper() for name in defects):
        if wanted not in catalogue():
            raise UnknownDefectError(wanted, catalogue(), "of the catalogue")
        if wanted not in twins():
            raise NoTwinError(wanted)
        chosen.append(twins()[wanted])
    return chosen or list(twins().values())


def profile(twin: Twin, source: str) -> str:
    """The text of a target profile that starts a twin, made from that of the reference.

    Raises ``HarnessError`` where the reference's profile starts it in a way that is not known here.
    """
    arguments = ", ".join(json.dumps(text) for text in (str(folder() / "twin.py"), twin.defect))
    changed, times = _COMMAND.subn(lambda _: arguments, source)
    if not times:
        raise HarnessError(
            f'no process of fixtures/targets/reference.toml is started with "-m", "reference_impl", so that no twin of'
            f" {twin.defect} can take its place; restore that form of its commands"
        )
    return _NAME.sub(f'name = "twin {twin.defect}"', changed)
