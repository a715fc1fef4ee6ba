"""What a suite of features brings with it: steps of its own (``steps/*.py``) and words of its own (``tags.toml``).

Both are looked for beside the features, and above them up to the folder that holds the ``features`` folder.
"""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.domain.verdicts import HarnessError
from harness.gherkin import internals
from harness.gherkin.vocabulary import shown

FEATURES = "features"


def feature_path(path: Path, root: Path) -> str:
    """How a feature is called in ids, whatever the working folder: from its ``features`` folder on.

    Where no folder has that name: relative to ``root``, or else the file's name.
    """
    parts = path.parts
    if FEATURES in parts[:-1]:
        last = max(index for index, part in enumerate(parts[:-1]) if part == FEATURES)
        return "/".join(parts[last:])
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name


def folders(path: Path, root: Path) -> Iterator[Path]:
    """Folders that may hold what belongs to a feature: its own, then those above it, to the suite's."""
    top = next((parent.parent for parent in path.parents if parent.name == FEATURES), root)
    for parent in path.parents:
        yield parent
        if parent == top:
            return


class Suites:
    """Loads what suites bring, each file once."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._loaded: set[Path] = set()
        self._worded: set[Path] = set()

    def load_steps(self, feature: Path) -> None:
        """Register the steps that belong to a feature; raises ``HarnessError`` naming a file that cannot be loaded."""
        for folder in folders(feature, self._config.rootpath):
            if folder not in self._loaded:
                self._loaded.add(folder)
                for file in sorted((folder / "steps").glob("*.py")):
                    if file.name != "__init__.py":
                        self._register(file)

    def words(self, feature: Path) -> Iterator[Path]:
        """The ``tags.toml`` files that belong to a feature and were not named before."""
        for folder in folders(feature, self._config.rootpath):
            if folder not in self._worded:
                self._worded.add(folder)
                if (folder / "tags.toml").is_file():
                    yield folder / "tags.toml"

    def _register(self, file: Path) -> None:
        name = f"{internals.SUITE}{hashlib.sha256(str(file.parent).encode()).hexdigest()[:8]}_{file.stem}"
        if self._config.pluginmanager.has_plugin(name):
            return
        try:
            module = internals.import_with_asserts(self._config, name, file)
        except Exception as error:
            lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
            line = (error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None) or 1
            said = f"{type(error).__name__}: {error}"
            raise HarnessError(f"{shown(file)}:{line}: the steps cannot be loaded: {said}") from error
        self._config.pluginmanager.register(module, name)
