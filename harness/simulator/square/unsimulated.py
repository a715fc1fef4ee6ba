"""Answers for what is not there: parts of Square that are left out, and paths that Square does not have."""

from __future__ import annotations

from harness.simulator.square.errors import SquareError, invalid

PAGE = "docs/simulator/square.md"
"""The fidelity page, where everything that is not simulated is listed."""
AREAS = {
    "/v2/subscriptions": "Subscriptions",
    "/v2/invoices": "Invoices",
    "/v2/catalog": "Catalog",
    "/v2/inventory": "Inventory",
    "/v2/gift-cards": "Gift cards",
    "/v2/loyalty": "Loyalty",
    "/v2/terminals": "Terminal",
    "/v2/devices": "Devices",
    "/v2/bookings": "Bookings",
    "/v2/payouts": "Payouts",
    "/v2/bank-accounts": "Bank accounts",
    "/v2/cash-drawers": "Cash drawers",
    "/v2/team-members": "Team",
    "/v2/labor": "Labor",
    "/v2/vendors": "Vendors",
    "/v2/apple-pay": "Apple Pay",
    "/v2/online-checkout": "Checkout settings",
    "/v2/customers": "This call of customers",
    "/v2/orders": "This call of orders",
    "/v2/disputes": "This call of disputes",
    "/v2/webhooks": "This call of webhooks",
    "/v2/events": "This call of events",
    "/v2/locations": "This call of locations",
    "/v2/payments": "This call of payments",
    "/v2/refunds": "This call of refunds",
    "/v2/cards": "This call of cards",
    "/oauth2/": "OAuth",
    "/mobile/": "Mobile authorization",
}
"""Parts of the real API by the beginning of their paths."""


def refusal(method: str, path: str) -> SquareError:
    """501 for what real Square has, 404 elsewhere."""
    for start, area in AREAS.items():
        if path.startswith(start) and ".." not in path and not path.endswith("/"):
            return not_simulated(area, f"{method} {path}")
    return SquareError(404)


def not_simulated(area: str, call: str) -> SquareError:
    """A refusal that says plainly that the simulator lacks something."""
    detail = f"{area} ({call}) is not simulated; see {PAGE} for what is, and use Square's sandbox for this call."
    return invalid("NOT_IMPLEMENTED", detail, status=501)
