"""Running from a notebook: the command's own sentences, and no run invented where nothing ran."""

from __future__ import annotations

import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from harness.lab import Lab, LabError, launch


def test_what_the_command_refuses_is_said_in_its_own_words(tmp_path):
    with pytest.raises(LabError, match="there is nothing at"):
        Lab(run_dir=tmp_path / "runs").run("nowhere/at_all.feature", quiet=True)
    assert not list(tmp_path.glob("runs/*"))


def test_a_target_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(LabError, match="missing"):
        Lab(target=tmp_path / "missing.toml", run_dir=tmp_path / "runs").run(quiet=True)


COMMAND = """
import signal, sys, time
from pathlib import Path
from reporting import synthetic_runs
from harness.record import store

arguments = sys.argv[1:]
folder = Path(arguments[arguments.index("--run-dir") + 1])
run = synthetic_runs.written(folder, synthetic_runs.scenarios()[:2], seal=False)


def end(*_):
    store.seal(run, interrupted=True)
    print("interrupted", flush=True)
    sys.exit(3)


signal.signal(signal.SIGINT, end)
print("under way", flush=True)
(folder / "ready").touch()
time.sleep(60)
"""


def test_interrupting_the_kernel_ends_the_run_and_loads_what_ran(tmp_path, monkeypatch, capsys):
    """The kernel's interrupt is a SIGINT in its main thread; the run gets it once and puts itself in order."""
    monkeypatch.setattr(launch, "_COMMAND", [sys.executable, "-c", COMMAND])
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[1]))

    def interrupt():
        deadline = time.monotonic() + 60
        while not (tmp_path / "runs" / "ready").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    run = Lab(run_dir=tmp_path / "runs").run()
    thread.join()
    assert run.info.interrupted
    assert len(run.scenarios) == 2
    assert capsys.readouterr().out.split("\n")[:2] == ["under way", "interrupted"]
