"""Fields of a charge that are there only when ``expand`` asks for them."""

from __future__ import annotations

from harness.simulator.stripe.account import StripeAccount
from harness.simulator.stripe.state.kinds import REFUNDS
from harness.simulator.stripe.wire.render import Json, includes, rendered_list

SHOWN = 10


@includes("charge", "refunds")
def refunds(charge: Json, account: StripeAccount) -> Json:
    """The refunds of a charge, newest first."""
    found = account.of(REFUNDS).by("charge", charge["id"])[::-1]
    return rendered_list(found[:SHOWN], account, f"/v1/charges/{charge['id']}/refunds", has_more=len(found) > SHOWN)
