"""Disputes: inquiries and claims, from opening to the decision, and what they do to the seller's money.

inquiry (stage INQUIRY)    WAITING_FOR_SELLER_RESPONSE <-> WAITING_FOR_BUYER_RESPONSE; closed by itself after 20 days,
                           by an offer that is accepted or by the seller's giving in; escalated it becomes a claim
claim (stage CHARGEBACK)   WAITING_FOR_SELLER_RESPONSE -> UNDER_REVIEW -> RESOLVED; an appeal reopens it once

Sources: PayPal, "Disputes API", "Test and go live" (disputes); integrators' notes of the sandbox for the links of each
state, the hold, the dispute fee and ``ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE``.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from harness.simulator.kernel.ids import spelling
from harness.simulator.paypal.account import PayPalAccount, table
from harness.simulator.paypal.errors import PayPalError, detail, unprocessable
from harness.simulator.paypal.events import emit
from harness.simulator.paypal.formats import timestamp
from harness.simulator.paypal.registry import timer
from harness.simulator.paypal.state import amounts, captures
from harness.simulator.paypal.state.objects import COMPLETED, PARTIALLY_REFUNDED, Capture
from harness.simulator.paypal.wire import disputes as wire

INQUIRY, CHARGEBACK, PRE_ARBITRATION = "INQUIRY", "CHARGEBACK", "PRE_ARBITRATION"
SELLER, BUYER, REVIEW, RESOLVED = (
    "WAITING_FOR_SELLER_RESPONSE",
    "WAITING_FOR_BUYER_RESPONSE",
    "UNDER_REVIEW",
    "RESOLVED",
)
LOST, WON, CANCELED, NOTHING = "RESOLVED_BUYER_FAVOUR", "RESOLVED_SELLER_FAVOUR", "CANCELED_BY_BUYER", "NONE"
INQUIRIES = frozenset({"MERCHANDISE_OR_SERVICE_NOT_RECEIVED", "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED"})
REASONS = INQUIRIES | {
    "UNAUTHORISED",
    "CREDIT_NOT_PROCESSED",
    "DUPLICATE_TRANSACTION",
    "INCORRECT_AMOUNT",
    "PAYMENT_BY_OTHER_MEANS",
    "CANCELED_RECURRING_BILLING",
    "PROBLEM_WITH_REMITTANCE",
    "OTHER",
}
WANTED_AT_FIRST = ("PROOF_OF_FULFILLMENT", "PROOF_OF_REFUND", "OTHER")
WANTED_AGAIN = ("PROOF_OF_FULFILLMENT", "PROOF_OF_REFUND", "PROOF_OF_DELIVERY_SIGNATURE")
APPEAL_DAYS = 10
_DAY = 86400
_DUE, _APPEAL_OVER = "dispute.due", "dispute.appeal_over"
_LETTERS, _DIGITS = spelling("ABCDEFGHJKLMNPQRSTUVWXYZ"), spelling("0123456789")

Note = dict[str, Any]


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
    channel: str = "INTERNAL"
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
) -> Dispute:
    """A buyer disputes a capture, all that is left of it or ``amount`` (minor units).

    Raises:
        ValueError: this capture cannot be disputed in this way, in one sentence.
    """
    left = capture.amount - capture.refunded
    if reason not in REASONS:
        raise ValueError(f"Unknown reason {reason!r}; use one of: {', '.join(sorted(REASONS))}.")
    if inquiry and reason not in INQUIRIES:
        raise ValueError(f"An inquiry has one of the reasons {', '.join(sorted(INQUIRIES))}; {reason} is a claim.")
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
    )
    if not inquiry:
        it = _withheld(account, replace(it, wanted=WANTED_AT_FIRST))
    it = account.of(DISPUTES).add(it)
    it = _deadline(account, it, account.settings.inquiry_days if inquiry else account.settings.dispute_due_days)
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


# ---- what the seller does ------------------------------------------------------------------------


def provide_evidence(account: PayPalAccount, it: Dispute, evidences: list[Note]) -> Dispute:
    """Evidence goes to PayPal, which looks at it."""
    now = timestamp(account.now())
    made = [
        {**one, "source": "SUBMITTED_BY_SELLER", "date": now, "dispute_life_cycle_stage": it.stage} for one in evidences
    ]
    status = SELLER if it.stage == INQUIRY else REVIEW
    return _updated(account, it, evidences=(*it.evidences, *made), wanted=(), status=status)


def provide_supporting_info(account: PayPalAccount, it: Dispute, note: Note) -> Dispute:
    """More to think about; nobody's turn changes."""
    info = {
        **note,
        "source": "SUBMITTED_BY_SELLER",
        "provided_time": timestamp(account.now()),
        "dispute_life_cycle_stage": it.stage,
    }
    return _updated(account, it, supporting=(*it.supporting, info))


