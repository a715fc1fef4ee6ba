"""Answers for what is not there: parts of PayPal that are left out, and paths that PayPal does not have."""

from __future__ import annotations

from harness.simulator.paypal.errors import PayPalError

PAGE = "docs/simulator/paypal.md"
"""The fidelity page, where everything that is not simulated is listed."""
AREAS = {
    "/v1/billing/": "Subscriptions and plans",
    "/v1/catalogs/": "Catalog products",
    "/v1/payments/payouts": "Payouts",
    "/v1/payments/": "Payments v1",
    "/v1/invoicing/": "Invoicing",
    "/v2/invoicing/": "Invoicing",
    "/v1/customer/partners": "Partner referrals",
    "/v2/customer/partner-referrals": "Partner referrals",
    "/v1/customer/disputes": "This call of disputes",
    "/v1/identity/": "Identity and client tokens",
    "/v1/oauth2/": "OpenID Connect",
    "/v1/shipping/": "Shipment tracking v1",
    "/v1/reporting/": "This call of reporting",
    "/v1/notifications/": "This call of webhooks",
    "/v2/vault/": "Vault v2",
    "/v3/vault/": "This call of the vault",
    "/v2/payments/": "This call of payments",
    "/v2/checkout/": "This call of orders",
}
"""Parts of the real API by the beginning of their paths."""


def refusal(method: str, path: str) -> PayPalError:
    """501 for what real PayPal has, 404 elsewhere."""
    for start, area in AREAS.items():
        if path.startswith(start) and ".." not in path and not path.endswith("/"):
            return not_simulated(area, f"{method} {path}")
    return PayPalError(404)


def not_simulated(area: str, call: str) -> PayPalError:
    """A refusal that says plainly that the simulator lacks something."""
    return PayPalError(
        501,
        name="NOT_SIMULATED",
        message=f"{area} ({call}) is not simulated; see {PAGE} for what is, and use PayPal's sandbox for this call.",
    )
