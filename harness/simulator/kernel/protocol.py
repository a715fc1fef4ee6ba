"""uvicorn's HTTP protocol with two additions: the application can reach the transport, and junk gets a shaped answer.

The transport is what a fault cuts; uvicorn itself offers no way to end a connection without an answer.
"""

from __future__ import annotations

from collections.abc import Callable

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

TRANSPORT = "payharness.transport"
"""Key of the scope under which the connection's transport is found."""


def protocol_class(malformed: Callable[[str], tuple[bytes, bytes]]) -> type[HttpToolsProtocol]:
    """A protocol class; ``malformed`` makes (content type, body) of the answer to bytes that are not HTTP."""

    class Protocol(HttpToolsProtocol):
        """HTTP/1.1 for a simulated provider."""

        def on_message_begin(self) -> None:
            """A request begins: put the transport into its scope."""
            super().on_message_begin()
            self.scope[TRANSPORT] = self.transport  # type: ignore[literal-required]  # a key of ours

        def send_400_response(self, msg: str) -> None:
            """Answer bytes that are not HTTP in the provider's own shape."""
            content_type, body = malformed(msg)
            self.transport.write(
                b"HTTP/1.1 400 Bad Request\r\ncontent-type: %b\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b"
                % (content_type, len(body), body)
            )
            self.transport.close()

    return Protocol
