"""The rooms of simulated Square: route modules, in the order in which their pages and control calls are asked."""

from __future__ import annotations

ROOMS = (
    "harness.simulator.square.routes.payments",
    "harness.simulator.square.routes.refunds",
    "harness.simulator.square.routes.orders",
    "harness.simulator.square.routes.links",
    "harness.simulator.square.routes.cards",
    "harness.simulator.square.routes.browser",
    "harness.simulator.square.routes.customers",
    "harness.simulator.square.routes.disputes",
    "harness.simulator.square.routes.merchant",
    "harness.simulator.square.routes.webhooks",
    "harness.simulator.square.routes.controls",
)
