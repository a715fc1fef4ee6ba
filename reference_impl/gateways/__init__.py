"""The providers of this process, by name; opened once at start-up."""

from __future__ import annotations

from reference_impl.gateways.protocol import Gateway
from reference_impl.settings import Settings

_open: dict[str, Gateway] = {}

STRIPE = "stripe"
PAYPAL = "paypal"
SQUARE = "square"


def open_all(settings: Settings) -> None:
    """Make the gateways of this process: of each provider that the settings name."""
    if settings.takes_stripe:
        from reference_impl.gateways.stripe import StripeGateway

        _open[STRIPE] = StripeGateway(settings)
    if settings.takes_paypal:
        from reference_impl.gateways.paypal import PayPalGateway

        _open[PAYPAL] = PayPalGateway(settings)
    if settings.takes_square:
        from reference_impl.gateways.square import SquareGateway

        _open[SQUARE] = SquareGateway(settings)


def get(provider: str) -> Gateway:
    """The gateway of a provider; raises ``KeyError`` for one that the shop does not use."""
    return _open[provider]


def names() -> list[str]:
    """Providers that the shop uses."""
    return list(_open)


async def close_all() -> None:
    """Close every gateway."""
    while _open:
        _, gateway = _open.popitem()
        await gateway.close()
