"""What is wrong with a feature before it runs: pure, over the parsed document.

Repeated names (pytest-bdd would silently keep the last), repeated example rows, outlines without rows, fields without a
column, tags that mean nothing, steps that have no definition or more than one.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from pytest_bdd.gherkin_parser import Background, ExamplesTable, Feature, GherkinDocument, Rule, Scenario, Step, Tag
from pytest_bdd.parser import PARAM_RE, render_string
from pytest_bdd.types import STEP_TYPE_BY_PARSER_KEYWORD

from harness.gherkin.tags import TagError, Tags
from harness.gherkin.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, at a line."""

    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class TagsOfScenario:
    """Tags of a scenario in the order in which they are written, and those that single tables of examples add."""

    common: tuple[str, ...]
    by_row: dict[tuple[str, ...], tuple[str, ...]]

    def of_row(self, row: tuple[str, ...]) -> list[str]:
        """Tags of one example row; of the scenario itself where it has no rows."""
        return list(dict.fromkeys([*self.common, *self.by_row.get(row, ())]))


@dataclass(frozen=True, slots=True)
class _Placed:
    """A scenario with the rule it stands under and the backgrounds before it."""

    scenario: Scenario
    rule: Rule | None
    backgrounds: tuple[Background, ...]


def problems(document: GherkinDocument, tags: Tags, vocabulary: Vocabulary | None) -> list[Problem]:
    """Everything that is wrong, in the order of the lines; steps are not looked up without a vocabulary."""
    found = [*_names(document.feature), *_outlines(document.feature), *_tags(document.feature, tags)]
    if vocabulary is not None:
        found += _steps(document.feature, vocabulary)
    return sorted(dict.fromkeys(found), key=lambda problem: problem.line)


def tags_by_name(feature: Feature) -> dict[str, TagsOfScenario]:
    """Tags that each scenario carries, its own and those of what it stands in."""
    return {placed.scenario.name: _tags_of(feature, placed) for placed in _scenarios(feature)}


def _tags_of(feature: Feature, placed: _Placed) -> TagsOfScenario:
    written = [*feature.tags, *(placed.rule.tags if placed.rule else ()), *placed.scenario.tags]
    rows = {
        tuple(cell.value for cell in row.cells): tuple(_word(tag) for tag in table.tags)
        for table in placed.scenario.examples
        for row in table.table_body or ()
    }
    return TagsOfScenario(tuple(_word(tag) for tag in written), rows)


def all_tags(feature: Feature) -> list[str]:
    """Every tag of a feature, once."""
    return list(dict.fromkeys(_word(tag) for tag in _written_tags(feature)))


def titles(feature: Feature) -> list[str]:
    """What each scenario is called among pytest's nodes: its rule and its name."""
    return [title(placed.rule.name if placed.rule else None, placed.scenario.name) for placed in _scenarios(feature)]


def title(rule: str | None, name: str) -> str:
    """A scenario's name below its file; pytest keeps the double colon for itself."""
    return (f"{rule} / {name}" if rule else name).replace("::", ":")


def steps_of(feature: Feature) -> Iterator[tuple[str, str]]:
    """Kind and text of every step, with the values of its example rows."""
    for placed in _scenarios(feature):
        for kind, step in _kinds(placed):
            for context in _contexts(placed.scenario):
                yield kind, render_string(step.text, context)


def _scenarios(feature: Feature) -> Iterator[_Placed]:
    before: tuple[Background, ...] = ()
    for child in feature.children:
        if child.background:
            before = (child.background,)
        elif child.scenario:
            yield _Placed(child.scenario, None, before)
        elif child.rule:
            inner = before
            for one in child.rule.children:
                if one.background:
                    inner = (*before, one.background)
                elif one.scenario:
                    yield _Placed(one.scenario, child.rule, inner)


