"""Disputes: opened by test amounts or by the test bench, answered with evidence, decided by the bank.

Sources: Square, "Disputes API", its sandbox walkthrough (test amounts; the name of the last file decides, which newer
copies of that page no longer say); its OpenAPI file.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from harness.simulator.square import registry
from harness.simulator.square.account import SquareAccount
from harness.simulator.square.errors import invalid
from harness.simulator.square.events import emit
from harness.simulator.square.formats import timestamp
from harness.simulator.square.state import payments
from harness.simulator.square.state.objects import COMPLETED, DISPUTES, EVIDENCE, PAYMENTS, Dispute, Evidence, Payment

REASONS = {
    8801: "AMOUNT_DIFFERS",
    8802: "CANCELLED",
    8803: "DUPLICATE",
    8804: "NO_KNOWLEDGE",
    8805: "NOT_AS_DESCRIBED",
    8806: "NOT_RECEIVED",
    8807: "PAID_BY_OTHER_MEANS",
    8808: "CUSTOMER_REQUESTS_CREDIT",
    8809: "EMV_LIABILITY_SHIFT",
}
"""Reason by the amount that is disputed in the sandbox, in minor units."""
INQUIRY, REQUIRED, PROCESSING = "INQUIRY_EVIDENCE_REQUIRED", "EVIDENCE_REQUIRED", "PROCESSING"
WON, LOST, ACCEPTED = "WON", "LOST", "ACCEPTED"
STATES = frozenset({INQUIRY, "INQUIRY_PROCESSING", "INQUIRY_CLOSED", REQUIRED, PROCESSING, WON, LOST, ACCEPTED})
_WAITS = {INQUIRY: "INQUIRY_PROCESSING", REQUIRED: PROCESSING}
TYPES = frozenset(
    {
        "GENERIC_EVIDENCE",
        "ONLINE_OR_APP_ACCESS_LOG",
        "AUTHORIZATION_DOCUMENTATION",
        "CANCELLATION_OR_REFUND_DOCUMENTATION",
        "CARDHOLDER_COMMUNICATION",
        "CARDHOLDER_INFORMATION",
        "PURCHASE_ACKNOWLEDGEMENT",
        "DUPLICATE_CHARGE_DOCUMENTATION",
        "PRODUCT_OR_SERVICE_DESCRIPTION",
        "RECEIPT",
        "SERVICE_RECEIVED_DOCUMENTATION",
        "PROOF_OF_DELIVERY_DOCUMENTATION",
        "RELATED_TRANSACTION_DOCUMENTATION",
        "REBUTTAL_EXPLANATION",
        "TRACKING_NUMBER",
    }
)
OPEN, DUE, DECIDE = "dispute.open", "dispute.due", "dispute.decide"
_DAY = 86_400_000


def get(account: SquareAccount, id_: str) -> Dispute:
    """A dispute; 404 for an unknown one."""
    found = account.of(DISPUTES).get(id_)
    if found is None:
        raise invalid("NOT_FOUND", f"Dispute with ID `{id_}` not found.", "dispute_id", status=404)
    return found


def open_one(
    account: SquareAccount, payment: Payment, reason: str, amount: int | None = None, *, inquiry: bool = False
) -> Dispute:
    """The bank asks money back, or only asks.

    Raises:
        ValueError: the payment was not captured, or less of it than is disputed.
    """
    amount = payment.total if amount is None else amount
    if payment.status != COMPLETED or not 0 < amount <= payment.total:
        raise ValueError(f"Payment {payment.id} is {payment.status} over {payment.total}; that cannot be disputed.")
    if reason not in REASONS.values():
        raise ValueError(f"No reason is called {reason!r}; reasons are {', '.join(REASONS.values())}.")
    now = account.now()
    due = (now // _DAY + account.settings.dispute_due_days) * _DAY
    made = Dispute(
        id=account.ids.text(22),
        created=now,
        updated=now,
        payment=payment.id,
        location=payment.location,
        state=INQUIRY if inquiry else REQUIRED,
        reason=reason,
        currency=payment.currency,
        amount=amount,
        brand=payment.card.brand if payment.card is not None else "OTHER_BRAND",
        brand_id=account.ids.text(22),
        reported=now // _DAY * _DAY,
        due=due,
    )
    account.of(DISPUTES).add(made)
    account.set_timer(due / 1000, DUE, made.id)
    _tell(account, made, "dispute.created")
    return made


def accept(account: SquareAccount, one: Dispute) -> Dispute:
    """The seller gives in."""
    if one.state not in _WAITS:
        raise invalid("BAD_REQUEST", f"A dispute in the state {one.state} cannot be accepted.", "dispute_id")
    return _move(account, one, ACCEPTED)


def add_evidence(account: SquareAccount, one: Dispute, **fields: Any) -> Evidence:
    """Keep a piece of evidence; ``fields`` are those of ``Evidence``."""
    if one.state not in _WAITS:
        raise invalid("BAD_REQUEST", f"A dispute in the state {one.state} takes no evidence.", "dispute_id")
    kind = fields.get("type") or "GENERIC_EVIDENCE"
    if kind not in TYPES:
        detail = f"`{kind}` is not a valid enum value for `evidence_type`."
        raise invalid("INVALID_ENUM_VALUE", detail, "evidence_type")
    made = Evidence(id=account.ids.text(20), created=account.now(), dispute=one.id, **{**fields, "type": kind})
    account.of(EVIDENCE).add(made)
    changed = _put(account, one, evidence=(*one.evidence, made.id))
    _tell(account, changed, "dispute.evidence.created")
    return made


def evidence(account: SquareAccount, one: Dispute, id_: str) -> Evidence:
    """A piece of evidence; 404 for an unknown one, or one of another dispute."""
    found = account.of(EVIDENCE).get(id_)
    if found is None or found.dispute != one.id:
        raise invalid("NOT_FOUND", f"Dispute evidence with ID `{id_}` not found.", "evidence_id", status=404)
    return found


def remove_evidence(account: SquareAccount, one: Dispute, id_: str) -> None:
    """Take a piece of evidence back, as long as nothing was submitted."""
    found = evidence(account, one, id_)
    if one.state not in _WAITS:
        raise invalid("BAD_REQUEST", "Evidence that was submitted cannot be removed.", "evidence_id")
    account.of(EVIDENCE).remove(found.id)
    changed = _put(account, one, evidence=tuple(known for known in one.evidence if known != found.id))
    _tell(account, changed, "dispute.evidence.deleted")


def submit(account: SquareAccount, one: Dispute) -> Dispute:
    """Send the evidence to the bank, which decides in time."""
    if one.state not in _WAITS:
        raise invalid("BAD_REQUEST", f"A dispute in the state {one.state} takes no evidence.", "dispute_id")
    moved = _move(account, one, _WAITS[one.state])
    account.set_timer(account.clock.now() + account.settings.dispute_decision_seconds, DECIDE, moved.id)
    return moved


def resolve(account: SquareAccount, one: Dispute, outcome: str) -> Dispute:
    """The bank decides: WON, LOST, or (an inquiry) INQUIRY_CLOSED or EVIDENCE_REQUIRED.

    Raises:
        ValueError: it was decided before, or there is no such outcome.
    """
    inquiry = one.state.startswith("INQUIRY")
    known = {"INQUIRY_CLOSED", REQUIRED} if inquiry else {WON, LOST}
    if one.state in {WON, LOST, ACCEPTED, "INQUIRY_CLOSED"}:
        raise ValueError(f"Dispute {one.id} is {one.state} already.")
    if outcome not in known:
        raise ValueError(f"A dispute in the state {one.state} ends {' or '.join(sorted(known))}, not {outcome}.")
    return _move(account, one, outcome)


def shown(one: Dispute) -> dict[str, Any]:
    """As it is sent."""
    view: dict[str, Any] = {
        "id": one.id,
        "amount_money": {"amount": one.amount, "currency": one.currency},
        "reason": one.reason,
        "state": one.state,
        "due_at": timestamp(one.due),
        "disputed_payment": {"payment_id": one.payment},
    }
    if one.evidence:
        view["evidence_ids"] = list(one.evidence)
    return view | {
        "card_brand": one.brand,
        "created_at": timestamp(one.created),
        "updated_at": timestamp(one.updated),
        "brand_dispute_id": one.brand_id,
        "reported_at": timestamp(one.reported),
        "version": one.version,
        "location_id": one.location,
    }


def shown_evidence(one: Evidence) -> dict[str, Any]:
    """A piece of evidence as it is sent."""
    view: dict[str, Any] = {"id": one.id, "dispute_id": one.dispute}
    if one.file_name is not None:
        view["evidence_file"] = {"filename": one.file_name, "filetype": one.file_type}
    if one.text is not None:
        view["evidence_text"] = one.text
    return view | {"uploaded_at": timestamp(one.created), "evidence_type": one.type}


def _tell(account: SquareAccount, one: Dispute, type_: str) -> None:
    emit(account, type_, one.id, "dispute", shown(one), location=one.location)


def _move(account: SquareAccount, one: Dispute, state: str) -> Dispute:
    changed = _put(account, one, state=state)
    _tell(account, changed, "dispute.state.updated")
    return changed


def _put(account: SquareAccount, one: Dispute, **changes: Any) -> Dispute:
    return account.of(DISPUTES).put(replace(one, version=one.version + 1, updated=account.now(), **changes))


def _test_amount(account: SquareAccount, payment: Payment) -> None:
    """A test amount is disputed some time after it was captured."""
    if payment.amount in REASONS and payment.card is not None:
        account.set_timer(account.clock.now() + account.settings.dispute_seconds, OPEN, payment.id)


payments.captured.append(_test_amount)


@registry.timer(OPEN)
def _open(account: SquareAccount, payment_id: str) -> None:
    payment = account.of(PAYMENTS).get(payment_id)
    if payment is not None and payment.status == COMPLETED:
        open_one(account, payment, REASONS[payment.amount])


@registry.timer(DUE)
def _due(account: SquareAccount, id_: str) -> None:
    """Nobody answered in time."""
    one = account.of(DISPUTES).get(id_)
    if one is not None and one.state in _WAITS:
        _move(account, one, LOST if one.state == REQUIRED else "INQUIRY_CLOSED")


@registry.timer(DECIDE)
def _decide(account: SquareAccount, id_: str) -> None:
    one = account.of(DISPUTES).get(id_)
    if one is None or one.state not in _WAITS.values():
        return
    if one.state == "INQUIRY_PROCESSING":
        _move(account, one, "INQUIRY_CLOSED")
        return
    pieces = [found for known in one.evidence if (found := account.of(EVIDENCE).get(known)) is not None]
    words = " ".join((piece.file_name or piece.text or "") for piece in pieces[-1:])
    _move(account, one, LOST if "evidence_lost" in words or "losing" in words else WON)
