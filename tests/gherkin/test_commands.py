"""``payharness verify`` and ``payharness steps``."""

from pathlib import Path

import pytest

from harness.cli.steps import steps
from harness.cli.verify import verify
from harness.record import store


@pytest.fixture
def made(shop):
    shop.feature("Feature: F\n  Scenario: S\n    Given a shopper\n")
    return Path("runs") / shop.run().run.path.name


def test_verify_vouches_for_a_run(made, capsys):
    for which in (None, made.name, str(made)):
        assert verify(which) == 0
        assert capsys.readouterr().out == f"{made} is as it was sealed.\n"


def test_verify_names_what_was_touched(made, capsys):
    (made / "evidence/EV-0001.json").write_text("{}")
    (made / "more").write_text("")
    assert verify() == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert said[0].startswith(f"payharness: {made}/evidence/EV-0001.json was changed (2 bytes instead of ")
    assert said[1] == f"payharness: {made}/more was added: a file that the manifest does not name"


def test_verify_of_a_run_that_is_not_there_is_wrong_usage(made, capsys):
    assert verify("20200101T000000Z-000000") == 2
    assert f"the nearest is {made.name}" in capsys.readouterr().err
    assert verify("../elsewhere") == 2
    assert "is not a run" in capsys.readouterr().err
    assert verify(run_dir=Path("empty")) == 2
    assert "there is no run in empty yet" in capsys.readouterr().err


def test_verify_of_a_run_that_was_cut_short_says_how_to_seal_it(made, capsys):
    (made / "manifest.json").unlink()
    assert verify() == 1
    assert "`payharness report" in capsys.readouterr().err
    store.seal(made, interrupted=True)
    assert verify() == 0


def test_steps_lists_the_vocabulary_with_examples(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert steps("unpaid order") == 0
    out = capsys.readouterr().out
    assert "a shopper with an unpaid order of {total:Amount}" in out
    assert "harness.steps.shopper" in out
    assert "e.g. a shopper with an unpaid order of " in out
    assert "\x1b" not in out


def test_steps_without_a_hit_says_what_to_try(capsys):
    assert steps("xylophone") == 2
    assert "no sentence holds 'xylophone'" in capsys.readouterr().err
