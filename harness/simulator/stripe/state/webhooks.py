"""Rules of webhook endpoints. Stripe, "Webhooks"; rolling keeps the old secret for up to a day."""

from __future__ import annotations

import re

from harness.simulator.kernel.client import is_loopback
from harness.simulator.stripe import errors
from harness.simulator.stripe.account import StripeAccount

ROLL_SECONDS = 24 * 3600
_URL = re.compile(r"(https?)://(?:[^/@\s]*@)?(\[[0-9a-fA-F:]+\]|[^/:?#\s]+)(?::(\d{1,5}))?(?:[/?#]\S*)?")
_HIGHEST_PORT = 65535


def new_secret(account: StripeAccount) -> str:
    """A signing secret."""
    return f"whsec_{account.ids.text(32)}"


def check_url(account: StripeAccount, url: str) -> None:
    """Refuse what a webhook endpoint cannot be.

    Raises:
        StripeError: not http(s), or elsewhere than on this machine while the simulator delivers to this machine only.
    """
    parsed = _URL.fullmatch(url)
    if parsed is None or int(parsed[3] or 0) > _HIGHEST_PORT:
        raise errors.StripeError(
            "Invalid URL: URL must be a valid http or https URL.", code="url_invalid", param="url", stored=False
        )
    if not account.remote_webhooks and not is_loopback(parsed[2].strip("[]")):
        raise errors.StripeError(
            f"Invalid URL: this simulator delivers to this machine only, and '{parsed[2]}' is elsewhere. Use a "
            "loopback address such as http://127.0.0.1:8000/webhooks, or start the simulator with "
            "--allow-remote-webhooks.",
            code="url_invalid",
            param="url",
            stored=False,
        )
