"""The laboratory that tests of the whole integration share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from lab import Lab


@pytest.fixture(scope="session")
def running(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("reference"))
    try:
        yield lab.start()
    finally:
        lab.stop()


@pytest.fixture
def lab(running):
    """The shared laboratory, calm: no faults, deliveries on."""
    running.calm()
    yield running
    running.calm()
