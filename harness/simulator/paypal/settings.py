"""What can be set for a simulated PayPal account. Seconds are by the virtual clock unless said otherwise."""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec

ATTEMPTS = 25
"""PayPal delivers an event up to 25 times over three days (PayPal, "Webhooks guide")."""
DisputeReason = Literal[
    "MERCHANDISE_OR_SERVICE_NOT_RECEIVED",
    "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED",
    "UNAUTHORISED",
    "CREDIT_NOT_PROCESSED",
    "DUPLICATE_TRANSACTION",
    "INCORRECT_AMOUNT",
    "PAYMENT_BY_OTHER_MEANS",
    "CANCELED_RECURRING_BILLING",
    "PROBLEM_WITH_REMITTANCE",
    "OTHER",
]
"""Why a payment is disputed (PayPal, "Disputes API")."""
_DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?")
_THREE_DAYS = 3 * 86400.0


def _retries() -> list[float]:
    """24 growing waits that add up to three days; PayPal does not publish its own."""
    first = [60.0, 120.0, 240.0, 480.0, 960.0, 1800.0, 3600.0, 7200.0]
    left = ATTEMPTS - 1 - len(first)
    rest = (_THREE_DAYS - sum(first)) / left
    return [*first, *([rest] * left)]


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """Settings of one account."""

    order_life_seconds: float = 3 * 3600.0
    """How long an order waits for its buyer."""
    approval_life_seconds: float = 3 * 3600.0
    """How long an approval waits for its capture; then it is reversed."""
    default_instrument: str = "balance"
    """What the buyer pays with where nobody says."""
    pending_reason: str | None = None
    """Every new wallet or card capture stays PENDING for this reason (``PENDING_REVIEW``, ``ECHECK`` ...)."""
    settle_seconds: float | None = None
    """How long a pending capture takes to complete; None: until a control call."""
    refund_pending: bool = False
    """Whether refunds are PENDING (``ECHECK``) at first."""
    refund_settle_seconds: float | None = None
    """How long a pending refund takes to be decided; None: until a control call."""
    refund_settles: Literal["completed", "failed"] = "completed"
    """What becomes of a pending refund when its time has come."""
    refund_returns_seconds: float | None = None
    """How long a completed refund takes to be sent back by the buyer's bank; None: it stays."""
    decline_details: bool = True
    """Whether a declined capture says ``status_details``; PayPal leaves them out at times."""
    amount_tolerance_percent: float = 15.0
    """How far an order may rise above what its buyer approved before the buyer is asked again."""
    fee_percent: float = 3.49
    fee_fixed: dict[str, str] = msgspec.field(
        default_factory=lambda: {"USD": "0.49", "EUR": "0.39", "GBP": "0.39", "JPY": "40", "HUF": "150", "TWD": "14"}
    )
    """Fixed part of the fee by currency, as a decimal; 0.49 elsewhere."""
    fee_fixed_default: str = "0.49"
    unique_invoice_ids: bool = True
    """Whether an ``invoice_id`` pays once only (PayPal: account setting "block accidental payments", on by default)."""
    partial_captures: int = 10
    """Captures that one authorization may have."""
    overage_percent: float = 15.0
    overage_most: str = "75.00"
    """How far captures may exceed an authorization: the lesser of both."""
    honor_days: float = 3.0
    authorization_days: float = 29.0
    refund_days: float = 180.0
    card_processing: bool = True
    vaulting: bool = True
    retry_schedule: list[float] = msgspec.field(default_factory=_retries)
    webhook_timeout: float = 15.0
    """Real seconds that a listener has for its answer."""
    rate_limit: float | None = None
    """Calls a second (real time) above which 429 is answered; None: no limit."""
    retry_after_seconds: int | None = None
    """``Retry-After`` of a 429."""
    certificate_origin: Literal["paypal", "own"] = "paypal"
    """Which host ``PAYPAL-CERT-URL`` names: that of PayPal's sandbox, or the simulator's own address."""
    dispute_due_days: float = 10.0
    """How long a seller has for an answer to a dispute."""
    dispute_fee: str = "15.00"
    """What a lost claim costs beside its amount, in the currency of the dispute."""
    dispute_captures: DisputeReason | None = None
    """Every capture that completes is disputed at once for this reason."""
    dispute_inquiries: bool = False
    """Whether those disputes begin as inquiries, where their reason allows it."""
    disputed_capture: Literal["completed", "partially_refunded"] = "completed"
    """What a capture shows while a case about it is open, though no money has gone back yet."""
    inquiry_days: float = 20.0
    """How long an inquiry stays open before it is closed by itself."""
    reporting_lag_seconds: float = 3 * 3600.0
    """How long a transaction takes to appear in the transaction search."""
    vault_delay_seconds: float = 0.0
    """How long a purchase takes to save its payment method; until then its token has no id."""
    setup_token_days: float = 3.0
    """How long a setup token waits to be turned into a payment token."""
    token_seconds: int = 32400
    """Life of an access token."""
    request_ids: Literal["lenient", "strict"] = "lenient"
    """``strict``: a ``PayPal-Request-Id`` that comes again with another body is refused (400 DUPLICATE_REQUEST_ID)."""
    merchant_email: str = "merchant@example.com"
    buyer_email: str = "buyer@example.com"
    country: str = "US"

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
        unknown = sorted(set(changes) - set(merged))
        if unknown:
            raise ValueError(f"Unknown setting {unknown[0]!r}; settings are: {', '.join(self.__struct_fields__)}.")
        for name, value in changes.items():
            nested = isinstance(value, dict) and isinstance(merged[name], dict)
            merged[name] = {**merged[name], **value} if nested else value
        try:
            settings = msgspec.convert(merged, Settings)
        except msgspec.ValidationError as error:
            raise ValueError(f"A setting has a wrong value: {error}.") from error
        decimals = [*settings.fee_fixed.values(), settings.fee_fixed_default, settings.overage_most]
        for value in decimals:
            if _DECIMAL.fullmatch(value) is None:
                raise ValueError(f"A setting has a wrong value: {value!r} is no decimal such as '0.49'.")
        numbers = [v for v in merged.values() if isinstance(v, (int, float)) and not isinstance(v, bool)]
        if any(number < 0 for number in numbers) or any(wait < 0 for wait in settings.retry_schedule):
            raise ValueError("A setting has a wrong value: seconds, amounts and limits cannot be negative.")
        return settings
