"""Reconciling on request."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from reference_impl import reconciliation
from reference_impl.api import auth, models

staff_router = APIRouter(tags=["staff"], dependencies=[Depends(auth.staff)])


@staff_router.post("/operator/reconcile")
async def reconcile(settings: auth.TheSettings) -> models.ReportView:
    """Ask the provider for what was missed, settle what is unknown, compare the books; what did not agree."""
    report = await reconciliation.reconcile(settings)
    return models.ReportView(
        drift=[
            models.DriftView(
                kind=one.kind, object_id=one.object_id, order_id=one.order_id, message=one.message, settled=one.settled
            )
            for one in report.drift
        ],
        checked=report.checked,
    )
