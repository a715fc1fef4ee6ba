"""The contract with pytest and pytest-bdd: what is private to them and used here is there, and does what it did."""

import ast
import importlib
import inspect
from pathlib import Path

import pytest
import pytest_bdd.feature
import pytest_bdd.parser
import pytest_bdd.steps
from _pytest.fixtures import FixtureManager
from _pytest.python import Module, PyCollector
from pytest_bdd import compat

bdd_scenario = importlib.import_module("pytest_bdd.scenario")  # the package hides the module behind a function
PACKAGE = Path(__file__).parents[2] / "harness" / "gherkin"


def test_the_private_names_that_the_module_lists_exist():
    assert callable(Module._getobj)
    assert inspect.isgeneratorfunction(PyCollector._genfunctions)
    assert callable(FixtureManager.getfixturedefs)
    assert list(inspect.signature(bdd_scenario.get_step_function).parameters) == ["request", "step"]
    assert callable(compat.get_fixture_names)
    assert callable(compat.getfixturedefs)
    assert callable(pytest_bdd.parser.FeatureParser._parse_feature_file)
    assert isinstance(pytest_bdd.feature.features, dict)
    assert pytest_bdd.steps.StepNamePrefix.step_def.value == "pytestbdd_stepdef"
    assert "context.step_func" in inspect.getsource(bdd_scenario._execute_step_function)


def test_pytest_bdd_looks_its_step_lookup_up_by_name_at_each_step():
    calls = [
        node.func.id
        for node in ast.walk(ast.parse(inspect.getsource(bdd_scenario._execute_scenario)))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    assert "get_step_function" in calls


def test_the_session_of_this_test_has_what_is_read_of_it(request):
    assert isinstance(request.session._fixturemanager, FixtureManager)
    assert hasattr(request.config.pluginmanager.rewrite_hook, "mark_rewrite")
    assert "location" in vars(type(request.node)) or hasattr(pytest.Item, "location")


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.name)
def test_private_names_of_theirs_stand_in_one_module_only(path):
    tree = ast.parse(path.read_text())
    private_imports = [
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("_pytest")
    ]
    private_names = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not node.attr.startswith("__")
        and not (isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"})
    }
    assert private_imports == []
    if path.name != "internals.py":
        assert private_names == set()
