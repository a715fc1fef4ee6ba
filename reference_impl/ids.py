"""Ids and tokens: long, random, and readable by their prefix, so that nobody guesses a neighbour's."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LENGTH = 24
_LETTERS = str.maketrans("0123456789", "ghijklmnop")  # no digits: no token is ever taken for a card number
_FORM = re.compile(r"[a-z]{2,4}_[0-9A-Za-z]{16,64}")


def new(prefix: str) -> str:
    """A fresh id, ``or_4fTz...``: 24 characters of 62, about 142 bits."""
    return f"{prefix}_{''.join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))}"


def well_formed(text: str) -> bool:
    """Whether a text could be one of our ids; anything else is 'not found' without asking the database."""
    return bool(_FORM.fullmatch(text))


def order_token(secret: bytes, order_id: str) -> str:
    """The token of an order's shopper.

    Derived, so that repeating the request that made the order can answer it again.
    """
    derived = hmac.new(secret, order_id.encode(), hashlib.sha256).hexdigest()[:40]
    return f"ot_{derived.translate(_LETTERS)}"


def digest(text: str) -> str:
    """SHA-256 in hex: what is kept of a token or of a caller's idempotency key instead of the text itself."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))