def accept_claim(account: PayPalAccount, it: Dispute, amount: int | None = None) -> Dispute:
    """The seller gives in: the buyer is refunded."""
    return _refunded(account, it, min(amount or it.amount, it.amount), LOST)


def escalate(account: PayPalAccount, it: Dispute) -> Dispute:
    """An inquiry becomes a claim that PayPal decides; the money is withheld."""
    it = replace(_withheld(account, it), stage=CHARGEBACK, status=SELLER, wanted=WANTED_AT_FIRST, returning=False)
    return _updated(account, _deadline(account, it, account.settings.dispute_due_days))


def send_message(account: PayPalAccount, it: Dispute, content: str, documents: list[Note]) -> Dispute:
    """A word to the buyer."""
    message: Note = {"posted_by": "SELLER", "time_posted": timestamp(account.now()), "content": content}
    if documents:
        message["documents"] = documents
    return _updated(account, it, messages=(*it.messages, message))


def make_offer(account: PayPalAccount, it: Dispute, kind: str, amount: int | None, note: str) -> Dispute:
    """An offer to the buyer, whose turn it is."""
    if amount is not None and not 0 < amount <= it.amount:
        raise unprocessable("INVALID_OFFER_AMOUNT", "/offer_amount/value", amounts.text(amount, it.currency))
    return _updated(account, it, offers=(*it.offers, _offer(account, it, "SELLER", kind, amount, note)), status=BUYER)


def appeal(account: PayPalAccount, it: Dispute, evidences: list[Note]) -> Dispute:
    """A lost claim is looked at again, once."""
    made = tuple({**one, "source": "SUBMITTED_BY_SELLER"} for one in evidences)
    return _updated(
        account,
        it,
        status=REVIEW,
        stage=PRE_ARBITRATION,
        outcome=None,
        appealed=True,
        appealable_until=None,
        evidences=(*it.evidences, *made),
    )


def acknowledge_return(account: PayPalAccount, it: Dispute) -> Dispute:
    """The goods are back: the agreed refund is made."""
    offered = it.offers[-1].get("amount", it.amount) if it.offers else it.amount
    return _refunded(account, it, offered, LOST)


# ---- what the buyer and PayPal do ----------------------------------------------------------------


def answer_offer(account: PayPalAccount, it: Dispute, note: str | None, *, accepted: bool) -> Dispute:
    """The buyer takes an offer, or does not."""
    last = it.offers[-1]
    word = "ACCEPTED" if accepted else "DENIED"
    answer = {**_offer(account, it, "BUYER", last["offer_type"], last.get("amount"), note), "event_type": word}
    it = replace(it, offers=(*it.offers, answer))
    if not accepted:
        return _updated(account, it, status=SELLER)
    if last["offer_type"] == "REFUND":
        return _refunded(account, it, last.get("amount") or it.amount, LOST)
    if last["offer_type"] == "REPLACEMENT_WITHOUT_REFUND":
        return _resolved(account, it, CANCELED)
    return _updated(account, it, status=SELLER, returning=True)


def require_evidence(account: PayPalAccount, it: Dispute, *, seller: bool) -> Dispute:
    """PayPal wants to hear more, from one side."""
    it = replace(it, status=SELLER, wanted=WANTED_AGAIN) if seller else replace(it, status=BUYER)
    return _updated(account, _deadline(account, it, account.settings.dispute_due_days))


def decide(account: PayPalAccount, it: Dispute, *, seller: bool) -> Dispute:
    """PayPal decides. For the buyer: the money is taken back from the seller, with a fee. It can be appealed once."""
    kind = "DENY_BUYER" if seller else "RECOVER_FROM_SELLER"
    made = {"type": kind, "adjudication_time": timestamp(account.now()), "dispute_life_cycle_stage": it.stage}
    it = replace(it, adjudications=(*it.adjudications, made))
    if seller:
        return _resolved(account, it, WON)
    capture = captures.get(account, it.capture)
    amount = min(it.amount - it.refunded, capture.amount - capture.refunded)
    if amount > 0:
        captures.reverse(account, capture, amount, "CHARGEBACK")
        it = replace(_settled(account, it, amount), refunded=it.refunded + amount)
    until = None if it.appealed else account.now() + APPEAL_DAYS * _DAY
    if until is not None:
        account.set_timer(until, _APPEAL_OVER, it.id)
    return _resolved(account, replace(it, appealable_until=until), LOST)


def withdraw(account: PayPalAccount, it: Dispute) -> Dispute:
    """The buyer lets it be."""
    return _resolved(account, it, CANCELED)


@timer(_DUE)
def due(account: PayPalAccount, dispute_id: str) -> None:
    """Nobody answered in time: an inquiry ends without an outcome, a claim goes against the one who was silent."""
    it = account.of(DISPUTES).get(dispute_id)
    if it is None or it.status == RESOLVED:
        return
    if it.stage == INQUIRY:
        _resolved(account, it, NOTHING)
    elif it.status in {SELLER, BUYER}:
        decide(account, it, seller=it.status == BUYER)


