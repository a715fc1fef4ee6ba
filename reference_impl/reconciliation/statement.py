"""Comparing our books with the provider's: every line of its statement, and every payment that it says is ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from reference_impl import database, gateways
from reference_impl.gateways.errors import NotFound
from reference_impl.gateways.truth import IntentStatus, Movement
from reference_impl.ledger import rules as books
from reference_impl.ledger.table import LedgerEntry, LedgerTransaction
from reference_impl.payments import locating
from reference_impl.payments.table import Payment, ProviderObject
from reference_impl.reconciliation import reading
from reference_impl.reconciliation.catch_up import Drift, Report, bring_in_line

_NEWEST = 200
_OURS = frozenset({"charge", "refund", "refund_failure", "dispute", "dispute_reversal"})
"""Kinds of movement that orders cause; payouts and the provider's own charges are accounted for elsewhere."""


async def compare(provider: str, report: Report) -> None:
    """Compare the provider's statement with the ledger, line by line, in both directions."""
    seen: set[str] = set()
    gateway = gateways.get(provider)
    lines = reading.back_to(
        f"{provider}:movements", provider, gateway.movements(), lag_seconds=gateway.statement_lag_seconds
    )
    async for batch in lines:
        report.checked += len(batch.items)
        seen |= {one.id for one in batch.items}
        ours = [one for one in batch.items if one.kind in _OURS]
        booked = await _booked([one.id for one in ours])
        for movement in ours:
            if movement.id not in booked:
                batch.news = True
                await _missing(provider, movement, report)
            elif booked[movement.id] != movement.net:
                message = f"The ledger has a net of {booked[movement.id]}, the statement {movement.net} minor units."
                report.drift.append(Drift("movement_differs", movement.id, message, settled=False))
    await _invented(provider, seen, report)


async def orphans(provider: str, report: Report) -> frozenset[str]:
    """Find payments at the provider that name an order of ours and that we do not know.

    Answers which of those that we know nobody has begun to pay: there is nothing more to ask about them.
    """
    untouched: set[str] = set()
    async for batch in reading.back_to(f"{provider}:payments", provider, gateways.get(provider).intents()):
        report.checked += len(batch.items)
        named = [one for one in batch.items if one.metadata.get("order_id")]
        known = await _known(provider, [one.id for one in named])
        for intent in named:
            if intent.id in known:
                if intent.status is IntentStatus.CREATED and not intent.over:
                    untouched.add(intent.id)
                continue
            batch.news = True
            try:
                payment_id = await locating.adopt(provider, intent)
            except (locating.Stray, locating.Unlocated):
                order_id = intent.metadata.get("order_id")
                message = "The provider has a payment that names this order, and the shop did not make it."
                report.drift.append(Drift("orphan_payment", intent.id, message, order_id, settled=False))
            else:
                await bring_in_line(payment_id, intent.id, "the answer that named this payment was lost", report)
    return frozenset(untouched)


async def _missing(provider: str, movement: Movement, report: Report) -> None:
    payment_id = await _payment_of(provider, movement)
    if payment_id is not None:
        await bring_in_line(payment_id, movement.id, "the statement has a line that the ledger had not", report)
        if (await _booked([movement.id])).get(movement.id) == movement.net:
            return
    message = f"The statement has a {movement.kind} of {movement.amount} {movement.currency} that belongs to no order."
    report.drift.append(Drift("movement_not_in_ledger", movement.id, message, settled=False))


async def _invented(provider: str, seen: set[str], report: Report) -> None:
    """The newest lines of the ledger that the statement should have shown: does the provider know them at all?"""
    due = datetime.now(UTC) - timedelta(seconds=gateways.get(provider).statement_lag_seconds)
    async with database.transaction() as session:
        newest = await session.scalars(
            select(LedgerTransaction)
            .join(Payment, Payment.id == LedgerTransaction.payment_id)
            .where(
                LedgerTransaction.source_kind == "movement", Payment.provider == provider, LedgerTransaction.at < due
            )
            .order_by(LedgerTransaction.id.desc())
            .limit(_NEWEST)
        )
        unseen = [(one.source_id, one.order_id) for one in newest if one.source_id not in seen]
    for movement_id, order_id in unseen:
        try:
            await gateways.get(provider).movement(movement_id)
        except NotFound:
            message = "The ledger has a line that the provider's statement has not."
            report.drift.append(Drift("movement_not_at_provider", movement_id, message, order_id, settled=False))


async def _booked(movement_ids: list[str]) -> dict[str, int]:
    """Net of these movements in our account of the provider's balance."""
    async with database.transaction() as session:
        rows = await session.execute(
            select(LedgerTransaction.source_id, func.coalesce(func.sum(LedgerEntry.debit - LedgerEntry.credit), 0))
            .join(
                LedgerEntry,
                (LedgerEntry.transaction_id == LedgerTransaction.id) & (LedgerEntry.account == books.BALANCE),
                isouter=True,
            )
            .where(LedgerTransaction.source_kind == "movement", LedgerTransaction.source_id.in_(movement_ids))
            .group_by(LedgerTransaction.source_id)
        )
        return {source_id: int(net) for source_id, net in rows}


async def _payment_of(provider: str, movement: Movement) -> str | None:
    async with database.transaction() as session:
        return await session.scalar(
            select(ProviderObject.payment_id).where(
                ProviderObject.provider == provider, ProviderObject.object_id == (movement.source or "")
            )
        )


async def _known(provider: str, object_ids: list[str]) -> set[str]:
    async with database.transaction() as session:
        return set(
            await session.scalars(
                select(ProviderObject.object_id).where(
                    ProviderObject.provider == provider, ProviderObject.object_id.in_(object_ids)
                )
            )
        )
