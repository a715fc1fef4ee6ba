"""Operations of tokens."""

from __future__ import annotations

from harness.simulator.stripe.routes.registry import Call, operation
from harness.simulator.stripe.state import payment_methods, tokens
from harness.simulator.stripe.state.tokens import TOKENS, Token
from harness.simulator.stripe.wire import tokens as wire

__all__ = ["wire"]


@operation("POST /v1/tokens", publishable=True)
def create_token(call: Call) -> Token:
    """Exchange details for a token."""
    raw_allowed = call.publishable or call.account.settings.raw_card_data
    return tokens.create(call.account, call.params, raw_allowed=raw_allowed)


@operation("GET /v1/tokens/{token}", publishable=True)
def retrieve_token(call: Call, token_id: str) -> Token:
    """Read a token."""
    return call.account.get(TOKENS, token_id, "token")


payment_methods.token_resolvers.append(tokens.fields)