def _names(feature: Feature) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for placed in _scenarios(feature):
        name, line = placed.scenario.name, placed.scenario.location.line
        if not name.strip():
            yield Problem(line, "this scenario has no name: say what it shows, for its id is made of it")
        elif name in first:
            yield Problem(line, f"two scenarios are called {name!r} (the other at line {first[name]}): rename one")
        first.setdefault(name, line)
        if not placed.scenario.steps:
            hint = "begin each of its lines with Given, When, Then, And or But"
            yield Problem(line, f"{name!r} has no steps: {hint}; other lines are its description")


def _outlines(feature: Feature) -> Iterator[Problem]:
    for placed in _scenarios(feature):
        scenario = placed.scenario
        if not scenario.examples:
            if "utline" in scenario.keyword:
                yield Problem(scenario.location.line, f"{scenario.name!r} has no Examples: add a table of rows")
            continue
        seen: dict[tuple[tuple[str, ...], tuple[str, ...]], int] = {}
        for table in scenario.examples:
            yield from _table(scenario, table, seen)


def _table(
    scenario: Scenario, table: ExamplesTable, seen: dict[tuple[tuple[str, ...], tuple[str, ...]], int]
) -> Iterator[Problem]:
    rows = table.table_body or []
    if not rows or table.table_header is None:
        yield Problem(table.location.line, f"these Examples of {scenario.name!r} have no rows: nothing would be tested")
        return
    columns = tuple(cell.value for cell in table.table_header.cells)
    for row in rows:
        key = (columns, tuple(cell.value for cell in row.cells))
        if key in seen:
            yield Problem(row.location.line, f"this row repeats the one at line {seen[key]}: remove one of them")
        seen.setdefault(key, row.location.line)
    for line, text in [(scenario.location.line, scenario.name), *((s.location.line, s.text) for s in scenario.steps)]:
        for field in PARAM_RE.findall(text):
            if field not in columns:
                near = difflib.get_close_matches(field, columns, 1, 0)
                hint = f"; the nearest is <{near[0]}>" if near else ""
                yield Problem(line, f"<{field}> is no column of the Examples at line {table.location.line}{hint}")


def _tags(feature: Feature, tags: Tags) -> Iterator[Problem]:
    for tag in _written_tags(feature):
        try:
            tags.check(_word(tag))
        except TagError as error:
            yield Problem(tag.location.line, str(error))


def _written_tags(feature: Feature) -> Iterator[Tag]:
    yield from feature.tags
    for child in feature.children:
        if child.rule:
            yield from child.rule.tags
    for placed in _scenarios(feature):
        yield from placed.scenario.tags
        for table in placed.scenario.examples:
            yield from table.tags


def _steps(feature: Feature, vocabulary: Vocabulary) -> Iterator[Problem]:
    for placed in _scenarios(feature):
        for kind, step in _kinds(placed):
            yield from _step(kind, step, placed.scenario, vocabulary)


def _kinds(placed: _Placed) -> Iterator[tuple[str, Step]]:
    """Steps of a scenario, backgrounds first, with the kind that ``And`` and ``But`` take over from the one before."""
    for block in (*(one.steps for one in placed.backgrounds), placed.scenario.steps):
        kind = "given"
        for step in block:
            kind = STEP_TYPE_BY_PARSER_KEYWORD.get(step.keyword_type, kind)
            yield kind, step


def _step(kind: str, step: Step, scenario: Scenario, vocabulary: Vocabulary) -> Iterator[Problem]:
    for context in _contexts(scenario):
        if sentence := vocabulary.problem(kind, render_string(step.text, context)):
            yield Problem(step.location.line, sentence)
            return  # one row says it for all of them


def _contexts(scenario: Scenario) -> Iterator[dict[str, str]]:
    tables = [table for table in scenario.examples if table.table_header and table.table_body]
    if not tables:
        yield {}
    for table in tables:
        assert table.table_header is not None
        columns = [cell.value for cell in table.table_header.cells]
        for row in table.table_body or ():
            yield dict(zip(columns, (cell.value for cell in row.cells), strict=False))


def _word(tag: Tag) -> str:
    return tag.name.removeprefix("@")
