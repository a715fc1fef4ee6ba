"""The reference integration.

How a shop takes payments so that none is lost, none is counted twice, and no card is ever seen.

``docs/reference.md`` says how it is built; ``python -m reference_impl --help`` how it is run.
"""

__version__ = "0.1.0"
