from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from merchant import Merchant


@pytest.fixture(scope="session")
def paypal_url() -> Iterator[str]:
    command = [sys.executable, "-m", "harness.simulator", "--providers", "paypal", "--paypal-port", "0"]
    command += ["--seed", "7", "--stop-with-parent"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["paypal"]["url"]
        finally:
            process.terminate()
            process.wait(10)


@pytest.fixture
def merchant(paypal_url: str) -> Iterator[Merchant]:
    """A merchant with an account of its own."""
    merchant = Merchant(paypal_url)
    yield merchant
    merchant.close()
