"""Disputes: inquiries and claims, from opening to the decision, and what they do to the seller's money.

inquiry (stage INQUIRY)    WAITING_FOR_SELLER_RESPONSE <-> WAITING_FOR_BUYER_RESPONSE; closed by itself after 20 days,
                           by an offer that is accepted or by the seller's giving in; escalated it becomes a claim
claim (stage CHARGEBACK)   WAITING_FOR_SELLER_RESPONSE -> UNDER_REVIEW -> RESOLVED; an appeal reopens it once

Sources: PayPal, "Disputes API", "Test and go live" (disputes); integrators' notes of the sandbox for the links of each
state, the hold, the dispute fee and ``ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE``.
"""

from __future__ import annotations

from typing import Any, get_args

from msgspec import Struct
from msgspec.structs import replace

from harness.simulator.kernel.ids import spelling
from harness.simulator.kernel.tabled import table
from harness.simulator.paypal.account import PayPalAccount
from harness.simulator.paypal.errors import PayPalError, detail, unprocessable
from harness.simulator.paypal.events import emit
from harness.simulator.paypal.settings import DisputeReason
from harness.simulator.paypal.state import amounts, captures
from harness.simulator.paypal.state.objects import COMPLETED, PARTIALLY_REFUNDED, Capture, Refund
from harness.simulator.paypal.wire import disputes as wire
from harness.simulator.paypal.wire import payments

INQUIRY, CHARGEBACK, PRE_ARBITRATION = "INQUIRY", "CHARGEBACK", "PRE_ARBITRATION"
SELLER, BUYER, REVIEW, RESOLVED = (
    "WAITING_FOR_SELLER_RESPONSE",
    "WAITING_FOR_BUYER_RESPONSE",
    "UNDER_REVIEW",
    "RESOLVED",
)
LOST, WON, CANCELED, NOTHING = "RESOLVED_BUYER_FAVOUR", "RESOLVED_SELLER_FAVOUR", "CANCELED_BY_BUYER", "NONE"
INQUIRIES = frozenset({"MERCHANDISE_OR_SERVICE_NOT_RECEIVED", "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED"})
REASONS = frozenset(get_args(DisputeReason))
INTERNAL, EXTERNAL = "INTERNAL", "EXTERNAL"
CHANNELS = frozenset({INTERNAL, EXTERNAL, "ALERT"})
WANTED_AT_FIRST = ("PROOF_OF_FULFILLMENT", "PROOF_OF_REFUND", "OTHER")
DAY = 86400
DUE = "dispute.due"
_LETTERS, _DIGITS = spelling("ABCDEFGHJKLMNPQRSTUVWXYZ"), spelling("0123456789")

Note = dict[str, Any]
"""Part of a dispute as it is shown."""


class Dispute(Struct, frozen=True, kw_only=True):
    """A dispute. ``amount`` in minor units; moments in epoch seconds; lists hold what is shown, oldest first."""

    id: str
    created: int
    updated: int
    capture: str
    currency: str
    amount: int
    reason: str
    stage: str
    status: str
    channel: str = INTERNAL
    due: int | None = None
    """When the one whose turn it is has to have answered."""
    outcome: str | None = None
    refunded: int = 0
    wanted: tuple[str, ...] = ()
    """Kinds of evidence that the seller is asked for."""
    evidences: tuple[Note, ...] = ()
    supporting: tuple[Note, ...] = ()
    messages: tuple[Note, ...] = ()
    offers: tuple[Note, ...] = ()
    movements: tuple[Note, ...] = ()
    adjudications: tuple[Note, ...] = ()
    communication: Note = {}
    held: bool = False
    """Whether the amount is withheld from the seller."""
    returning: bool = False
    """Whether the buyer sends the goods back for a refund that was agreed on."""
    appealed: bool = False
    appealable_until: int | None = None


DISPUTES = table("dispute", Dispute, indexed=("capture",))


