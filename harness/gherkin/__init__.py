"""The pytest plugin of the harness; ``from harness.gherkin import given, when, then, step`` is how steps are written.

The names load when they are used: pytest imports this package in every environment that has the product installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.gherkin.decorators import given, step, then, when
    from harness.gherkin.options import Options, ScenarioContext, TargetFacts
    from harness.gherkin.portal import Portal

__all__ = ["Options", "Portal", "ScenarioContext", "TargetFacts", "given", "step", "then", "when"]

_HOMES = {
    **dict.fromkeys(("given", "when", "then", "step"), "decorators"),
    **dict.fromkeys(("Options", "ScenarioContext", "TargetFacts"), "options"),
    "Portal": "portal",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
