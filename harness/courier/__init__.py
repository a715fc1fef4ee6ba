"""Signing schemes, delivery plans, receipts: carrying a provider's events to a target, well or badly."""

from harness.courier.courier import Carried, Courier, exchange
from harness.courier.events import NAMES, Event, altered, fits, made_up, printed, type_of
from harness.courier.plan import FORGERIES, VARIANTS, Parcel, Plan, Variant, forgery, plan, variant
from harness.courier.signing import RIGHTLY, UNSIGNED, Key, Part, Scheme, Signing, StripeScheme

__all__ = [
    "FORGERIES",
    "NAMES",
    "RIGHTLY",
    "UNSIGNED",
    "VARIANTS",
    "Carried",
    "Courier",
    "Event",
    "Key",
    "Parcel",
    "Part",
    "Plan",
    "Scheme",
    "Signing",
    "StripeScheme",
    "Variant",
    "altered",
    "exchange",
    "fits",
    "forgery",
    "made_up",
    "plan",
    "printed",
    "type_of",
    "variant",
]