def open_dispute(
    account: PayPalAccount,
    capture: Capture,
    *,
    reason: str = "MERCHANDISE_OR_SERVICE_NOT_RECEIVED",
    amount: int | None = None,
    inquiry: bool = False,
    channel: str = INTERNAL,
) -> Dispute:
    """A buyer disputes a capture, all that is left of it or ``amount`` (minor units).

    ``channel``: INTERNAL at PayPal, EXTERNAL at the buyer's bank, which may not be refunded beside it.

    Raises:
        ValueError: this capture cannot be disputed in this way, in one sentence.
    """
    left = capture.amount - capture.refunded
    if reason not in REASONS:
        raise ValueError(f"Unknown reason {reason!r}; use one of: {', '.join(sorted(REASONS))}.")
    if inquiry and reason not in INQUIRIES:
        raise ValueError(f"An inquiry has one of the reasons {', '.join(sorted(INQUIRIES))}; {reason} is a claim.")
    if channel not in CHANNELS:
        raise ValueError(f"Unknown channel {channel!r}; use one of: {', '.join(sorted(CHANNELS))}.")
    if inquiry and channel != INTERNAL:
        raise ValueError(f"An inquiry is made at PayPal, not by channel {channel}; leave the channel out.")
    if capture.status not in {COMPLETED, PARTIALLY_REFUNDED}:
        raise ValueError(f"Capture {capture.id} is {capture.status}; only money that was taken is disputed.")
    if _open_ones(account, capture.id):
        raise ValueError(f"Capture {capture.id} is disputed already; resolve that dispute first.")
    amount = left if amount is None else amount
    if not 0 < amount <= left:
        raise ValueError(f"Capture {capture.id} has {amounts.text(left, capture.currency)} left; dispute at most that.")
    now = account.now()
    it = Dispute(
        id=f"PP-R-{account.ids.spelled(_LETTERS, 3)}-1{account.ids.spelled(_DIGITS, 7)}",
        created=now,
        updated=now,
        capture=capture.id,
        currency=capture.currency,
        amount=amount,
        reason=reason,
        stage=INQUIRY if inquiry else CHARGEBACK,
        status=SELLER,
        channel=channel,
    )
    it = hold(account, it if inquiry else replace(it, wanted=WANTED_AT_FIRST))
    it = account.of(DISPUTES).add(it)
    it = deadline(account, it, account.settings.inquiry_days if inquiry else account.settings.dispute_due_days)
    _tell(account, it, "CREATED", "A new dispute opened with Case # ")
    return it


def get(account: PayPalAccount, id_: str) -> Dispute:
    """A dispute; 404 for an unknown one."""
    found = account.of(DISPUTES).get(id_)
    if found is None:
        raise PayPalError(404, [detail("INVALID_RESOURCE_ID", "id", id_, location="path")])
    return found


def actions(it: Dispute) -> tuple[str, ...]:
    """What can be done now: the relations of the links, and the only calls that are not refused."""
    if it.status == RESOLVED:
        return ("appeal",) if it.appealable_until is not None else ()
    if it.stage == INQUIRY:
        if it.returning:
            return ("acknowledge_return_item", "send_message", "accept_claim", "escalate")
        if it.status == BUYER:
            return ("accept_offer", "deny_offer", "send_message", "accept_claim", "escalate")
        return ("send_message", "make_offer", "provide_evidence", "accept_claim", "escalate")
    if it.status == SELLER:
        return ("provide_evidence", "provide_supporting_info", "accept_claim")
    if it.status == BUYER:
        return ("provide_supporting_info", "accept_claim")
    return ("provide_supporting_info", "require_evidence", "adjudicate", "accept_claim")


def allow(it: Dispute, action: str) -> None:
    """Refuse what the dispute's state does not allow: 422, and 400 for the calls of the sandbox."""
    if action not in actions(it):
        issue = detail("ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE")
        raise PayPalError(400 if action in {"adjudicate", "require_evidence"} else 422, [issue])


