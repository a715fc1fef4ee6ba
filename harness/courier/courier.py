"""Carrying parcels to a webhook endpoint, signed at the moment they leave, with a receipt for each.

What is not accepted (2xx) is carried again with a fresh signature until it is, as the provider would; the property that
counts under duplicates and outages is the state after every delivery was accepted, not that each was accepted at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import httpx

from harness.courier.plan import Batch, Parcel
from harness.courier.signing import Scheme, StripeScheme
from harness.record.model import Exchange, Message, Receipt

OnReceipt = Callable[[Receipt], None]
OnExchange = Callable[[httpx.Request, httpx.Response | None, float, str | None], None]
_PAUSE_FIRST, _PAUSE_LONGEST = 0.02, 0.5


@dataclass(slots=True)
class Carried:
    """One delivery that was made: the receipt, and what was sent, byte for byte, for whoever wants to send it again."""

    receipt: Receipt
    parcel: Parcel
    body: bytes
    headers: dict[str, str]
    answer: bytes = b""
    answer_headers: dict[str, str] = field(default_factory=dict)

    @property
    def accepted(self) -> bool:
        """The endpoint acknowledged it (2xx)."""
        return self.receipt.status // 100 == 2  # noqa: PLR2004 - HTTP


class Courier:
    """Carries to one endpoint of one provider.

    Args:
        url: the endpoint.
        secrets: signing secrets of the endpoint, newest first.
        client: shared HTTP client.
        provider: named in receipts.
        on_receipt: told of every receipt.
        on_exchange: told of every request with its answer.
    """

    def __init__(
        self,
        url: str,
        secrets: Sequence[str],
        client: httpx.AsyncClient,
        *,
        scheme: Scheme | None = None,
        provider: str = "stripe",
        on_receipt: OnReceipt | None = None,
        on_exchange: OnExchange | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.url, self.secrets, self.client = url, list(secrets), client
        self.scheme: Scheme = scheme or StripeScheme()
        self.provider = provider
        self.on_receipt, self.on_exchange, self._clock = on_receipt, on_exchange, clock

    async def carry(self, parcel: Parcel) -> Carried:
        """Carry one parcel once."""
        if parcel.after:
            await asyncio.sleep(parcel.after)
        headers = self.scheme.headers(parcel.body, self.secrets, self._clock(), parcel.signing)
        body = parcel.tamper(parcel.body) if parcel.tamper else parcel.body
        return await self.send(parcel, body, headers)

    async def send(self, parcel: Parcel, body: bytes, headers: dict[str, str]) -> Carried:
        """Send these bytes with these headers; what a replay does with what was recorded."""
        request = self.client.build_request("POST", self.url + parcel.path_suffix, content=body, headers=headers)
        at, started = datetime.now(UTC), time.perf_counter()
        response, error = None, None
        try:
            response = await self.client.send(request, follow_redirects=False)
        except httpx.TransportError as failure:
            error = str(failure) or type(failure).__name__
        ms = (time.perf_counter() - started) * 1000
        receipt = Receipt(
            parcel.event.id,
            parcel.event.type,
            self.provider,
            parcel.variant,
            response.status_code if response is not None else 0,
            ms,
            at.isoformat(timespec="microseconds"),
            datetime.fromtimestamp(parcel.event.created, UTC).isoformat(timespec="microseconds"),
            object_id=parcel.event.object_id,
            error=error,
        )
        if self.on_exchange:
            self.on_exchange(request, response, ms, error)
        if self.on_receipt:
            self.on_receipt(receipt)
        if response is None:
            return Carried(receipt, parcel, body, headers)
        return Carried(receipt, parcel, body, headers, response.content, dict(response.headers))

    async def carry_until_accepted(self, parcel: Parcel, within: float = 10.0) -> list[Carried]:
        """Carry a parcel, and again with a fresh signature until it is accepted; every try in order.

        Where it is never accepted within ``within`` seconds the tries say so; that is for the caller to judge.
        """
        tries = [await self.carry(parcel)]
        pause, deadline = _PAUSE_FIRST, time.monotonic() + within
        while parcel.again and not tries[-1].accepted and time.monotonic() < deadline:
            await asyncio.sleep(pause)
            pause = min(pause * 2, _PAUSE_LONGEST)
            tries.append(
                await self.carry(replace(parcel, after=0.0, variant=f"{parcel.variant}, try {len(tries) + 1}"))
            )
        return tries

    async def carry_all(self, batches: Iterable[Batch], *, within: float = 10.0) -> list[Carried]:
        """Carry a plan: the parcels of a batch at the same moment, the batches in order.

        Then again what was not accepted.
        """
        made: list[Carried] = []
        for batch in batches:
            results = await asyncio.gather(*(self.carry_until_accepted(parcel, within) for parcel in batch))
            made += [one for tries in results for one in tries]
        return made


def exchange(request: httpx.Request, response: httpx.Response | None, ms: float, error: str | None) -> Exchange:
    """A delivery as an exchange of the courier's, not redacted yet."""
    return Exchange(
        "courier",
        request.method,
        str(request.url),
        Message(dict(request.headers), request.content.decode("utf-8", "replace"), len(request.content)),
        Message(dict(response.headers), response.text, len(response.content)) if response is not None else None,
        response.status_code if response is not None else 0,
        ms,
        error,
    )
