"""Vocabulary and suite belong together: every sentence has one definition, every scenario says what it is for."""

from __future__ import annotations

import ast
import importlib
import re
from functools import cache
from pathlib import Path

import pytest
from gherkin.parser import Parser
from gherkin.pickles.compiler import Compiler

from harness import resources, steps
from harness.gherkin.internals import definitions_in
from harness.gherkin.tags import Tags
from harness.gherkin.vocabulary import Definition, Vocabulary

FEATURES = sorted(resources.features().rglob("*.feature"))
FOLDER = Path(steps.__file__).parent
SOURCES = sorted(FOLDER.glob("*.py"))
SEVERITIES = {"@critical", "@high", "@medium", "@low"}
KINDS = {"Context": "given", "Action": "when", "Outcome": "then"}
NOT_IN_PLAIN_ENGLISH = re.compile(
    r"https?://|/v1/|\b(?:pi|ch|evt|whsec|sk)_|[{}]|\b[1-5]\d\d (?:OK|error)\b|\bJSON body\b"
)


@cache
def vocabulary() -> Vocabulary:
    modules = [importlib.import_module(name) for name in steps.MODULES if name.startswith("harness.steps.")]
    return Vocabulary([Definition(context.parser.name, context) for one in modules for context in definitions_in(one)])


@cache
def pickles(path: Path) -> list[dict]:
    document = Parser().parse(path.read_text("utf-8"))
    document["uri"] = str(path)
    return Compiler().compile(document)


def named(path: Path) -> str:
    return str(path.relative_to(resources.features()))


def tags(pickle: dict) -> set[str]:
    return {tag["name"] for tag in pickle["tags"]}


def all_scenarios() -> list[tuple[Path, dict]]:
    return [(path, one) for path in FEATURES for one in pickles(path)]


def test_the_suite_has_the_breadth_that_was_promised():
    assert len(all_scenarios()) >= 110


@pytest.mark.parametrize("path", FEATURES, ids=named)
def test_every_step_is_matched_by_exactly_one_definition(path):
    problems = [
        problem
        for pickle in pickles(path)
        for step in pickle["steps"]
        if (problem := vocabulary().problem(KINDS[step["type"]], step["text"]))
    ]
    assert not problems, problems[0]


@pytest.mark.parametrize("path", FEATURES, ids=named)
def test_every_tag_resolves(path):
    known = Tags()
    for tag in sorted(set().union(*map(tags, pickles(path)))):
        known.check(tag.removeprefix("@"))


@pytest.mark.parametrize("path", FEATURES, ids=named)
def test_every_scenario_carries_one_severity_a_requirement_and_a_defect(path):
    for pickle in pickles(path):
        found = tags(pickle)
        assert len(found & SEVERITIES) == 1, f"{pickle['name']}: one severity, not {sorted(found & SEVERITIES)}"
        assert any(tag.startswith("@pci-") for tag in found), f"{pickle['name']}: no requirement"
        assert any(tag.startswith("@defect-") for tag in found), f"{pickle['name']}: no defect that it exists to catch"


@pytest.mark.parametrize("path", FEATURES, ids=named)
def test_every_scenario_looks_at_what_came_of_it(path):
    for pickle in pickles(path):
        assert pickle["steps"][-1]["type"] == "Outcome", f"{pickle['name']} ends without a Then"


@pytest.mark.parametrize("path", FEATURES, ids=named)
def test_a_feature_opens_with_why_it_matters(path):
    feature = Parser().parse(path.read_text("utf-8"))["feature"]
    assert len(feature["description"].split()) > 15, "say in two or three lines what goes wrong where this is not kept"


@pytest.mark.parametrize("path", FEATURES, ids=named)
def test_scenarios_of_a_feature_have_names_of_their_own(path):
    names = [pickle["name"] for pickle in pickles(path)]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("path", FEATURES, ids=named)
def test_features_are_written_in_plain_english(path):
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        found = NOT_IN_PLAIN_ENGLISH.search(line)
        assert not found, f"line {number} says {found.group(0)!r}" if found else ""


def test_every_sentence_of_the_vocabulary_is_used():
    used: set[str] = set()
    for _, pickle in all_scenarios():
        for step in pickle["steps"]:
            used |= {one.sentence for one in vocabulary().find(KINDS[step["type"]], step["text"])}
    unused = sorted({one.sentence for one in vocabulary().definitions if one.kind} - used)
    assert not unused, f"nothing says {unused[0]!r}"


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_steps_wait_on_conditions_and_never_just_sleep(source):
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            assert name not in {"time.sleep", "asyncio.sleep", "anyio.sleep", "sleep"} or source.stem == "world", (
                f"{source.name}:{node.lineno} sleeps; wait for a condition with world.eventually"
            )
