"""The rooms of simulated PayPal: route modules, in the order in which their pages and control calls are asked."""

from __future__ import annotations

ROOMS = (
    "harness.simulator.paypal.routes.tokens",
    "harness.simulator.paypal.routes.orders",
    "harness.simulator.paypal.routes.payments",
    "harness.simulator.paypal.routes.checkout",
    "harness.simulator.paypal.routes.controls",
    "harness.simulator.paypal.routes.webhooks",
    "harness.simulator.paypal.routes.vault",
    "harness.simulator.paypal.routes.disputes",
    "harness.simulator.paypal.routes.reporting",
)
