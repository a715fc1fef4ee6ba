"""Runs that every test of the reports reads."""

from __future__ import annotations

import pytest
from reporting import synthetic_runs


@pytest.fixture(scope="session")
def some_run(tmp_path_factory):
    """A sealed run with some of everything."""
    return synthetic_runs.written(tmp_path_factory.mktemp("runs"), synthetic_runs.scenarios())
