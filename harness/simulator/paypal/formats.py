"""How PayPal writes moments and ids."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from harness.simulator.kernel.ids import spelling

LONG_ID = spelling("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
"""Orders, captures, authorizations, refunds."""
ACCOUNT_ID = spelling("23456789ABCDEFGHJKLMNPQRSTUVWXYZ")
"""Payers and merchants: 13 characters without those that are mistaken for others."""
HEX = spelling("0123456789abcdef")
TOKEN = spelling("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@lru_cache(maxsize=4096)
def timestamp(seconds: int) -> str:
    """Epoch seconds as ``2026-01-02T03:04:05Z``."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def precise(seconds: float) -> str:
    """Epoch seconds with milliseconds, as events carry them."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
