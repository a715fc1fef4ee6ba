"""The token endpoint."""

from __future__ import annotations

from urllib.parse import parse_qs

from harness.simulator.kernel.messages import Answer
from harness.simulator.paypal import oauth
from harness.simulator.paypal.registry import Call, operation


@operation(f"POST {oauth.PATH}", public=True, raw=True)
def token(call: Call) -> Answer:
    """A fresh access token for the client that asks."""
    form = parse_qs(call.request.body.decode("latin-1"), keep_blank_values=True)
    grant = {name: values[-1] for name, values in form.items()}
    return call.answer(200, oauth.grant(call.account, grant, public=call.public))
