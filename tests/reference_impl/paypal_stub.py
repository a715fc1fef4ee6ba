"""A small stand-in for PayPal over HTTP: it answers what a test tells it to, and remembers what it was asked.

For the traps of the SDK, which are about odd answers that a faithful simulator would not give.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Asked:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Reply:
    """What to answer: ``body`` is JSON unless it is bytes; ``cut`` closes the connection without an answer."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    cut: bool = False


class Stub:
    """Routes are ``(method, path)``; each holds a list of replies, of which the last one stays."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.routes: dict[tuple[str, str], list[Reply]] = {}
        self.tokens = 0
        self.token = lambda: Reply(
            body={"access_token": f"A21-{self.tokens}", "token_type": "Bearer", "expires_in": 32400}
        )
        self._lock = threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def on(self, method: str, path: str, *replies: Reply) -> None:
        self.routes[method, path] = list(replies)

    def calls(self, path: str) -> list[Asked]:
        return [one for one in self.asked if one.path.split("?")[0] == path]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def _reply(self, asked: Asked) -> Reply:
        with self._lock:
            self.asked.append(asked)
            if asked.path == "/v1/oauth2/token":
                self.tokens += 1
                return self.token()
            replies = self.routes.get((asked.method, asked.path.split("?")[0]))
            if not replies:
                return Reply(404, {"name": "RESOURCE_NOT_FOUND", "details": [{"issue": "INVALID_RESOURCE_ID"}]})
            return replies.pop(0) if len(replies) > 1 else replies[0]

    def _handler(stub) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - the handler's own self is another one
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                reply = stub._reply(Asked(self.command, self.path, dict(self.headers), body))
                time.sleep(reply.seconds)
                if reply.cut:
                    self.close_connection = True
                    self.connection.close()
                    return
                content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
                self.send_response(reply.status)
                self.send_header("Content-Length", str(len(content)))
                for name, text in {"Content-Type": "application/json", **reply.headers}.items():
                    self.send_header(name, text)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PATCH = answer  # noqa: N815 - the names that the base class looks for

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        return Handler


def issue(status: int, name: str, issue: str) -> Reply:
    """An error in PayPal's shape."""
    return Reply(status, {"name": name, "message": "words that may change", "details": [{"issue": issue}]})
