"""Signing schemes, delivery plans, receipts: carrying a provider's events to a target, well or badly."""

from harness.courier.checksum import with_checksum_of
from harness.courier.courier import Carried, Courier, exchange
from harness.courier.events import Event, altered, fits, made_up, printed
from harness.courier.forging import forged_object, made_up_payment
from harness.courier.forms import (
    FORGERIES,
    PAYPAL_FORGERIES,
    SQUARE_FORGERIES,
    VARIANTS,
    Parcel,
    Variant,
    forgery,
    variant,
)
from harness.courier.names import NAMES, PAYPAL_NAMES, SQUARE_NAMES, type_of
from harness.courier.paypal_signing import PayPalScheme, SigningCertificate
from harness.courier.plan import Plan, plan
from harness.courier.polling import Poller
from harness.courier.shapes import PAYPAL, SHAPES, SQUARE, STRIPE, Shape
from harness.courier.signing import (
    RIGHTLY,
    UNSIGNED,
    Address,
    CertificateKind,
    CertificateSigning,
    Key,
    Part,
    Scheme,
    Signing,
    StripeScheme,
)
from harness.courier.square_signing import SquareScheme

__all__ = [
    "FORGERIES",
    "NAMES",
    "PAYPAL",
    "PAYPAL_FORGERIES",
    "PAYPAL_NAMES",
    "RIGHTLY",
    "SHAPES",
    "SQUARE",
    "SQUARE_FORGERIES",
    "SQUARE_NAMES",
    "STRIPE",
    "UNSIGNED",
    "VARIANTS",
    "Address",
    "Carried",
    "CertificateKind",
    "CertificateSigning",
    "Courier",
    "Event",
    "Key",
    "Parcel",
    "Part",
    "PayPalScheme",
    "Plan",
    "Poller",
    "Scheme",
    "Shape",
    "Signing",
    "SigningCertificate",
    "SquareScheme",
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
    "with_checksum_of",
]
