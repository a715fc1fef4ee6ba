"""What happens to a dispute: what the seller does, what the buyer and PayPal do, what time brings."""

from __future__ import annotations

from msgspec.structs import replace

from harness.simulator.paypal.account import PayPalAccount
from harness.simulator.paypal.errors import unprocessable
from harness.simulator.paypal.formats import timestamp
from harness.simulator.paypal.registry import timer
from harness.simulator.paypal.state import amounts, captures, refunds
from harness.simulator.paypal.state.disputes import (
    BUYER,
    CANCELED,
    CHARGEBACK,
    DAY,
    DISPUTES,
    DUE,
    INQUIRY,
    LOST,
    NOTHING,
    PRE_ARBITRATION,
    RESOLVED,
    REVIEW,
    SELLER,
    WANTED_AT_FIRST,
    WON,
    Dispute,
    Note,
    deadline,
    resolved,
    updated,
)
from harness.simulator.paypal.wire import disputes as wire

WANTED_AGAIN = ("PROOF_OF_FULFILLMENT", "PROOF_OF_REFUND", "PROOF_OF_DELIVERY_SIGNATURE")
"""Evidence that PayPal asks for after it has seen some."""
APPEAL_DAYS = 10
APPEAL_OVER = "dispute.appeal_over"


# ---- what the seller does ------------------------------------------------------------------------


def provide_evidence(account: PayPalAccount, it: Dispute, evidences: list[Note]) -> Dispute:
    """Evidence goes to PayPal, which looks at it."""
    now = timestamp(account.now())
    made = [
        {**one, "source": "SUBMITTED_BY_SELLER", "date": now, "dispute_life_cycle_stage": it.stage} for one in evidences
    ]
    status = SELLER if it.stage == INQUIRY else REVIEW
    return updated(account, it, evidences=(*it.evidences, *made), wanted=(), status=status)


def provide_supporting_info(account: PayPalAccount, it: Dispute, note: Note) -> Dispute:
    """More to think about; nobody's turn changes."""
    info = {
        **note,
        "source": "SUBMITTED_BY_SELLER",
        "provided_time": timestamp(account.now()),
        "dispute_life_cycle_stage": it.stage,
    }
    return updated(account, it, supporting=(*it.supporting, info))


def accept_claim(account: PayPalAccount, it: Dispute, amount: int | None = None) -> Dispute:
    """The seller gives in: the buyer is refunded."""
    return _refunded(account, it, min(amount or it.amount, it.amount), LOST)


def escalate(account: PayPalAccount, it: Dispute) -> Dispute:
    """An inquiry becomes a claim that PayPal decides; the money stays withheld."""
    it = replace(it, stage=CHARGEBACK, status=SELLER, wanted=WANTED_AT_FIRST, returning=False)
    return updated(account, deadline(account, it, account.settings.dispute_due_days))


def send_message(account: PayPalAccount, it: Dispute, content: str, documents: list[Note]) -> Dispute:
    """A word to the buyer."""
    message: Note = {"posted_by": "SELLER", "time_posted": timestamp(account.now()), "content": content}
    if documents:
        message["documents"] = documents
    return updated(account, it, messages=(*it.messages, message))


def make_offer(account: PayPalAccount, it: Dispute, kind: str, amount: int | None, note: str) -> Dispute:
    """An offer to the buyer, whose turn it is."""
    if amount is not None and not 0 < amount <= it.amount:
        raise unprocessable("INVALID_OFFER_AMOUNT", "/offer_amount/value", amounts.text(amount, it.currency))
    return updated(account, it, offers=(*it.offers, _offer(account, it, "SELLER", kind, amount, note)), status=BUYER)


def appeal(account: PayPalAccount, it: Dispute, evidences: list[Note]) -> Dispute:
    """A lost claim is looked at again, once."""
    made = tuple({**one, "source": "SUBMITTED_BY_SELLER"} for one in evidences)
    return updated(
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
        return updated(account, it, status=SELLER)
    if last["offer_type"] == "REFUND":
        return _refunded(account, it, last.get("amount") or it.amount, LOST)
    if last["offer_type"] == "REPLACEMENT_WITHOUT_REFUND":
        return resolved(account, it, CANCELED)
    return updated(account, it, status=SELLER, returning=True)


def require_evidence(account: PayPalAccount, it: Dispute, *, seller: bool) -> Dispute:
    """PayPal wants to hear more, from one side."""
    it = replace(it, status=SELLER, wanted=WANTED_AGAIN) if seller else replace(it, status=BUYER)
    return updated(account, deadline(account, it, account.settings.dispute_due_days))


def decide(account: PayPalAccount, it: Dispute, *, seller: bool) -> Dispute:
    """PayPal decides. For the buyer: the money is taken back from the seller, with a fee. It can be appealed once."""
    kind = "DENY_BUYER" if seller else "RECOVER_FROM_SELLER"
    made = {"type": kind, "adjudication_time": timestamp(account.now()), "dispute_life_cycle_stage": it.stage}
    it = replace(it, adjudications=(*it.adjudications, made))
    if seller:
        return resolved(account, it, WON)
    capture = captures.get(account, it.capture)
    amount = min(it.amount - it.refunded, capture.amount - capture.refunded)
    if amount > 0:
        captures.reverse(account, capture, amount, "CHARGEBACK")
        it = replace(_settled(account, it, amount), refunded=it.refunded + amount)
    until = None if it.appealed else account.now() + APPEAL_DAYS * DAY
    if until is not None:
        account.set_timer(until, APPEAL_OVER, it.id)
    return resolved(account, replace(it, appealable_until=until), LOST)


def withdraw(account: PayPalAccount, it: Dispute) -> Dispute:
    """The buyer lets it be."""
    return resolved(account, it, CANCELED)


@timer(DUE)
def due(account: PayPalAccount, dispute_id: str) -> None:
    """Nobody answered in time: an inquiry ends without an outcome, a claim goes against the one who was silent."""
    it = account.of(DISPUTES).get(dispute_id)
    if it is None or it.status == RESOLVED:
        return
    if it.stage == INQUIRY:
        resolved(account, it, NOTHING)
    elif it.status in {SELLER, BUYER}:
        decide(account, it, seller=it.status == BUYER)


@timer(APPEAL_OVER)
def appeal_over(account: PayPalAccount, dispute_id: str) -> None:
    """The time to appeal has passed."""
    it = account.of(DISPUTES).get(dispute_id)
    if it is not None and it.status == RESOLVED:
        account.of(DISPUTES).put(replace(it, appealable_until=None))


# ---- inside --------------------------------------------------------------------------------------


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
    capture = captures.get(account, it.capture)
    amount = min(amount, capture.amount - capture.refunded)
    it = account.of(DISPUTES).put(replace(it, status=RESOLVED, refunded=it.refunded + amount))
    if amount > 0:
        refunds.make(account, capture, {"amount": amounts.money(amount, it.currency)})
    return resolved(account, it, outcome)


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
