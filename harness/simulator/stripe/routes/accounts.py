"""Operations of the account that a key belongs to. Other accounts (Stripe Connect) are not simulated."""

from __future__ import annotations

from harness.simulator.stripe import errors
from harness.simulator.stripe.routes.registry import Call, operation
from harness.simulator.stripe.wire.accounts import account_object
from harness.simulator.stripe.wire.render import Json


@operation("GET /v1/account")
def retrieve_own_account(call: Call) -> Json:
    """Read the account."""
    return account_object(call.account)


@operation("GET /v1/accounts/{account}")
def retrieve_account(call: Call, account_id: str) -> Json:
    """Read the account by its id; 403 for any other."""
    if account_id != call.account.id:
        raise errors.StripeError(
            f"The provided key does not have access to account '{account_id}' (or that account does not exist). "
            "Application access may have been revoked.",
            status=403,
            code="account_invalid",
            stored=False,
        )
    return account_object(call.account)
