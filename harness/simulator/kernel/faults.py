"""Faults on demand: what goes wrong, for which calls, how many times."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import msgspec

from harness.simulator.kernel.messages import Request

BEFORE = frozenset({"delay", "refuse", "reset", "status"})
"""Faults that strike before the call is executed."""
AFTER = frozenset({"drop_response", "hang"})
"""Faults that strike after the call was executed and committed."""


class Fault(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=False):
    """One fault. ``path`` is a glob over the path of the call; ``params`` must all be equal, as text, in bracket paths.

    ``skip``: that many matching calls pass first. ``times``: how often it strikes; None until it is removed.
    ``seconds``: of a delay or hang. ``status``, ``body``, ``headers``: the answer of a ``status`` fault.
    """

    action: str
    method: str | None = None
    path: str | None = None
    params: dict[str, Any] | None = None
    times: int | None = 1
    skip: int = 0
    seconds: float = 0.0
    status: int = 500
    body: Any = None
    headers: dict[str, str] | None = None
    id: str = ""
    matched: int = 0
    fired: int = 0

    def refusal(self) -> str | None:
        """What is wrong with the fault as it was asked for, with the next move."""
        if self.action not in BEFORE | AFTER:
            known = ", ".join(sorted(BEFORE | AFTER))
            return f"Unknown fault action {self.action!r}; use one of: {known}."
        if not 100 <= self.status <= 599:  # noqa: PLR2004 - HTTP
            return f"Fault status {self.status} is not an HTTP status; use 400 to 599."
        if self.seconds < 0 or self.skip < 0 or (self.times is not None and self.times < 1):
            return "Fault counts and seconds cannot be negative, and times is at least 1 (or null: until removed)."
        return None


class Faults:
    """The faults of one account, in the order in which they were set."""

    __slots__ = ("_faults", "_serial")

    def __init__(self) -> None:
        self._faults: dict[str, Fault] = {}
        self._serial = 0

    def add(self, fault: Fault) -> str:
        """Set a fault; its id."""
        self._serial += 1
        fault.id = f"fault_{self._serial}"
        self._faults[fault.id] = fault
        return fault.id

    def remove(self, id: str | None = None) -> bool:  # noqa: A002
        """Remove one fault, or all; whether there was one."""
        if id is None:
            self._faults.clear()
            return True
        return self._faults.pop(id, None) is not None

    def listed(self) -> list[Fault]:
        """All faults, those that are used up included, with how often each fired."""
        return list(self._faults.values())

    def strike(self, request: Request, params: dict[str, Any]) -> Fault | None:
        """The fault that strikes this call, if any; counts it."""
        for fault in self._faults.values():
            if fault.times is not None and fault.fired >= fault.times:
                continue
            if _matches(fault, request, params):
                fault.matched += 1
                if fault.matched <= fault.skip:
                    continue
                fault.fired += 1
                return fault
        return None

    def __bool__(self) -> bool:
        return bool(self._faults)


def _matches(fault: Fault, request: Request, params: dict[str, Any]) -> bool:
    if fault.method is not None and fault.method.upper() != request.method:
        return False
    if fault.path is not None and not fnmatchcase(request.path, fault.path):
        return False
    return all(_text(_dig(params, path)) == _text(wanted) for path, wanted in (fault.params or {}).items())


def _dig(params: Any, path: str) -> Any:
    for part in path.replace("]", "").replace(".", "[").split("["):
        if isinstance(params, dict):
            params = params.get(part)
        elif isinstance(params, list) and part.isdigit() and int(part) < len(params):
            params = params[int(part)]
        else:
            return None
    return params


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return str({key: _text(value[key]) for key in sorted(value)})
    return "" if value is None else str(value)
