"""The smallest HTTP client that can carry a webhook: one POST on its own connection, no redirects, one deadline.

Each delivery opens its own connection, so that an endpoint which cuts a connection sees exactly one attempt.
"""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from urllib.parse import urlsplit

import httptools

_MAX_ANSWER = 1_048_576


class DeliveryError(Exception):
    """No answer came; the message says why in a few words."""


def is_loopback(host: str | None) -> bool:
    """Whether a host name (without brackets) can only mean this machine."""
    if not host:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost" or host.lower().endswith(".localhost")


async def post(url: str, headers: list[tuple[str, str]], body: bytes, timeout: float) -> int:  # noqa: ASYNC109
    """Send a POST and wait for the whole answer; its status.

    Args:
        url: absolute http or https URL.
        headers: sent as they are, ``Host`` and ``Content-Length`` are added.
        body: the exact bytes.
        timeout: seconds until the attempt counts as failed.

    Raises:
        DeliveryError: refused, reset, timed out or not HTTP.
    """
    try:
        async with asyncio.timeout(timeout):
            return await _exchange(url, headers, body)
    except TimeoutError as error:
        raise DeliveryError(f"timed out after {timeout:g} s") from error
    except ConnectionRefusedError as error:
        raise DeliveryError("connection refused") from error
    except (httptools.HttpParserError, UnicodeError) as error:
        raise DeliveryError(f"answer is not HTTP: {error}") from error
    except OSError as error:
        raise DeliveryError(f"connection failed: {error.__class__.__name__}") from error


async def _exchange(url: str, headers: list[tuple[str, str]], body: bytes) -> int:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    context = ssl.create_default_context() if secure else None
    reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=context)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [f"POST {target} HTTP/1.1", f"Host: {parts.netloc.rpartition('@')[2]}"]
        lines += [f"{name}: {value}" for name, value in headers]
        lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
        writer.write("\r\n".join(lines).encode("latin-1") + body)
        answer = _Answer()
        parser = httptools.HttpResponseParser(answer)
        while not answer.complete:
            chunk = await reader.read(65536)
            if not chunk:
                break
            answer.read += len(chunk)
            parser.feed_data(chunk)
            if answer.read > _MAX_ANSWER:
                break
        if not answer.started:
            raise DeliveryError("connection closed without an answer")
        return parser.get_status_code()
    finally:
        writer.close()


class _Answer:
    """Callbacks of the parser."""

    def __init__(self) -> None:
        self.started = False
        self.complete = False
        self.read = 0

    def on_headers_complete(self) -> None:
        self.started = True

    def on_message_complete(self) -> None:
        self.complete = True
