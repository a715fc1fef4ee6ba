"""What a user installs is the wheel: it must carry the suite, and run in an empty folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def payharness(wheel, tmp_path_factory):
    """`payharness` of an environment that holds the wheel, and this environment's copies of its dependencies.

    A `.pth` line lends the dependencies; the product itself can only come from the wheel, because a folder that is
    lent that way does not have its own `.pth` files (the editable installation) read.
    """
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", wheel], check=True, capture_output=True)
    (site,) = (folder / "lib").glob("python*/site-packages")
    (site / "lent.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    look = [python, "-I", "-c", "import harness; print(harness.__file__)"]
    where = subprocess.run(look, check=True, capture_output=True, text=True)
    assert where.stdout.startswith(str(site)), where.stdout
    return folder / "bin" / "payharness"


def _run(command, cwd, timeout=170):
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PYTEST"))}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=timeout, check=False
    )


def test_the_wheel_carries_features_fixtures_templates_and_notebooks(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        ".feature",
        "fixtures/defects/catalogue.toml",
        "fixtures/targets/reference.toml",
        ".html",
        "notebooks/",
    ):
        assert any(wanted in name for name in names), wanted
    assert not [name for name in names if name.startswith(("tests/", "runs/", "benchmarks/"))]


def test_a_suite_made_from_the_wheel_runs_in_an_empty_folder(payharness, tmp_path):
    made = _run([payharness, "init", "suite"], tmp_path)
    assert made.returncode == 0, made.stderr
    done = _run([payharness, "run", "features/payments", "--json"], tmp_path / "suite")
    assert done.returncode == 0, done.stdout + done.stderr
    summary = json.loads(done.stdout)
    assert summary["verdicts"].get("passed", 0) > 0
    (run,) = (tmp_path / "suite" / "runs").iterdir()
    assert (run / "manifest.json").is_file()
    verified = _run([payharness, "verify"], tmp_path / "suite")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_a_folder_that_holds_something_is_left_alone(payharness, tmp_path):
    (tmp_path / "suite").mkdir()
    (tmp_path / "suite" / "mine.txt").write_text("mine")
    done = _run([payharness, "init", "suite"], tmp_path)
    assert done.returncode == 2
    assert "not empty" in done.stderr
    assert [p.name for p in (tmp_path / "suite").iterdir()] == ["mine.txt"]
