"""``Lab``: running the suite from a notebook.

The suite runs in a process of its own, through the same command as everywhere else: the notebook's event loop, its
imports and its interrupts stay out of it, and a scenario that hangs does not take the kernel with it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from harness import resources
from harness.domain.verdicts import EXIT_USAGE
from harness.lab.run import Run
from harness.record import store

_COMMAND = [sys.executable, "-c", "from harness.cli import main; main()"]
_PATIENCE = 60
"""Seconds that an interrupted run is given to put what it has in order."""


class LabError(Exception):
    """The suite could not be run; the message is what the command said."""


class Lab:
    """Runs the suite against a target and answers with what was recorded.

    ``target`` is ``reference`` or the path of a target profile; ``run_dir`` the folder that holds the runs.
    """

    def __init__(
        self,
        target: str | Path = "reference",
        provider: str | Sequence[str] | None = None,
        run_dir: str | Path = "runs",
        workers: int = 1,
    ) -> None:
        self.target = str(target)
        self.provider = provider if provider is None or isinstance(provider, str) else ",".join(provider)
        self.run_dir = Path(run_dir)
        self.workers = workers

    def run(self, *paths: str | Path, tags: str | None = None, seed: int = 0, quiet: bool = False) -> Run:
        """Run features (all, where none is named) and load the run.

        A path that starts with ``features/`` and is not there is taken from the features that come with the product.
        Progress is printed as it comes. Interrupting the kernel ends the run; what ran until then is loaded.
        Raises ``LabError`` with the command's own sentence where nothing ran.
        """
        before = set(store.runs(self.run_dir))
        code, said = self._start([str(_found(Path(path))) for path in paths], tags, seed, quiet=quiet)
        made = [path for path in store.runs(self.run_dir) if path not in before]
        if code == EXIT_USAGE or not made:
            raise LabError(said or f"the run ended with code {code} and recorded nothing in {self.run_dir}")
        return Run.load(made[-1])

    def _start(self, paths: list[str], tags: str | None, seed: int, *, quiet: bool) -> tuple[int, str]:
        options = ["--target", self.target, "--run-dir", str(self.run_dir), "--seed", str(seed)]
        options += ["-n", str(self.workers)] if self.workers > 1 else []
        options += ["--provider", self.provider] if self.provider else []
        options += ["--tags", tags] if tags else []
        # A session of its own: the kernel's interrupt reaches it once, from here, and not a second time by its group.
        process = subprocess.Popen(
            [*_COMMAND, "run", *paths, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )
        complaints: list[str] = []
        reader = threading.Thread(target=lambda: complaints.extend(process.stderr or ()), daemon=True)
        reader.start()
        try:
            _follow(process, quiet=quiet)
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            patience = threading.Timer(_PATIENCE, process.kill)
            patience.start()
            _follow(process, quiet=quiet)
            patience.cancel()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        reader.join(_PATIENCE)
        said = "".join(complaints).strip()
        if said and not quiet:
            print(said)  # noqa: T201 - what the command complained of belongs into the cell
        return process.returncode, said


def _follow(process: subprocess.Popen[str], *, quiet: bool) -> None:
    for line in process.stdout or ():
        if not quiet:
            print(line, end="", flush=True)  # noqa: T201 - progress in a cell
    process.wait()


def _found(path: Path) -> Path:
    if not path.exists() and path.parts[:1] == ("features",):
        ours = resources.features().joinpath(*path.parts[1:])
        return ours if ours.exists() else path
    return path
