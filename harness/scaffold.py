"""A suite of one's own: the features, instruments and profiles of the product, copied to a folder where they can grow.

ScaffoldError    the folder cannot be used; the message says which, why, and the next move
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from harness import resources

README = """# A payment behaviour suite

Made by `payharness init`. In this folder:

    payharness run                              every scenario against the reference integration
    payharness run features/webhooks            a part of them
    payharness run --tags "critical and not slow"
    payharness report                           the report of the last run
    payharness steps "refund"                   the sentences a scenario may use

`features/` is yours: change the scenarios, add your own, delete what you do not need.
`targets/reference.toml` shows what a target profile says; copy it to describe your own integration and run
`payharness run --target targets/yours.toml`.
"""


class ScaffoldError(Exception):
    """The folder cannot take a suite."""


@dataclass(frozen=True, slots=True)
class Scaffold:
    """What was made: the folder and how many feature files it holds."""

    folder: Path
    features: int


def create(folder: Path) -> Scaffold:
    """Make a suite in a folder that does not exist yet or is empty.

    Raises:
        ScaffoldError: the folder holds something already, or cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise ScaffoldError(f"{folder} is a file; name a folder that does not exist yet")
    if folder.is_dir() and any(folder.iterdir()):
        raise ScaffoldError(f"{folder} is not empty and nothing was changed; name a folder that does not exist yet")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(resources.features(), folder / "features", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(resources.fixtures() / "targets", folder / "targets", dirs_exist_ok=True)
        (folder / "README.md").write_text(README)
        (folder / ".gitignore").write_text("runs/\nreports/\n")
    except OSError as error:
        raise ScaffoldError(
            f"{folder} cannot be written: {error.strerror}; name a folder that you may write"
        ) from error
    return Scaffold(folder, sum(1 for _ in (folder / "features").rglob("*.feature")))
