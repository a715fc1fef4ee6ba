"""Every private name of pytest and pytest-bdd that the harness leans on, and nothing else.

``tests/gherkin/test_internals.py`` is the contract: it fails where a new version of either takes one of these away.

    pytest      Module._getobj, PyCollector._genfunctions, Session._fixturemanager, FixtureManager.getfixturedefs,
                PytestPluginManager.rewrite_hook, the cached ``location`` of an item
    pytest-bdd  compat.get_fixture_names, scenario.get_step_function (looked up by name at each step),
                steps.step_function_context_registry, feature.features (cache), FeatureParser._parse_feature_file
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pytest_bdd import compat
from pytest_bdd import feature as bdd_feature
from pytest_bdd.gherkin_parser import GherkinDocument
from pytest_bdd.parser import Feature, FeatureParser, Step
from pytest_bdd.steps import StepFunctionContext, StepNamePrefix, step_function_context_registry

bdd_scenario: Any = importlib.import_module("pytest_bdd.scenario")  # the package hides the module behind a function

SUITE = "payharness_suite_"
"""How modules are named that ``import_with_asserts`` brings in for a suite."""

StepFinder = Callable[[pytest.FixtureRequest, Step], StepFunctionContext | None]


class InMemoryModule(pytest.Module):
    """A test module without a Python file: fixtures, marks and parametrisation work as in any other."""

    def _getobj(self) -> ModuleType:
        module = ModuleType(self.path.stem.replace("-", "_"))
        module.__file__ = str(self.path)
        return module

    def functions(self, title: str, function: Callable[..., object], line: int) -> Iterator[pytest.Function]:
        """One item per parametrisation of a function; ``line`` counts from 1."""
        setattr(self.obj, title, function)  # pytest looks the function up by the name of its item
        for item in self._genfunctions(title, function):
            place = self.path.relative_to(self.config.rootpath) if self._inside() else self.path
            item.__dict__["location"] = (str(place), line - 1, item.name)
            yield item

    def _inside(self) -> bool:
        return self.path.is_relative_to(self.config.rootpath)


def parse(path: Path) -> tuple[Feature, GherkinDocument]:
    """Read a feature once, as pytest-bdd's objects and as the document with its tags and lines.

    Raises pytest-bdd's ``GherkinParseError``, ``UnicodeDecodeError``, and ``KeyError`` or ``TypeError`` for a file that
    holds no feature.
    """
    parser = _Parser(str(path.parent), path.name)
    feature = parser.parse()
    bdd_feature.features[str(path)] = feature  # where `scenario()` looks before it parses
    return feature, parser.document


class _Parser(FeatureParser):
    document: GherkinDocument

    def _parse_feature_file(self) -> GherkinDocument:
        self.document = super()._parse_feature_file()
        return self.document


def visible_definitions(node: pytest.Collector) -> Iterator[tuple[str, StepFunctionContext]]:
    """Step definitions that a node sees: name and context.

    A definition hides one of the same name that is farther away (a suite's own step over the product's); two of the
    same name at the same distance both appear.
    """
    manager = node.session._fixturemanager  # noqa: SLF001 - there is no public list of fixtures
    prefix = StepNamePrefix.step_def.value
    for name in compat.get_fixture_names(manager):
        if not name.startswith(prefix):
            continue
        found = [
            (len(definition.baseid), _of_suite(context), context)
            for definition in compat.getfixturedefs(manager, name, node) or ()
            if (context := step_function_context_registry.get(definition.func))
        ]
        nearest = max((one[:2] for one in found), default=None)
        yield from ((name, context) for *distance, context in found if tuple(distance) == nearest)


def _of_suite(context: StepFunctionContext) -> bool:
    """Whether a definition is a suite's own, and no plugin's; pytest has both at the same distance."""
    step = inspect.unwrap(context.step_func)
    return step.__module__.startswith(SUITE) or Path(step.__code__.co_filename).name == "conftest.py"


def source_of(context: StepFunctionContext) -> tuple[str, int]:
    """File and line of a step definition."""
    code = inspect.unwrap(context.step_func).__code__
    return code.co_filename, code.co_firstlineno


def definitions_in(module: ModuleType) -> Iterable[StepFunctionContext]:
    """Step definitions of a module, without a pytest session."""
    for value in vars(module).values():
        unwrap = getattr(value, "_get_wrapped_function", None)
        if unwrap is not None and (context := step_function_context_registry.get(unwrap())):
            yield context


def replace_step_lookup(find: StepFinder) -> Callable[[], None]:
    """Let ``find`` choose the definition of every step, and pytest-bdd where it answers ``None``; returns the undo.

    pytest-bdd tries every fixture of the session against every step: with 200 definitions that costs more than the
    step.
    """
    original = bdd_scenario.get_step_function

    def lookup(request: pytest.FixtureRequest, step: Step) -> StepFunctionContext | None:
        return find(request, step) or original(request, step)

    bdd_scenario.get_step_function = lookup

    def undo() -> None:
        bdd_scenario.get_step_function = original

    return undo


def forget(path: Path) -> None:
    """Drop a feature from pytest-bdd's cache, so that a changed file is read again."""
    bdd_feature.features.pop(str(path), None)


def import_with_asserts(config: pytest.Config, name: str, path: Path) -> ModuleType:
    """Import a file under a name of its own, with pytest's assertion messages."""
    hook: Any = config.pluginmanager.rewrite_hook
    hook.mark_rewrite(name)
    spec = importlib.util.spec_from_file_location(name, path, loader=hook if hasattr(hook, "exec_module") else None)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
