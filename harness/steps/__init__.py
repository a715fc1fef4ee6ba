"""The vocabulary of the features: one module per actor, on top of ``world`` and ``fixtures``."""

MODULES = (
    "harness.steps.attacker",
    "harness.steps.card_data",
    "harness.steps.courier_steps",
    "harness.steps.environment",
    "harness.steps.fixtures",
    "harness.steps.observe_answers",
    "harness.steps.observe_money",
    "harness.steps.observe_order",
    "harness.steps.operator",
    "harness.steps.provider_steps",
    "harness.steps.shopper",
)
"""Plugins that the behaviour suite loads, by name."""
