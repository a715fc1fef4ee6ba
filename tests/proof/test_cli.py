"""`payharness prove`: what a person can get wrong ends in one sentence and exit code 2, before anything runs."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from harness.cli import app
from harness.domain.verdicts import EXIT_USAGE, HarnessError
from harness.proof import twins
from harness.proof.defects import catalogue
from harness.proof.prove import prove


def run(*arguments):
    return CliRunner().invoke(app, ["prove", *arguments])


def test_an_unknown_defect_names_the_nearest(tmp_path):
    done = run("W177", "--run-dir", str(tmp_path))
    assert done.exit_code == EXIT_USAGE
    assert "'W177' is no defect" in done.stderr
    assert "W17" in done.stderr
    assert not any(tmp_path.iterdir())


def test_a_defect_without_a_twin_says_which_have_one(tmp_path):
    missing = next(d for d in catalogue() if d not in {t.defect for t in twins.twins().values()})
    done = run(missing, "--run-dir", str(tmp_path))
    assert done.exit_code == EXIT_USAGE
    assert f"{missing} (" in done.stderr
    assert "W17" in done.stderr


def test_a_twin_that_does_not_exist_names_the_nearest(tmp_path):
    done = run("W09-paypall", "--run-dir", str(tmp_path))
    assert done.exit_code == EXIT_USAGE
    assert "did you mean W09-paypal" in done.stderr


def test_a_provider_that_cannot_be_proved_with_is_refused(tmp_path):
    done = run("--provider", "adyen", "--run-dir", str(tmp_path))
    assert done.exit_code == EXIT_USAGE
    assert "choose from stripe, paypal, square" in done.stderr
    assert not any(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs a folder that nobody can write to")
def test_a_folder_that_cannot_be_written_is_one_sentence():
    with pytest.raises(HarnessError, match="cannot be written"):
        prove(["W17"], runs=Path("/proc/nowhere"))
