"""Running from a notebook: the command's own sentences, and no run invented where nothing ran."""

from __future__ import annotations

import pytest

from harness.lab import Lab, LabError


def test_what_the_command_refuses_is_said_in_its_own_words(tmp_path):
    with pytest.raises(LabError, match="there is nothing at"):
        Lab(run_dir=tmp_path / "runs").run("nowhere/at_all.feature", quiet=True)
    assert not list(tmp_path.glob("runs/*"))


def test_a_target_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(LabError, match="missing"):
        Lab(target=tmp_path / "missing.toml", run_dir=tmp_path / "runs").run(quiet=True)
