"""Signing schemes, delivery plans, receipts: carrying a provider's events to a target, well or badly."""

from harness.courier.courier import Carried, Courier, exchange
from harness.courier.events import NAMES, Event, altered, fits, made_up, printed, type_of
from harness.courier.forging import forged_object, made_up_payment
from harness.courier.plan import FORGERIES, VARIANTS, Parcel, Plan, Variant, forgery, plan, variant
from harness.courier.polling import Poller
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
    "Poller",
    "Scheme",
    "Signing",
    "StripeScheme",
    "Variant",
    "altered",
    "exchange",
    "fits",
    "forged_object",
    "forgery",
    "made_up",
    "made_up_payment",
    "plan",
    "printed",
    "type_of",
    "variant",
]
