"""Every table, imported in one place so that the metadata is complete."""

from __future__ import annotations

from reference_impl.database import Base
from reference_impl.disputes import table as disputes
from reference_impl.effects import table as effects
from reference_impl.ledger import table as ledger
from reference_impl.orders import table as orders
from reference_impl.payments import table as payments
from reference_impl.reconciliation import table as reconciliation
from reference_impl.refunds import table as refunds
from reference_impl.webhooks import table as webhooks

METADATA = Base.metadata
MODULES = (disputes, effects, ledger, orders, payments, reconciliation, refunds, webhooks)
