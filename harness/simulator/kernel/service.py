"""The ASGI application that every simulated provider is served by.

Layers, in order: body, control interface, open pages, account, rate limit, faults before, idempotency, execution,
faults after, journal. A call is executed in one piece on the event loop; nothing can come between its changes.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote

from harness.simulator.kernel.account import Account
from harness.simulator.kernel.control import CONTROL_PREFIX, Control
from harness.simulator.kernel.faults import AFTER, Fault
from harness.simulator.kernel.messages import Answer, Request
from harness.simulator.kernel.protocol import TRANSPORT
from harness.simulator.kernel.provider import Provider

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

OBSERVER = b"x-payharness-actor"
"""Header of calls that a test makes itself, to see or to act as the shopper.

Faults are for the target and pass them by.
"""

_log = logging.getLogger("harness.simulator")


class Service:
    """ASGI application around a provider."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.control = Control(provider)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one connection event."""
        if scope["type"] != "http":
            await _lifespan(receive, send)
            return
        body = await self._body(receive)
        request = Request(
            scope["method"], _path(scope), scope["query_string"], scope["headers"], body or b"", scope.get(TRANSPORT)
        )
        transport = request.transport
        if body is None:
            answer: Answer | None = self.provider.refused(413, "The request body is too large.", request)
        else:
            try:
                answer = await self.answer(request)
            except Exception:  # noqa: BLE001 - a bug of ours becomes the provider's own 500, and a line in the log
                _log.exception("the simulator failed on %s %s", request.method, request.path)
                answer = self.provider.refused(500, "The simulator failed; its log says where.", request)
        if answer is None:
            if transport is not None:
                transport.abort()
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        headers = answer.headers
        headers.append((b"content-length", b"%d" % len(answer.body)))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def answer(self, request: Request) -> Answer | None:
        """The answer to a call; None where the connection is to be cut instead."""
        if request.path.startswith(CONTROL_PREFIX):
            return await self.control.answer(request)
        provider = self.provider
        open_page = provider.page(request)
        if open_page is not None:
            return open_page
        account = provider.open(request)
        if isinstance(account, Answer):
            provider.finish(request, account, provider.stray(), None)
            return account
        return await self._call(account, request)

    async def _call(self, account: Account, request: Request) -> Answer | None:
        provider = self.provider
        started = time.perf_counter()
        account.catch_up()
        at = account.clock.now()
        request_id = provider.request_id(account)
        key, fault, replayed = None, None, False
        answer: Answer | None = provider.limited(account)
        if answer is None:
            params = provider.params(request)
            if isinstance(params, Answer):
                answer = params
            else:
                if account.faults and request.header(OBSERVER) is None:
                    fault = account.faults.strike(request, params)
                answer, key, replayed = await self._execute(account, request, request_id, fault)
        if answer is not None and answer.later is not None:
            answer = await answer.later()
        if answer is not None:
            provider.finish(request, answer, request_id, key)
        account.journal.write(
            at,
            request,
            answer.status if answer is not None else 0,
            None if answer is None else answer.recipe or answer.body,
            (time.perf_counter() - started) * 1000,
            fault=fault.action if fault is not None else None,
            replayed=replayed,
            request_id=request_id,
            idempotency_key=key or request.header(provider.idempotency_header),
        )
        if fault is not None and fault.action in AFTER:
            if fault.action == "drop_response":
                return None
            await asyncio.sleep(fault.seconds)
        return answer

    async def _execute(  # noqa: C901 - the layers in their order read best in one piece
        self, account: Account, request: Request, request_id: str, fault: Fault | None
    ) -> tuple[Answer | None, str | None, bool]:
        """The answer, the idempotency key, and whether it was given before."""
        provider = self.provider
        if fault is not None and fault.action in {"refuse", "reset"}:
            return None, None, False
        if fault is not None and fault.action == "status":
            return provider.injected(fault), None, False
        key = provider.idempotency_key(request)
        if isinstance(key, Answer):
            return key, None, False
        if key is None:
            if fault is not None and fault.action == "delay":
                await asyncio.sleep(fault.seconds)
                account.catch_up()
            return provider.perform(account, request, request_id, None), None, False
        keys, now = account.idempotency, account.clock.now()
        name, keep = provider.idempotency_scope(request, key)
        kept = keys.find(name, now)
        fingerprint = provider.fingerprint(request)
        if kept is not None:
            if not kept.status:
                return provider.in_flight(key), key, False
            if kept.fingerprint != fingerprint:
                return provider.mismatch(request, key, kept), key, False
            return provider.replay(account, kept), key, True
        kept = keys.begin(name, now, request.path, fingerprint, keep)
        try:
            if fault is not None and fault.action == "delay":
                await asyncio.sleep(fault.seconds)
                account.catch_up()
            answer = provider.perform(account, request, request_id, key)
        except BaseException:
            keys.forget(name)
            raise
        if answer.stored:
            kept.request_id = request_id
            kept.body = answer.replay or answer.recipe or answer.body
            kept.status = answer.status
        else:
            keys.forget(name)
        return answer, key, False

    async def _body(self, receive: Receive) -> bytes | None:
        """The whole body; None where it is too large."""
        message = await receive()
        body: bytes = message.get("body", b"")
        if not message.get("more_body"):
            return body
        chunks, size = [body], len(body)
        while message.get("more_body"):
            message = await receive()
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            if size > self.provider.max_body:
                return None
        return b"".join(chunks)


def _path(scope: Message) -> str:
    """The decoded path, in which an encoded slash stays encoded: it is part of an id, not of the route."""
    path: str = scope["path"]
    raw: bytes = scope.get("raw_path", b"")
    if b"%2" not in raw:
        return path
    return "/".join(unquote(segment).replace("/", "%2F") for segment in raw.decode("latin-1").split("/"))


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await send({"type": "lifespan.shutdown.complete"})
            return
        else:
            return
