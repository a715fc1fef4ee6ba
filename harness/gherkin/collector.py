"""``.feature`` files as pytest nodes: one item for each scenario, example row and provider.

    features/webhooks/forged.feature::A forged payment event changes nothing (<forgery>)[no signature-stripe]

A file is refused, with one sentence and its line for each thing that is wrong with it, before any scenario of it runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pytest_bdd import scenario as bind_scenario
from pytest_bdd.exceptions import GherkinParseError
from pytest_bdd.gherkin_parser import GherkinDocument
from pytest_bdd.parser import Feature, ScenarioTemplate, Step

from harness.domain.ids import scenario_id
from harness.domain.providers import Provider
from harness.domain.verdicts import HarnessError
from harness.gherkin import internals, lint
from harness.gherkin.session import Session
from harness.gherkin.session import of as state_of
from harness.gherkin.suite import feature_path
from harness.gherkin.vocabulary import Definition, Vocabulary, shown, visible_to
from harness.record.model import ScenarioRecord, StepRow

SCENARIO = pytest.StashKey[ScenarioRecord]()
"""On every item of a feature: its scenario as it is before it runs."""


class FeatureFile(internals.InMemoryModule):
    """One ``.feature`` file."""

    vocabulary: Vocabulary
    document: GherkinDocument

    def collect(self) -> Iterator[pytest.Item]:
        """Items of the file; raises ``CollectError`` with a sentence for each thing that is wrong with it."""
        state = state_of(self.config)
        feature = self._parsed(state)
        self.vocabulary = state.vocabulary(visible_to(self))
        problems = lint.problems(self.document, state.tags, None if state.options.record_undefined else self.vocabulary)
        if problems:
            where = shown(self.path)
            raise self.CollectError("\n".join(f"{where}:{one.line}: {one.sentence}" for one in problems))
        path = feature_path(self.path, self.config.rootpath)
        tags = lint.tags_by_name(self.document.feature)
        state.declare_marks(lint.all_tags(self.document.feature))
        for name, template in feature.scenarios.items():
            title = lint.title(template.rule.name if template.rule else None, name)
            for item in self._items(name, title, template):
                record = record_of(item, path, template, tags[name])
                item.stash[SCENARIO] = state.redactor.struct(record)  # an example row may hold a card number
                yield item

    def definition_of(self, step: Step) -> Definition | None:
        """The one definition of a step."""
        found = self.vocabulary.find(step.type, step.name)
        return found[0] if found else None

    def providers(self) -> list[Provider]:
        """Providers that the file's scenarios run with; below ``providers/<name>/`` that one alone."""
        chosen = state_of(self.config).options.providers
        parts = self.path.parts
        only = parts[parts.index("providers") + 1] if "providers" in parts[:-2] else None
        return [one for one in chosen if only in {None, one.value}]

    def _parsed(self, state: Session) -> Feature:
        where = shown(self.path)
        try:
            state.take_words(self.path)
            state.suites.load_steps(self.path)
            feature, self.document = internals.parse(self.path)
        except GherkinParseError as error:
            found = error.line_content.strip()
            raise self.CollectError(f"{where}:{error.line}: {error.message} Found: {found!r}") from error
        except (KeyError, TypeError, UnicodeDecodeError) as error:
            raise self.CollectError(f"{where}:1: not a feature: begin it with 'Feature: ...', in UTF-8") from error
        except HarnessError as error:
            raise self.CollectError(str(error)) from error
        return feature

    def _items(self, name: str, title: str, template: ScenarioTemplate) -> Iterator[pytest.Function]:
        @bind_scenario(str(self.path), name, features_base_dir=str(self.path.parent))
        def scenario(provider: Provider) -> None:
            """Stand for the scenario; pytest-bdd runs its steps."""

        if self.providers():
            yield from self.functions(title, scenario, template.line_number)


def record_of(
    item: pytest.Function, path: str, template: ScenarioTemplate, tags: lint.TagsOfScenario
) -> ScenarioRecord:
    """A scenario before it runs: who it is, and its steps, all of them not run."""
    params: Mapping[str, Any] = item.callspec.params
    example: dict[str, str] = params.get("_pytest_bdd_example", {})
    provider: Provider = params["provider"]
    rendered = template.render(example)
    rule = template.rule.name if template.rule else None
    row = " | ".join(example.values())
    return ScenarioRecord(
        id=scenario_id(path, rule, template.name, row or None, provider.value),
        feature=path,
        feature_title=template.feature.name,
        rule=rule,
        name=rendered.name,
        example=dict(example),
        provider=provider.value,
        tags=tags.of_row(tuple(example.values())),
        steps=[StepRow(step.keyword, step.name, line=step.line_number) for step in rendered.steps],
    )


class Collecting:
    """pytest's hooks of collection."""

    @pytest.hookimpl
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Refuse an expression over unknown tags before anything is collected or any worker starts."""
        state_of(session.config).check_selection()

    @pytest.hookimpl
    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Take ``.feature`` files."""
        if file_path.suffix != ".feature":
            return None
        collector: FeatureFile = FeatureFile.from_parent(parent, path=file_path)
        return collector

    @pytest.hookimpl(trylast=True)
    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run each scenario once for each provider; last, so that ids end with the provider."""
        parent = metafunc.definition.parent
        if isinstance(parent, FeatureFile):
            chosen = parent.providers()
            metafunc.parametrize("provider", chosen, ids=[one.value for one in chosen])

    @pytest.hookimpl
    def pytest_collection_modifyitems(
        self, session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Keep the scenarios whose tags satisfy the expression; other tests are not the expression's business.

        A feature that cannot be read stops the run before anything runs or is written: pytest alone would begin a run
        and stop, and pytest-xdist would run the rest.
        """
        if session.testsfailed and not config.option.continue_on_collection_errors:
            items.clear()
            return
        state = state_of(config)
        if state.selection is None:
            return
        selects = state.selection.selects
        out = [item for item in items if SCENARIO in item.stash and not selects(item.stash[SCENARIO].tags)]
        if out:
            config.hook.pytest_deselected(items=out)
            items[:] = [item for item in items if item not in out]
