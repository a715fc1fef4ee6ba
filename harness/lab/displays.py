"""What a notebook shows of a run: static drawings that stay in the notebook when it is saved, mailed or printed."""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup

from harness import drawing
from harness.lab.run import Run
from harness.record.model import ScenarioRecord


class Drawing:
    """An SVG that a notebook shows; ``save`` writes it to a file."""

    def __init__(self, svg: Markup) -> None:
        self.svg = str(svg)

    def save(self, path: str | Path) -> Path:
        """Write the drawing to a file of its own."""
        file = Path(path)
        file.write_text(self.svg, "utf-8")
        return file

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"<Drawing of {len(self.svg):,} bytes of SVG>"


def verdicts_by_risk(run: Run) -> Drawing:
    """One bar for each risk, divided by verdict."""
    return Drawing(drawing.verdicts_by_risk(run.scenarios))


def timeline(run: Run, scenario: str | ScenarioRecord) -> Drawing:
    """Everything that happened in a scenario, in the order of time; the scenario by name, id or evidence id."""
    return Drawing(drawing.timeline(_found(run, scenario)))


def webhook_lanes(run: Run, scenario: str | ScenarioRecord) -> Drawing:
    """The webhooks of a scenario: made by the provider, delivered, handled by the target."""
    return Drawing(drawing.webhook_lanes(_found(run, scenario).receipts))


def _found(run: Run, scenario: str | ScenarioRecord) -> ScenarioRecord:
    return run.scenario(scenario) if isinstance(scenario, str) else scenario
