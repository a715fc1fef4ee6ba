"""A transport for httpx that costs a third of its own where everything is plain HTTP on this machine.

The harness makes some fifty requests in a scenario; what it adds to one must stay within milliseconds. Plain ``http``
goes through asyncio and httptools, one request on a connection at a time, connections kept for a few seconds;
``https`` goes through httpx's own transport. Nothing is repeated here: a request that the other side may have seen is
for the caller to judge.
"""

from __future__ import annotations

import asyncio
import select
import time
from collections import defaultdict
from typing import Any, cast

import httptools
import httpx

_KEPT = 4.0
"""Seconds for which an idle connection is kept; less than servers keep theirs (uvicorn: 5)."""
_NO_ANSWER = "Server disconnected without sending a response."

Place = tuple[str, int]


def client(*, timeout: float, verify: bool = True, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
    """An httpx client over this transport, deaf to proxies; ``verify`` is for https."""
    transport = LoopbackTransport(verify=verify)
    return httpx.AsyncClient(transport=transport, timeout=timeout, trust_env=False, headers=headers or {})


class LoopbackTransport(httpx.AsyncBaseTransport):
    """Sends plain HTTP itself, hands everything else on."""

    def __init__(self, *, verify: bool = True) -> None:
        self._verify = verify
        self._idle: defaultdict[Place, list[_Connection]] = defaultdict(list)
        self._secure: httpx.AsyncHTTPTransport | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and read its whole answer; raises httpx's own errors."""
        if request.url.scheme != "http":
            return await self._handed_on(request)
        timeouts: dict[str, float | None] = request.extensions.get("timeout", {})
        place = (request.url.host, request.url.port or 80)
        connection = self._kept(place) or await self._connected(place, timeouts.get("connect"), request)
        try:
            async with asyncio.timeout(timeouts.get("read")):
                answer = await connection.exchange(await _bytes(request))
        except TimeoutError as error:
            connection.close()
            raise httpx.ReadTimeout("", request=request) from error
        except httpx.TransportError as error:
            connection.close()
            error.request = request
            raise
        except BaseException:
            connection.close()
            raise
        if connection.reusable and not answer.is_server_error:  # after those, servers hang up when they have logged why
            connection.idle_since = time.monotonic()
            self._idle[place].append(connection)
        else:
            connection.close()
        return answer

    async def aclose(self) -> None:
        """Close every connection."""
        for kept in self._idle.values():
            for connection in kept:
                connection.close()
        self._idle.clear()
        if self._secure:
            await self._secure.aclose()

    def _kept(self, place: Place) -> _Connection | None:
        kept, now = self._idle[place], time.monotonic()
        while kept:
            connection = kept.pop()
            if connection.quiet and now - connection.idle_since < _KEPT:
                return connection
            connection.close()
        return None

    async def _connected(self, place: Place, timeout: float | None, request: httpx.Request) -> _Connection:  # noqa: ASYNC109 - httpx's word
        try:
            async with asyncio.timeout(timeout):
                _, connection = await asyncio.get_running_loop().create_connection(_Connection, *place)
                return connection
        except TimeoutError as error:
            raise httpx.ConnectTimeout("", request=request) from error
        except OSError as error:
            raise httpx.ConnectError(str(error), request=request) from error

    async def _handed_on(self, request: httpx.Request) -> httpx.Response:
        if self._secure is None:
            self._secure = httpx.AsyncHTTPTransport(verify=self._verify)
        return await self._secure.handle_async_request(request)


class _Connection(asyncio.Protocol):
    """One connection: a request, its answer, the next request."""

    def __init__(self) -> None:
        self.closed = False
        self.reusable = False
        self.idle_since = 0.0
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[httpx.Response] | None = None
        self._parser: Any = None
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._begun = False

    @property
    def quiet(self) -> bool:
        """Whether it is open and nothing has come: a server that hung up says so by an end that waits to be read."""
        if self.closed or self._transport is None or self._transport.is_closing():
            return False
        poller = select.poll()
        poller.register(self._transport.get_extra_info("socket").fileno(), select.POLLIN)
        return not poller.poll(0)

    async def exchange(self, sent: bytes) -> httpx.Response:
        """Send the bytes of a request and wait for the answer."""
        self._waiting = asyncio.get_running_loop().create_future()
        self._parser = httptools.HttpResponseParser(self)
        self._headers, self._body, self._begun, self.reusable = [], [], False, False
        assert self._transport is not None
        self._transport.write(sent)
        try:
            return await self._waiting
        finally:
            self._waiting = None

    def close(self) -> None:
        """Close it, whatever goes on."""
        self.closed = True
        if self._transport:
            self._transport.close()

    # asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to write."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own class stands beside asyncio's

    def data_received(self, data: bytes) -> None:
        """Parse what came."""
        if self._waiting is None:
            self.close()  # nobody asked
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(httpx.RemoteProtocolError(str(error)))

    def eof_received(self) -> None:
        """The other side has said all it had to say."""
        if self._begun:
            self._finish()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone: an error for whoever waits."""
        self.closed = True
        if exc is not None:
            self._fail(httpx.ReadError(str(exc)))
        elif self._begun:
            self._finish()
        else:
            self._fail(httpx.RemoteProtocolError(_NO_ANSWER))

    # httptools

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The body follows; it may end with the connection."""
        self._begun = True

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """The answer is whole."""
        self.reusable = bool(self._parser.should_keep_alive())
        self._finish()

    def _finish(self) -> None:
        if self._waiting and not self._waiting.done():
            status = self._parser.get_status_code()
            content = b"".join(self._body)
            self._waiting.set_result(httpx.Response(status, headers=_plain(self._headers), content=content))

    def _fail(self, error: httpx.TransportError) -> None:
        self.closed = True
        if self._waiting and not self._waiting.done():
            self._waiting.set_exception(error)


def _plain(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Headers of a body that is whole: how it was cut into chunks is over."""
    return [(name, value) for name, value in headers if name.lower() != b"transfer-encoding"]


async def _bytes(request: httpx.Request) -> bytes:
    """A request as it goes over the wire."""
    body = await request.aread()
    lines = [b"%s %s HTTP/1.1" % (request.method.encode(), request.url.raw_path)]
    lines += [b"%s: %s" % header for header in request.headers.raw]
    return b"\r\n".join([*lines, b"", body])
