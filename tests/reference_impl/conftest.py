"""The laboratory that tests of the whole integration share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from lab import Lab
from paypal_lab import PayPalLab
from square_lab import SquareLab


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


@pytest.fixture(scope="session")
def both_running(tmp_path_factory):
    lab = PayPalLab(tmp_path_factory.mktemp("reference-paypal"))
    try:
        yield lab.start()
    finally:
        lab.stop()


@pytest.fixture
def paypal(both_running):
    """The shared laboratory of a shop with both providers, calm."""
    both_running.calm_paypal()
    yield both_running
    both_running.calm_paypal()


@pytest.fixture(scope="session")
def square_running(tmp_path_factory):
    lab = SquareLab(tmp_path_factory.mktemp("reference-square"))
    try:
        yield lab.start()
    finally:
        lab.stop()


@pytest.fixture
def square(square_running):
    """The shared laboratory of a shop with Stripe and Square, calm."""
    square_running.calm_square()
    yield square_running
    square_running.calm_square()