def withheld(account: PayPalAccount) -> dict[str, int]:
    """What open cases withhold, by currency, in minor units (PayPal, "My payment is on hold")."""
    found: dict[str, int] = {}
    for it in account.of(DISPUTES):
        if it.held and it.status != RESOLVED:
            found[it.currency] = found.get(it.currency, 0) + it.amount
    return found


def refuse_refund(account: PayPalAccount, capture: Capture, amount: int) -> None:
    """While a case is open at PayPal only the whole may be refunded; nothing beside a chargeback of the bank's."""
    cases = _open_ones(account, capture.id)
    if any(it.channel == EXTERNAL for it in cases):
        raise unprocessable("REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK")
    if cases and amount < capture.amount - capture.refunded:
        raise unprocessable("TRANSACTION_DISPUTED")


def closed_by_refund(account: PayPalAccount, capture: Capture, refund: Refund) -> None:
    """A refund of the whole gives the buyer what the case was about: it is closed."""
    for it in _open_ones(account, capture.id):
        resolved(account, replace(it, refunded=min(it.amount, it.refunded + refund.amount)), LOST)


def disputed_at_once(account: PayPalAccount, capture: Capture) -> None:
    """With ``dispute_captures`` set: the buyer disputes as soon as the money was taken."""
    reason = account.settings.dispute_captures
    if reason is not None:
        inquiry = account.settings.dispute_inquiries and reason in INQUIRIES
        open_dispute(account, capture, reason=reason, inquiry=inquiry)


captures.refund_checks.append(refuse_refund)
captures.after_refund.append(closed_by_refund)
captures.after_completion.append(disputed_at_once)
payments.disputed.append(lambda account, capture: bool(_open_ones(account, capture.id)))


def _open_ones(account: PayPalAccount, capture_id: str) -> list[Dispute]:
    return [it for it in account.of(DISPUTES).by("capture", capture_id) if it.status != RESOLVED]


def hold(account: PayPalAccount, it: Dispute) -> Dispute:
    """Withhold the amount from the seller."""
    moved = wire.movement(account, it, "SELLER", "DEBIT", "HOLD_PLACED", it.amount)
    return replace(it, held=True, movements=(*it.movements, moved))


def resolved(account: PayPalAccount, it: Dispute, outcome: str) -> Dispute:
    """The end: what is withheld is released unless the buyer gets it."""
    if it.held and outcome != LOST:
        moved = wire.movement(account, it, "SELLER", "CREDIT", "HOLD_RELEASED", it.amount)
        it = replace(it, movements=(*it.movements, moved))
    account.timers.cancel(DUE, it.id)
    it = replace(it, status=RESOLVED, outcome=outcome, due=None, wanted=(), held=False, updated=account.now())
    account.of(DISPUTES).put(it)
    _tell(account, it, "RESOLVED", "A dispute was resolved with case # ")
    return it


def updated(account: PayPalAccount, it: Dispute, **changes: Any) -> Dispute:
    """A new version, and its event; while PayPal looks at it nobody has a deadline."""
    it = replace(it, updated=account.now(), **changes)
    if it.status == REVIEW:
        account.timers.cancel(DUE, it.id)
        it = replace(it, due=None)
    account.of(DISPUTES).put(it)
    _tell(account, it, "UPDATED", "A dispute was updated with case # ")
    return it


def deadline(account: PayPalAccount, it: Dispute, days: float) -> Dispute:
    """Whoever's turn it is has these days."""
    moment = int(account.now() + days * DAY)
    account.set_timer(moment, DUE, it.id)
    return account.of(DISPUTES).put(replace(it, due=moment))


def _tell(account: PayPalAccount, it: Dispute, word: str, summary: str) -> None:
    resource = wire.event(account, it, actions(it))
    emit(account, f"CUSTOMER.DISPUTE.{word}", "dispute", None, summary + it.id, resource)
