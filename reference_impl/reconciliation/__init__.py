"""Reconciliation: what was missed is found, what is unknown is settled, what does not agree is reported."""

from __future__ import annotations

from reference_impl import gateways
from reference_impl.effects import outbox
from reference_impl.reconciliation import catch_up, statement
from reference_impl.reconciliation.catch_up import Drift, Report
from reference_impl.settings import Settings

__all__ = ["Drift", "Report", "reconcile"]


async def reconcile(settings: Settings) -> Report:
    """Bring the shop in line with every provider, and report in what they did not agree.

    Raises ``OutcomeUnknown`` when a provider cannot be asked; what was settled before that stays settled.
    """
    report = Report()
    await catch_up.settle_unknowns(report)
    for provider in gateways.names():
        await catch_up.missed_events(settings, provider, report)
        untouched = await statement.orphans(provider, report)
        await catch_up.open_payments(provider, report, untouched)
        await statement.compare(provider, report)
    await outbox.deliver()
    return report
