"""Starting a payment, and capturing one."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from reference_impl import gateways
from reference_impl.api import auth, models
from reference_impl.errors import Conflict, Unavailable
from reference_impl.orders import views
from reference_impl.payments import calls, capture, start, tokens
from reference_impl.payments.rules import PaymentState

router = APIRouter(tags=["payments"])
staff_router = APIRouter(tags=["staff"], dependencies=[Depends(auth.staff)])
_UNKNOWN = (
    "The payment provider has not answered yet. Nothing is lost: send the same request again, or look at the order."
)
_BUSY = "The payment provider is too busy to answer; it is asked again. Send the same request to try now."


@router.post("/orders/{order_id}/payments", status_code=201)
async def start_payment(
    order_id: str,
    settings: auth.TheSettings,
    token: auth.ShopperToken,
    response: Response,
    request: models.PaymentRequest | None = None,
) -> models.StartedView:
    """Start the payment of an order (201), or go on with the one under way (200).

    202 while the provider has not answered.
    """
    wanted = request or models.PaymentRequest()
    provider = wanted.provider or gateways.names()[0]
    begun = await start.start(settings, order_id, token, start.Wish(wanted.method, wanted.capture, provider))
    payment = begun.payment
    response.status_code = 201 if begun.new else 200
    if payment.state == PaymentState.UNKNOWN:
        response.status_code = 202
        return models.StartedView(payment=views.of_payment(payment, for_staff=False), message=_UNKNOWN)
    embedded = begun.intent is not None and payment.method == "embedded"
    return models.StartedView(
        payment=views.of_payment(payment, for_staff=False),
        client_secret=begun.intent.client_secret if begun.intent and embedded else None,
        publishable_key=gateways.get(payment.provider).publishable_key if embedded else None,
        redirect_url=_redirect(begun),
    )


@router.post("/orders/{order_id}/payments/token")
async def pay_with_token(
    order_id: str, request: models.TokenRequest, token: auth.ShopperToken, response: Response
) -> models.OrderView:
    """Pay with a token of the provider's card fields: what it costs is ours to say, and the token is tried once.

    202 while the provider has not answered. A decline shows in the order's payment.
    """
    outcome = await tokens.pay(order_id, token, request.token, request.verification_token)
    if outcome.busy:
        raise Unavailable("provider_busy", _BUSY)
    if outcome.state == calls.PENDING:
        response.status_code = 202
    return await views.for_shopper(order_id, token)


def _redirect(begun: start.Begun) -> str | None:
    """Where the shopper goes on: to the hosted page, and from an embedded form only when the provider asks for it."""
    if begun.session is not None:
        return begun.session.url
    if begun.intent is None:
        return None
    asked = begun.payment.method == "hosted" or begun.payment.state == PaymentState.REQUIRES_ACTION
    return begun.intent.redirect_url if asked else None


@staff_router.post("/operator/orders/{order_id}/capture")
async def capture_payment(
    order_id: str,
    response: Response,
    request: models.CaptureRequest | None = None,
    _key: auth.IdempotencyKey = None,
) -> models.OperatorOrderView:
    """Capture what is held, or a part of it (the rest is released).

    A payment is captured once, with or without a key.
    """
    wanted = request or models.CaptureRequest()
    outcome = await capture.capture(order_id, wanted.amount, wanted.currency)
    if outcome.busy:
        raise Unavailable("provider_busy", _BUSY)
    if outcome.state == calls.REFUSED:
        raise Conflict(
            "capture_refused", "The provider refused the capture; look at the order for how the payment stands."
        )
    if outcome.state == calls.PENDING:
        response.status_code = 202
        return await views.for_staff(order_id, message=_UNKNOWN)
    return await views.for_staff(order_id)
