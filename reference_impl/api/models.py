"""What requests carry and answers show, as OpenAPI describes it.

Unknown fields are refused; amounts are minor units.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

Currency = Annotated[str, Field(pattern=r"^[A-Za-z]{3}$", description="ISO 4217, in either case")]
Amount = Annotated[StrictInt, Field(ge=-(10**12), le=10**12, description="minor units of the currency")]


class Request(BaseModel):
    """A request: nothing in it that is not described."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class LineRequest(Request):
    """A line as a shopper asks for it."""

    sku: Annotated[str, Field(max_length=64)]
    quantity: StrictInt


class OrderRequest(Request):
    """An order; the price is the catalogue's."""

    currency: Currency
    lines: Annotated[list[LineRequest], Field(max_length=100)]
    email: Annotated[str, Field(max_length=254)] | None = None


class LinesRequest(Request):
    """Other lines for an order."""

    lines: Annotated[list[LineRequest], Field(max_length=100)]


class PaymentRequest(Request):
    """How a shopper wants to pay."""

    method: Literal["embedded", "hosted"] = "embedded"
    capture: Literal["automatic", "manual"] = "automatic"
    provider: Annotated[str | None, Field(max_length=32, description="left out: the shop's first")] = None


class TokenRequest(Request):
    """What the provider's card fields gave the browser, to pay with once."""

    token: Annotated[str, Field(min_length=1, max_length=255)]
    verification_token: Annotated[str, Field(max_length=255)] | None = None


class CaptureRequest(Request):
    """A capture: everything that is held, or ``amount``."""

    amount: Amount | None = None
    currency: Currency | None = None


class RefundRequest(CaptureRequest):
    """A refund: everything that is left, or ``amount``."""

    reason: Annotated[str, Field(max_length=64)] | None = None


class EvidenceRequest(Request):
    """Evidence for a dispute; ``submit`` sends it to the bank, which can be done once."""

    text: Annotated[str, Field(min_length=1, max_length=20_000)]
    submit: StrictBool = True


class MoneyView(BaseModel):
    """An amount beside its currency."""

    amount: int
    currency: str


class LineView(BaseModel):
    """A line with its price."""

    sku: str
    name: str
    quantity: int
    unit: int


class DeclineView(BaseModel):
    """Why the last attempt was declined, as the shopper may know it."""

    code: str
    message: str


class PaymentView(BaseModel):
    """A payment."""

    id: str
    state: str
    provider: str
    provider_id: str | None
    method: str
    decline: DeclineView | None = None


class OrderView(BaseModel):
    """An order as its shopper sees it."""

    id: str
    state: str
    total: MoneyView
    lines: list[LineView]
    payment: PaymentView | None = None
    fulfilled: bool = False


class NewOrderView(OrderView):
    """An order with the token that its shopper keeps."""

    token: str


class StartedView(BaseModel):
    """A payment under way, and what the browser needs to go on with it."""

    payment: PaymentView
    client_secret: str | None = None
    publishable_key: str | None = None
    redirect_url: str | None = None
    message: str | None = None


class RefundView(BaseModel):
    """A refund."""

    id: str
    provider_id: str | None
    amount: int
    currency: str
    state: str
    origin: str
    reason: str | None
    at: str


class CaptureView(BaseModel):
    """A capture."""

    id: str
    amount: int
    state: str
    at: str


class DisputeView(BaseModel):
    """A dispute; ``state`` in the provider's words."""

    provider_id: str
    state: str
    inquiry: bool
    reason: str | None
    amount: int
    currency: str
    fee: int
    evidence_due_by: str | None
    submissions: int


class EffectView(BaseModel):
    """A side effect."""

    kind: str
    key: str
    at: str
    done: bool


class WarningView(BaseModel):
    """Something that staff should look at."""

    code: str
    message: str
    at: str


class OperatorOrderView(OrderView):
    """An order as staff sees it."""

    captured: int
    refunded: int
    disputed: int
    authorised: int
    held: bool
    payments: list[PaymentView]
    captures: list[CaptureView]
    refunds: list[RefundView]
    disputes: list[DisputeView]
    ledger: list[dict[str, Any]]
    effects: list[EffectView]
    warnings: list[WarningView]
    refund: RefundView | None = None
    message: str | None = None


class DriftView(BaseModel):
    """One thing in which shop and provider did not agree."""

    kind: str
    object_id: str
    order_id: str | None
    message: str
    settled: bool


class ReportView(BaseModel):
    """What reconciliation found."""

    drift: list[DriftView]
    checked: int


class AccountView(BaseModel):
    """Balance of an account, debits positive."""

    account: str
    currency: str
    balance: int


class LedgerView(BaseModel):
    """The books."""

    accounts: list[AccountView]
    balanced: bool


class EventView(BaseModel):
    """An event of the inbox. ``status``: received, waiting, done, ignored, failed."""

    seq: int
    event_id: str
    type: str
    object_id: str
    provider: str
    source: str
    status: str
    received_at: str
    handled_at: str | None
    attempts: int
    last_error: str | None


class EventsView(BaseModel):
    """Events of the inbox, oldest first; go on with ``after`` = the last ``seq``."""

    events: list[EventView]
