"""The vocabulary of the features: one module per actor, on top of ``world`` and ``fixtures``."""
