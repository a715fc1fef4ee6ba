"""A simulator in its own process, and a fresh account on it for each test, reached through the official SDK."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from simulated_shop import Shop


@pytest.fixture(scope="session")
def simulator_url() -> Iterator[str]:
    command = [sys.executable, "-m", "harness.simulator", "--stripe-port", "0", "--seed", "7", "--stop-with-parent"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["stripe"]["url"]
        finally:
            process.terminate()
            process.wait(10)


@pytest.fixture
def shop(simulator_url: str) -> Iterator[Shop]:
    shop = Shop(simulator_url)
    yield shop
    shop.http.close()
    shop.page.close()
