"""Contesting and accepting disputes."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from sqlalchemy import select

from reference_impl import database, gateways, keys
from reference_impl.api import auth, models
from reference_impl.disputes import rules
from reference_impl.disputes.table import Dispute
from reference_impl.errors import Conflict, NotFound
from reference_impl.gateways.errors import Refused
from reference_impl.orders import views
from reference_impl.payments import sync
from reference_impl.payments.table import Payment

staff_router = APIRouter(tags=["staff"], dependencies=[Depends(auth.staff)])
_LONGEST_ID = 255


@staff_router.post("/operator/disputes/{provider_id}/evidence")
async def submit_evidence(provider_id: str, request: models.EvidenceRequest) -> models.OperatorOrderView:
    """Contest a dispute: save evidence, or send it to the bank, which can be done once and before the deadline."""
    dispute, payment = await _dispute(provider_id)
    if dispute.state not in rules.ANSWERABLE:
        raise Conflict("dispute_not_answerable", f"The dispute is {dispute.state}; evidence is not taken any more.")
    key = keys.for_evidence(provider_id, request.text, submit=request.submit)
    try:
        await gateways.get(payment.provider).submit_evidence(provider_id, request.text, submit=request.submit, key=key)
    except Refused as error:
        await sync.synchronise(payment.id, "evidence refused", about="dispute")
        raise Conflict("evidence_refused", "The provider did not take the evidence; is the deadline over?") from error
    await sync.synchronise(payment.id, "evidence", about="dispute")
    return await views.for_staff(dispute.order_id)


@staff_router.post("/operator/disputes/{provider_id}/accept")
async def accept_dispute(provider_id: str) -> models.OperatorOrderView:
    """Accept a dispute as lost; accepting it again changes nothing."""
    dispute, payment = await _dispute(provider_id)
    if dispute.state == rules.LOST:
        return await views.for_staff(dispute.order_id)
    if dispute.state not in rules.ANSWERABLE:
        raise Conflict("dispute_not_answerable", f"The dispute is {dispute.state}; there is nothing to accept.")
    try:
        await gateways.get(payment.provider).accept_dispute(provider_id, keys.for_acceptance(provider_id))
    except Refused as error:
        await sync.synchronise(payment.id, "acceptance refused", about="dispute")
        raise Conflict(
            "acceptance_refused", "The provider did not close the dispute; look at how it stands."
        ) from error
    await sync.synchronise(payment.id, "accepted", about="dispute")
    return await views.for_staff(dispute.order_id)


async def _dispute(provider_id: str) -> tuple[Dispute, Payment]:
    """A dispute, brought in line with the provider first."""
    if not provider_id.isascii() or not provider_id.isprintable() or len(provider_id) > _LONGEST_ID:
        raise NotFound("There is no such dispute here.", "dispute_not_found")
    payment_id = await _payment_id(provider_id)
    await sync.synchronise(payment_id, "dispute looked at", about="dispute")
    async with database.statement() as session:
        return await session.get_one(Dispute, provider_id), await session.get_one(Payment, payment_id)


async def _payment_id(provider_id: str) -> str:
    async with database.statement() as session:
        found = await session.scalar(select(Dispute.payment_id).where(Dispute.provider_id == provider_id))
    if found is None:
        raise NotFound("There is no such dispute here.", "dispute_not_found")
    return found
