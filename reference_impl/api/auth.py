"""Who is calling: the holder of an order's token, or staff.

Bearer tokens in a header, so that no link and no form can act. The dependencies are coroutines although they await
nothing: a plain function would be sent through a pool of threads, which costs more than all the rest of a request.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Request

from reference_impl import ids
from reference_impl.errors import Unauthorised
from reference_impl.settings import Settings

_SCHEME = "Bearer "


async def settings_of(request: Request) -> Settings:
    """The settings of this process."""
    return _settings(request)


async def shopper_token(authorization: Annotated[str | None, Header(include_in_schema=False)] = None) -> str:
    """The order token of a shopper; whether it fits the order is asked where the order is read."""
    token = _bearer(authorization)
    if not token.startswith("ot_"):
        raise Unauthorised("Send the token of the order: Authorization: Bearer ot_...")
    return token


async def staff(request: Request, authorization: Annotated[str | None, Header(include_in_schema=False)] = None) -> None:
    """Refuse everybody who does not hold the operator token."""
    expected = _settings(request).operator_token.get_secret_value()
    if not ids.same(_bearer(authorization), expected):
        raise Unauthorised("Send the operator token: Authorization: Bearer op_...")


async def idempotency_key(
    idempotency_key: Annotated[str | None, Header(max_length=255, pattern=r"^[\x21-\x7e]+$")] = None,
) -> str | None:
    """A key of the caller's choice: the same request under the same key is done once. Only a digest of it is kept."""
    return idempotency_key


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _bearer(header: str | None) -> str:
    return header[len(_SCHEME) :] if header and header.startswith(_SCHEME) else ""


ShopperToken = Annotated[str, Depends(shopper_token)]
IdempotencyKey = Annotated[str | None, Depends(idempotency_key)]
TheSettings = Annotated[Settings, Depends(settings_of)]
