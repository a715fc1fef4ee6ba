"""What a shopper is told about a decline: enough to go on, nothing that helps the thief of a card.

Sources: Stripe, "Decline codes": some codes are to be presented as a generic decline; PayPal, "Card testing" and
"Orders v2 errors", for the processor's codes and the issues of a refused capture; Square, "Payments error codes".
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import msgspec

GENERIC = "generic_decline"


class _Table(msgspec.Struct, frozen=True):
    hidden: frozenset[str]
    messages: dict[str, str]
    other: str


@cache
def _table() -> _Table:
    text = (resources.files("reference_impl.payments") / "declines.json").read_bytes()
    return msgspec.json.decode(text, type=_Table)


def shown_code(code: str) -> str:
    """The code that a shopper's browser is given."""
    return GENERIC if code in _table().hidden else code


def message(code: str) -> str:
    """The sentence that a shopper reads."""
    return _table().messages.get(shown_code(code), _table().other)
