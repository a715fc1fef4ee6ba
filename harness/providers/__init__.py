"""Our own side of a provider.

Its truth through the official SDK, the shopper's browser, the simulator and its control.
"""

from harness.providers.base import (
    ACTOR_HEADER,
    CALLS,
    Account,
    ChargeTruth,
    DisputeTruth,
    PaymentTruth,
    ProviderSide,
    RefundTruth,
    call,
)
from harness.providers.control import Attempt, Call, Delivery, SimulatorControl
from harness.providers.instruments import Instrument, instrument, instruments
from harness.providers.shopper import FAIL, PASS, Confirmation, ShopperSide
from harness.providers.simulator import Simulator

__all__ = [
    "ACTOR_HEADER",
    "CALLS",
    "FAIL",
    "PASS",
    "Account",
    "Attempt",
    "Call",
    "ChargeTruth",
    "Confirmation",
    "Delivery",
    "DisputeTruth",
    "Instrument",
    "PaymentTruth",
    "ProviderSide",
    "RefundTruth",
    "ShopperSide",
    "Simulator",
    "SimulatorControl",
    "call",
    "instrument",
    "instruments",
]
