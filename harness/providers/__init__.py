"""Our own side of a provider.

Its truth through the official SDK, the shopper's browser, the simulator and its control.
"""

from harness.providers.base import (
    ACTOR_HEADER,
    CALLS,
    Account,
    Browser,
    ChargeTruth,
    Confirmation,
    DisputeTruth,
    PaymentTruth,
    ProviderSide,
    RefundTruth,
    Ticket,
    Watch,
    call,
    refusal,
)
from harness.providers.control import Attempt, Call, Delivery, SimulatorControl
from harness.providers.instruments import Instrument, instrument, instruments
from harness.providers.shopper import FAIL, PASS, ShopperSide
from harness.providers.simulator import Simulator

__all__ = [
    "ACTOR_HEADER",
    "CALLS",
    "FAIL",
    "PASS",
    "Account",
    "Attempt",
    "Browser",
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
    "Ticket",
    "Watch",
    "call",
    "instrument",
    "instruments",
    "refusal",
]
