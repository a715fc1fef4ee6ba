"""Texts that have to have a form: email addresses and URLs, refused in Stripe's words."""

from __future__ import annotations

import re
from typing import Any

from harness.simulator.stripe import errors

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.?[^@\s.]+")
_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://\S+")


def check_email(params: dict[str, Any], name: str) -> None:
    """Refuse a parameter that is given, not empty, and no email address."""
    given = params.get(name)
    if given and not _EMAIL.fullmatch(given):
        raise errors.StripeError(f"Invalid email address: {given}", code="email_invalid", param=name, stored=False)


def check_url(params: dict[str, Any], name: str) -> None:
    """Refuse a parameter that is given, not empty, and no absolute URL."""
    given = params.get(name)
    if given and not _URL.fullmatch(given):
        raise errors.StripeError("Not a valid URL", code="url_invalid", param=name, stored=False)
