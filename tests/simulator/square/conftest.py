from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from seller import Seller


@pytest.fixture(scope="session")
def square_url() -> Iterator[str]:
    command = [sys.executable, "-m", "harness.simulator", "--providers", "square", "--square-port", "0"]
    command += ["--seed", "7", "--stop-with-parent"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["square"]["url"]
        finally:
            process.terminate()
            process.wait(10)


@pytest.fixture
def seller(square_url: str) -> Iterator[Seller]:
    """A seller with an account of their own; every answer they got is judged by Square's OpenAPI file in the end."""
    seller = Seller(square_url)
    yield seller
    seller.close()
    assert seller.differences == []
