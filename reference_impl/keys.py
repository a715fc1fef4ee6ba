"""Idempotency keys towards the provider: derived from the business operation, never from the attempt.

Whoever repeats an operation (a double click, a retry after a timeout, the janitor after a crash) sends the same key,
so the provider does it once. A different operation (another payment of the order, another refund) gets another key.
Source: Stripe, "Idempotent requests".
"""

from __future__ import annotations

import hashlib


def for_payment(order_id: str, number: int) -> str:
    """Starting the ``number``-th payment of an order."""
    return f"order:{order_id}:payment:{number}"


def for_take(payment_id: str, number: int) -> str:
    """The ``number``-th try to take what a shopper approved: another one only after a refusal and a new approval."""
    return f"payment:{payment_id}:take:{number}"


def for_token(payment_id: str, number: int) -> str:
    """Paying with the ``number``-th token that the browser gave: one token is tried once."""
    return f"payment:{payment_id}:token:{number}"


def for_capture(payment_id: str, number: int) -> str:
    """The ``number``-th try to capture a payment: another one only after the provider refused the one before."""
    return f"payment:{payment_id}:capture:{number}"


def for_cancel(payment_id: str, object_id: str) -> str:
    """Cancelling a payment: its intent, or the hosted page on which it would be made."""
    return f"payment:{payment_id}:cancel:{object_id}"


def for_refund(refund_id: str) -> str:
    """One refund request of the staff; two requests of the same amount are two refunds."""
    return f"refund:{refund_id}"


def for_evidence(dispute_id: str, text: str, *, submit: bool) -> str:
    """Handing in this evidence for this dispute."""
    return f"dispute:{dispute_id}:evidence:{hashlib.sha256(f'{submit}:{text}'.encode()).hexdigest()[:32]}"


def for_acceptance(dispute_id: str) -> str:
    """Accepting a dispute as lost."""
    return f"dispute:{dispute_id}:accept"


def again(key: str, turn: int) -> str:
    """The key of an operation that the provider answered with a stored failure.

    Nothing happened under the key before it.
    """
    return f"{key}:again:{turn}"
