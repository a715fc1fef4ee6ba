"""What a buyer can pay with at simulated PayPal, in words, and what comes of it."""

from __future__ import annotations

from typing import NamedTuple

from harness.simulator.paypal.issues import mocked
from harness.simulator.paypal.state.objects import COMPLETED, DECLINED, PENDING

CAPTURE_CALL = "POST /v2/checkout/orders/{id}/capture"


class Outcome(NamedTuple):
    """``issue``: the payment is refused with it (422). Otherwise the status of the capture and its reason."""

    status: str = COMPLETED
    reason: str | None = None
    issue: str | None = None


WORDS = {
    "balance": Outcome(),
    "card": Outcome(),
    "bank": Outcome(PENDING, "ECHECK"),
    "review": Outcome(PENDING, "PENDING_REVIEW"),
    "unilateral": Outcome(PENDING, "UNILATERAL"),
    "declined": Outcome(issue="INSTRUMENT_DECLINED"),
    "declined_capture": Outcome(DECLINED),
}
"""What the buyer's page offers; an issue of the capture call (``PAYER_CANNOT_PAY`` ...) is a word as well."""


def outcome(word: object) -> Outcome:
    """What comes of paying with an instrument.

    Raises:
        ValueError: an unknown word, with those that are known.
    """
    found = WORDS.get(word) if isinstance(word, str) else None
    if found is not None:
        return found
    if isinstance(word, str) and mocked(CAPTURE_CALL, word) == 422:  # noqa: PLR2004 - HTTP
        return Outcome(issue=word)
    raise ValueError(
        f"Unknown instrument {word!r}; use one of {', '.join(WORDS)}, or an issue of the capture call such as "
        "PAYER_CANNOT_PAY."
    )
