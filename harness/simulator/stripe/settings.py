"""What can be set for a simulated account: fees, schedules, delays, limits. Every value is data with its unit."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

SANDBOX_RETRIES = (300.0, 3600.0, 7200.0)
"""Test mode retries three times over a few hours (Stripe, "Webhooks"); the intervals are not published."""
LIVE_RETRIES = (60.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 36000.0, 43200.0, 43200.0, 43200.0, 28740.0)
"""Live mode retries up to three days with growing intervals; the intervals are not published."""


class Fees(msgspec.Struct, forbid_unknown_fields=True):
    """Price of a captured charge: a percentage, and a fixed part in minor units (by currency where it differs)."""

    percent: float = 2.9
    fixed: int = 30
    fixed_by_currency: dict[str, int] = msgspec.field(
        default_factory=lambda: {"eur": 25, "gbp": 20, "jpy": 0, "krw": 0, "kwd": 100, "bhd": 100, "omr": 100}
    )


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """Settings of one account. Seconds are by the virtual clock unless said otherwise."""

    fees: Fees = msgspec.field(default_factory=Fees)
    dispute_fee: int = 1500
    dispute_fee_returned_on_win: bool = False
    dispute_due_days: int = 8
    dispute_settle_seconds: float = 5.0
    refund_settle_seconds: float = 30.0
    refund_reference_seconds: float = 3600.0
    async_payment_seconds: float = 180.0
    available_after_seconds: float = 2 * 86400.0
    balance_transaction_seconds: float = 0.0
    """How long after an automatic capture the charge names its balance transaction; 0: at once."""
    retry_kind: Literal["sandbox", "live"] = "sandbox"
    retry_schedule: list[float] | None = None
    """Seconds between attempts, in place of those of the kind."""
    webhook_timeout: float = 30.0
    """Real seconds that an endpoint has for its answer."""
    rate_limit: float | None = None
    """Calls a second (real time) above which 429 is answered; None: no limit."""
    rate_limit_reason: str = "global-rate"
    raw_card_data: bool = False
    """Whether a secret key may send card numbers; a publishable key always may, as the browser does."""
    key_expired: bool = False
    permissions: dict[str, Literal["none", "read", "write"]] = msgspec.field(default_factory=dict)
    """Rights of the account's restricted keys (``rk_``) by first part of the path; what is not named is ``write``."""
    radar_blocks_highest_risk: bool = True
    radar_reviews_elevated_risk: bool = False
    radar_declines_failed_cvc: bool = False
    radar_declines_failed_postal_code: bool = False

    def retries(self) -> tuple[float, ...]:
        """Seconds from a failed delivery to the next attempt."""
        if self.retry_schedule is not None:
            return tuple(self.retry_schedule)
        return LIVE_RETRIES if self.retry_kind == "live" else SANDBOX_RETRIES

    def view(self) -> dict[str, Any]:
        """As JSON."""
        view: dict[str, Any] = msgspec.to_builtins(self)
        return view

    def changed(self, changes: dict[str, Any]) -> Settings:
        """These settings with some changed; a nested map is merged.

        Raises:
            ValueError: an unknown setting or a wrong value, in one sentence.
        """
        merged = self.view()
        for name, value in changes.items():
            if isinstance(value, dict) and isinstance(merged.get(name), dict):
                merged[name] = {**merged[name], **value}
            else:
                merged[name] = value
        unknown = sorted(set(merged) - set(self.__struct_fields__))
        if unknown:
            known = ", ".join(self.__struct_fields__)
            raise ValueError(f"Unknown setting {unknown[0]!r}; settings are: {known}.")
        try:
            settings = msgspec.convert(merged, Settings)
        except msgspec.ValidationError as error:
            raise ValueError(f"A setting has a wrong value: {error}.") from error
        numbers = [v for v in merged.values() if isinstance(v, (int, float)) and not isinstance(v, bool)]
        if any(number < 0 for number in numbers) or any(wait < 0 for wait in settings.retry_schedule or ()):
            raise ValueError("A setting has a wrong value: seconds, amounts and limits cannot be negative.")
        return settings
