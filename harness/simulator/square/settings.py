"""What can be changed about a simulated Square merchant, where the documentation leaves room or a test needs it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

CURRENCIES = {
    "US": "USD",
    "CA": "CAD",
    "AU": "AUD",
    "JP": "JPY",
    "GB": "GBP",
    "IE": "EUR",
    "FR": "EUR",
    "ES": "EUR",
}
"""Countries that Square serves, with the one currency that its sellers there take."""
RETRIES = (60.0, 120.0, 240.0, 480.0, 960.0, 1920.0, 3600.0, 7200.0, 14400.0, 28800.0, 28800.0)
"""Seconds from a failed attempt to the next one: eleven retries within 24 hours (Square, "Webhooks overview")."""


class Settings(msgspec.Struct, kw_only=True):
    """The settings of one merchant."""

    country: Literal["US", "CA", "AU", "JP", "GB", "IE", "FR", "ES"] = "US"
    """Where the merchant is, which decides its currency; cannot change once money has moved."""
    decline_status: Literal[400, 402] = 400
    """HTTP status of a declined payment (unsettled; sandbox tests of others saw 400)."""
    token_used_category: Literal["PAYMENT_METHOD_ERROR", "INVALID_REQUEST_ERROR"] = "INVALID_REQUEST_ERROR"  # noqa: S105 - a category
    """Category of ``CARD_TOKEN_USED`` (both were seen)."""
    declines_kept: bool = True
    """Whether an idempotency key gives the same decline again (undocumented)."""
    over_refund_code: Literal["REFUND_AMOUNT_INVALID", "VALUE_TOO_HIGH"] = "REFUND_AMOUNT_INVALID"
    """Code of a refund of more than was paid (unsettled)."""
    refund_seconds: float = 2.0
    """How long a refund is PENDING; 0 completes it within the call that makes it, after its answer was written."""
    refund_outcome: Literal["COMPLETED", "REJECTED", "FAILED"] = "COMPLETED"
    """What becomes of refunds by themselves; the sandbox has no trigger for the last two."""
    fee_seconds: float = 10.0
    """How long after capture the processing fee appears, with an event; 0: at once and without one."""
    fee_percent: float = 2.9
    fee_fixed: int = 30
    """Processing fee: per cent and minor units."""
    dispute_seconds: float = 2.0
    """How long after capture a test amount is disputed."""
    dispute_due_days: int = 14
    dispute_decision_seconds: float = 3600.0
    """How long the bank takes once evidence was submitted."""
    refund_months: int = 12
    """How old a payment may be to be refunded."""
    token_hours: float = 24.0
    """Life of a card token."""
    list_lag_seconds: float = 0.0
    """How long a payment, refund, order or customer takes to appear in lists and searches."""
    redirect_parameters: bool = False
    """Whether buyers come back from a payment page with order and transaction ids (production does, sandbox not)."""
    rate_limit: float | None = None
    """Calls a second (real time) above which 429 is answered; None: no limit."""
    retry_after_seconds: int | None = None
    """``Retry-After`` of a 429; Square documents none."""
    retry_schedule: list[float] = msgspec.field(default_factory=lambda: list(RETRIES))
    webhook_timeout: float = 10.0
    """Real seconds that a webhook endpoint has for its answer."""
    disable_after_days: float = 21.0
    """A subscription without any success for so long is disabled."""
    buyer_verification: bool = True
    """Whether cards of the strong-authentication list are declined without verification."""

    def view(self) -> dict[str, Any]:
        """As JSON."""
        view: dict[str, Any] = msgspec.to_builtins(self)
        return view

    def changed(self, changes: dict[str, Any]) -> Settings:
        """These settings with some changed.

        Raises:
            ValueError: an unknown setting or a wrong value, in one sentence.
        """
        merged = self.view()
        unknown = sorted(set(changes) - set(merged))
        if unknown:
            raise ValueError(f"Unknown setting {unknown[0]!r}; settings are: {', '.join(self.__struct_fields__)}.")
        try:
            settings = msgspec.convert({**merged, **changes}, Settings)
        except msgspec.ValidationError as error:
            raise ValueError(f"A setting has a wrong value: {error}.") from error
        numbers = [v for v in settings.view().values() if isinstance(v, (int, float)) and not isinstance(v, bool)]
        if any(number < 0 for number in numbers) or any(wait < 0 for wait in settings.retry_schedule):
            raise ValueError("A setting has a wrong value: seconds, amounts and limits cannot be negative.")
        return settings
