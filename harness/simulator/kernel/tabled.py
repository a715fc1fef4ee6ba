"""An account whose objects lie in tables and whose settings are one struct.

A room declares a kind of object at import time and reads it with ``of``::

    PAYMENTS = table("payment", Payment, indexed=("order",))
    account.of(PAYMENTS).get("bP9mAsEMYPUGjjGNaNO5ZDVyLhSZY")
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from msgspec.structs import replace

from harness.simulator.kernel.account import Account
from harness.simulator.kernel.store import Stored, Table

T = TypeVar("T", bound=Stored)


@dataclass(frozen=True, slots=True, eq=False)
class Kind(Generic[T]):
    """A kind of object and the attributes by which it is looked up."""

    name: str
    type: type[T]
    indexed: tuple[str, ...]


def table(name: str, type_: type[T], *, indexed: tuple[str, ...] = ()) -> Kind[T]:
    """Declare a kind of object."""
    return Kind(name, type_, indexed)


class Adjustable(Protocol):
    """Settings, as far as the plumbing looks at them."""

    retry_schedule: list[float]
    webhook_timeout: float

    def view(self) -> dict[str, Any]:
        """As JSON."""


S = TypeVar("S", bound=Adjustable)


class TabledAccount(Account, Generic[S]):
    """An account with tables; a provider adds its identity and what its settings may become."""

    def __init__(self, key: str, seed: str, fresh: type[S]) -> None:
        """``fresh`` makes the settings that an account begins with."""
        super().__init__(key, seed)
        self._fresh = fresh
        self._tables: dict[str, Table[Any]] = {}
        self.settings: S
        self.apply(fresh())

    def of(self, kind: Kind[T]) -> Table[T]:
        """The table of a kind."""
        found = self._tables.get(kind.name)
        if found is None:
            found = self._tables[kind.name] = Table(*kind.indexed)
        return found

    def holds(self, kind: str) -> bool:
        """Whether there ever was an object of a kind, by its name."""
        return kind in self._tables

    def apply(self, settings: S) -> None:
        """Settings that were checked come into force."""
        self.settings = settings
        self.retry_schedule = tuple(settings.retry_schedule)
        self.delivery_timeout = settings.webhook_timeout

    # ---- hooks of the kernel -------------------------------------------------------------------

    def capture_state(self) -> dict[str, Any]:
        """Tables and settings; versions are immutable, so that copying the tables is enough."""
        return {
            "tables": {name: found.copy() for name, found in self._tables.items()},
            "settings": _copied(self.settings),
        }

    def restore_state(self, state: dict[str, Any]) -> None:
        """Back to captured tables and settings."""
        self._tables = {name: found.copy() for name, found in state["tables"].items()}
        self.apply(_copied(state["settings"]))

    def clear_state(self) -> None:
        """No objects, default settings."""
        self._tables = {}
        self.apply(self._fresh())

    def settings_view(self) -> dict[str, Any]:
        """All settings."""
        return self.settings.view()


def _copied(settings: Any) -> Any:
    return replace(settings)