@timer(_APPEAL_OVER)
def appeal_over(account: PayPalAccount, dispute_id: str) -> None:
    """The time to appeal has passed."""
    it = account.of(DISPUTES).get(dispute_id)
    if it is not None and it.status == RESOLVED:
        account.of(DISPUTES).put(replace(it, appealable_until=None))


def withheld(account: PayPalAccount) -> dict[str, int]:
    """What open claims withhold, by currency, in minor units."""
    found: dict[str, int] = {}
    for it in account.of(DISPUTES):
        if it.held and it.status != RESOLVED:
            found[it.currency] = found.get(it.currency, 0) + it.amount
    return found


def refuse_refund(account: PayPalAccount, capture: Capture, amount: int) -> None:
    """No refund while a claim is open: PayPal decides who gets the money."""
    del amount
    if any(it.stage != INQUIRY for it in _open_ones(account, capture.id)):
        raise unprocessable("TRANSACTION_DISPUTED")


captures.refund_checks.append(refuse_refund)


# ---- inside --------------------------------------------------------------------------------------


def _open_ones(account: PayPalAccount, capture_id: str) -> list[Dispute]:
    return [it for it in account.of(DISPUTES).by("capture", capture_id) if it.status != RESOLVED]


def _withheld(account: PayPalAccount, it: Dispute) -> Dispute:
    moved = wire.movement(account, it, "SELLER", "DEBIT", "HOLD_PLACED", it.amount)
    return replace(it, held=True, movements=(*it.movements, moved))


def _settled(account: PayPalAccount, it: Dispute, amount: int) -> Dispute:
    """What a lost claim moves: the amount from the seller to the buyer, and the fee."""
    fee = amounts.minor(account.settings.dispute_fee, it.currency) or 0
    moved = [wire.movement(account, it, "SELLER", "DEBIT", "DISPUTE_SETTLEMENT", amount)]
    if fee:
        moved.append(wire.movement(account, it, "SELLER", "DEBIT", "DISPUTE_FEE", fee))
    moved.append(wire.movement(account, it, "BUYER", "CREDIT", "DISPUTE_SETTLEMENT", amount))
    return replace(it, movements=(*it.movements, *moved))


def _refunded(account: PayPalAccount, it: Dispute, amount: int, outcome: str) -> Dispute:
    """The seller's own refund, as far as money is left, closes the dispute."""
    from harness.simulator.paypal.state import refunds

    capture = captures.get(account, it.capture)
    amount = min(amount, capture.amount - capture.refunded)
    it = account.of(DISPUTES).put(replace(it, status=RESOLVED, refunded=it.refunded + amount))
    if amount > 0:
        refunds.make(account, capture, {"amount": amounts.money(amount, it.currency)})
    return _resolved(account, it, outcome)


def _resolved(account: PayPalAccount, it: Dispute, outcome: str) -> Dispute:
    if it.held and outcome != LOST:
        moved = wire.movement(account, it, "SELLER", "CREDIT", "HOLD_RELEASED", it.amount)
        it = replace(it, movements=(*it.movements, moved))
    account.timers.cancel(_DUE, it.id)
    it = replace(it, status=RESOLVED, outcome=outcome, due=None, wanted=(), held=False, updated=account.now())
    account.of(DISPUTES).put(it)
    _tell(account, it, "RESOLVED", "A dispute was resolved with case # ")
    return it


def _updated(account: PayPalAccount, it: Dispute, **changes: Any) -> Dispute:
    it = replace(it, updated=account.now(), **changes)
    if it.status == REVIEW:
        account.timers.cancel(_DUE, it.id)
        it = replace(it, due=None)
    account.of(DISPUTES).put(it)
    _tell(account, it, "UPDATED", "A dispute was updated with case # ")
    return it


def _deadline(account: PayPalAccount, it: Dispute, days: float) -> Dispute:
    moment = int(account.now() + days * _DAY)
    account.set_timer(moment, _DUE, it.id)
    return account.of(DISPUTES).put(replace(it, due=moment))


def _offer(account: PayPalAccount, it: Dispute, actor: str, kind: str, amount: int | None, note: str | None) -> Note:
    made: Note = {
        "offer_time": timestamp(account.now()),
        "actor": actor,
        "event_type": "PROPOSED",
        "offer_type": kind,
        "dispute_life_cycle_stage": it.stage,
    }
    if amount is not None:
        made["amount"] = amount
    if note:
        made["notes"] = note
    return made


def _tell(account: PayPalAccount, it: Dispute, word: str, summary: str) -> None:
    resource = wire.event(account, it, actions(it))
    emit(account, f"CUSTOMER.DISPUTE.{word}", "dispute", None, summary + it.id, resource)
