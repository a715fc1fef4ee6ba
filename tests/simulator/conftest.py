"""One simulator for all tests, a fresh account for each, and a real HTTP server that webhooks are delivered to.

The accounts of different keys never mix, so that tests share the process without meeting.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import stripe

sys.path.insert(0, str(Path(__file__).parent))

from listener import Listener
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
    """A merchant with an account of its own."""
    shop = Shop(simulator_url)
    yield shop
    shop.http.close()
    shop.page.close()


@pytest.fixture
def client(shop: Shop) -> stripe.StripeClient:
    """The official client, with the retries that an integration should ask for."""
    return shop.sdk(shop.key, max_network_retries=2)


@pytest.fixture
def raw(shop: Shop) -> httpx.Client:
    """Plain HTTP with the account's key, as any client in any language speaks it."""
    return shop.http


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A webhook endpoint."""
    with Listener() as listener:
        yield listener
