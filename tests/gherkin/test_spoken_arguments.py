"""What a run says of its own command line: as somebody would type it, and nothing about the machine."""

from __future__ import annotations

from pathlib import Path

from harness import resources
from harness.gherkin.launch import Request, _arguments
from harness.gherkin.spoken import spoken


def test_the_machinery_of_a_launch_is_left_out():
    assert spoken(_arguments(Request(["features/webhooks"]))) == ["run", "features/webhooks"]


def test_what_somebody_chose_is_kept():
    request = Request(["a.feature::A b"], "shop.toml", "stripe", "webhooks and not slow", 2, Path("kept"), 7)
    assert spoken(_arguments(request)) == [
        *("run", "--target", "shop.toml", "--run-dir", "kept", "--seed", "7"),
        *("--provider", "stripe", "--tags", "webhooks and not slow", "-n", "2", "a.feature::A b"),
    ]


def test_no_path_of_this_machine_is_said(tmp_path):
    features = str(resources.features())
    assert spoken([features]) == ["run", "features"]
    assert spoken([str(Path.cwd() / "mine" / "a.feature")]) == ["run", "mine/a.feature"]
    assert spoken([str(tmp_path / "other.feature") + "::x"]) == ["run", "other.feature::x"]
