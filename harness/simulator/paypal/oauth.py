"""Access tokens: given out for a client id and its secret, expired by the virtual clock, revoked on demand.

Source: PayPal, "Authentication". A client id without a secret gets a public token, as the browser SDK does; it may
only confirm a payment source and read an order.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from msgspec import Struct

from harness.simulator.kernel.messages import Request
from harness.simulator.paypal.errors import OAuthError, PayPalError
from harness.simulator.paypal.formats import TOKEN, timestamp

if TYPE_CHECKING:
    from harness.simulator.paypal.account import PayPalAccount

PATH = "/v1/oauth2/token"
PATHS = frozenset({PATH})
"""Where a client authenticates with its secret instead of a token."""
_SCOPES = (
    "https://uri.paypal.com/services/invoicing",
    "https://uri.paypal.com/services/vault/payment-tokens/read",
    "https://uri.paypal.com/services/disputes/read-buyer",
    "https://uri.paypal.com/services/payments/realtimepayment",
    "https://uri.paypal.com/services/disputes/update-seller",
    "https://uri.paypal.com/services/payments/payment/authcapture",
    "openid",
    "https://uri.paypal.com/services/disputes/read-seller",
    "Braintree:Vault",
    "https://uri.paypal.com/services/payments/refund",
    "https://uri.paypal.com/services/reporting/search/read",
    "https://uri.paypal.com/services/vault/payment-tokens/readwrite",
    "https://uri.paypal.com/services/applications/webhooks",
    "https://uri.paypal.com/services/subscriptions",
)
SCOPE = " ".join(_SCOPES)
PUBLIC_SCOPE = "https://uri.paypal.com/services/payments/client-payments-eligibility Braintree:Vault"


class Token(Struct, kw_only=True):
    """An access token that was given out."""

    text: str
    account: Any
    expires: float
    """Epoch seconds by the account's clock."""
    public: bool
    revoked: bool = False


class Tokens:
    """All access tokens of the simulator."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._of: dict[str, list[str]] = {}

    def issue(self, account: PayPalAccount, *, public: bool) -> Token:
        """A fresh token."""
        text = f"A21AA{account.token_ids.spelled(TOKEN, 92)}"
        token = Token(
            text=text, account=account, expires=account.clock.now() + account.settings.token_seconds, public=public
        )
        self._tokens[text] = token
        self._of.setdefault(account.key, []).append(text)
        return token

    def get(self, text: str) -> Token | None:
        """A token that was given out, whether or not it still is good."""
        return self._tokens.get(text)

    def check(self, text: str) -> Token:
        """A token that is good.

        Raises:
            OAuthError: 401 ``invalid_token`` for one that is unknown, revoked or expired.
        """
        token = self._tokens.get(text)
        if token is None or token.revoked:
            raise OAuthError("invalid_token", "Access Token not found in cache")
        if token.account.clock.now() >= token.expires:
            raise OAuthError("invalid_token", "The token has expired")
        return token

    def revoke(self, account: PayPalAccount, text: str | None = None) -> int:
        """Revoke one token of an account, or all that are good; how many."""
        revoked = 0
        for one in self._of.get(account.key, ()):
            token = self._tokens[one]
            if not token.revoked and (text is None or text == one):
                token.revoked = True
                revoked += 1
        return revoked


def basic(request: Request) -> tuple[str, str] | None:
    """Client id and secret of a Basic authorization; None where there is none that can be read."""
    scheme, _, rest = (request.header(b"authorization") or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(rest.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    client_id, colon, secret = text.partition(":")
    return (unquote(client_id), unquote(secret)) if colon and client_id else None


def bearer(request: Request) -> str | None:
    """The token of a Bearer authorization."""
    scheme, _, rest = (request.header(b"authorization") or "").partition(" ")
    return rest.strip() or None if scheme.lower() == "bearer" else None


def grant(account: PayPalAccount, form: dict[str, str], *, public: bool) -> dict[str, Any]:
    """The answer of the token endpoint.

    Raises:
        PayPalError: 400 in OAuth's shape for another kind of grant.
    """
    kind = form.get("grant_type")
    if not kind:
        raise OAuthError("invalid_request", "Grant type is missing", 400)
    if kind != "client_credentials":
        raise OAuthError("unsupported_grant_type", "unsupported grant_type", 400)
    token = account.tokens.issue(account, public=public)
    now = account.now()
    return {
        "scope": PUBLIC_SCOPE if public else SCOPE,
        "access_token": token.text,
        "token_type": "Bearer",
        "app_id": account.app_id,
        "expires_in": account.settings.token_seconds,
        "nonce": f"{timestamp(now)}{account.token_ids.spelled(TOKEN, 43)}",
    }


def refused_client() -> PayPalError:
    """401 of a client that is not known by this secret."""
    return OAuthError("invalid_client", "Client Authentication failed")
