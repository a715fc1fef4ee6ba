"""Starts simulated providers: one process, a socket each, one JSON line when they are ready."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence

import uvicorn

from harness.simulator.kernel.protocol import protocol_class
from harness.simulator.kernel.service import Service
from harness.simulator.stripe.app import StripeApp

STRIPE_PORT = 12111
STRIPE_SECRET_KEY = "sk_test_payharness"  # noqa: S105 - the simulator's public default
STRIPE_PUBLISHABLE_KEY = "pk_test_payharness"
_PARENT_CHECK_SECONDS = 0.5


class PortTakenError(Exception):
    """Somebody else listens on a port; the message says which and what to do."""


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM.

    Returns:
        0 after a clean end, 2 for wrong usage or a port that cannot be bound.
    """
    parent = os.getppid()
    try:
        options = _options(argv)
    except SystemExit as error:
        return int(error.code or 0)
    try:
        listener = _bind(options.host, options.stripe_port)
    except PortTakenError as error:
        print(error, file=sys.stderr)  # noqa: T201 - for the person at the terminal
        return 2
    seed = str(options.seed) if options.seed is not None else secrets.token_hex(8)
    try:
        import uvloop

        loop_factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    except ImportError:  # not on every platform
        loop_factory = asyncio.new_event_loop
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(_serve(listener, seed, options, parent))
    return 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="payharness sim", description="Simulated payment providers on this machine.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: loopback only)")
    parser.add_argument("--stripe-port", type=_port, default=STRIPE_PORT, help="0 picks a free one")
    parser.add_argument("--seed", type=int, default=None, help="makes ids repeatable; drawn at random if absent")
    parser.add_argument("--stop-with-parent", action="store_true", help="end when the process that started this ends")
    parser.add_argument(
        "--allow-remote-webhooks", action="store_true", help="deliver webhooks to other machines, not to loopback only"
    )
    return parser.parse_args(argv)


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:  # noqa: PLR2004 - TCP
        raise argparse.ArgumentTypeError(f"{text} is not a port; use 0 to 65535")
    return number


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    if os.name == "posix":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise PortTakenError(
            f"Simulated Stripe cannot listen on {host}:{port} ({error.strerror or error}); "
            "end what uses that port, or choose another one with --stripe-port (0 picks a free one)."
        ) from error
    listener.setblocking(False)
    return listener


async def _serve(listener: socket.socket, seed: str, options: argparse.Namespace, parent: int) -> None:
    provider = StripeApp(seed, remote_webhooks=options.allow_remote_webhooks)

    def malformed(message: str) -> tuple[bytes, bytes]:
        return b"application/json", provider.refused(400, message).body

    config = uvicorn.Config(
        Service(provider),
        http=protocol_class(malformed),
        ws="none",
        lifespan="off",
        log_level="error",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    tasks = [asyncio.create_task(_announce(server, listener, options.host))]
    if options.stop_with_parent:
        tasks.append(asyncio.create_task(_follow_parent(server, parent)))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, _stop, server)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    try:
        with _own_signals(server):
            await server.serve(sockets=[listener])
    finally:
        for task in tasks:
            task.cancel()


@contextlib.contextmanager
def _own_signals(server: uvicorn.Server) -> Iterator[None]:
    """Signals are handled by the loop, above; uvicorn's own handlers would raise them again after the end."""
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
    yield


def _stop(server: uvicorn.Server) -> None:
    server.should_exit = True


async def _announce(server: uvicorn.Server, listener: socket.socket, host: str) -> None:
    while not server.started:  # noqa: ASYNC110 - uvicorn offers no event
        await asyncio.sleep(0.002)
    port = listener.getsockname()[1]
    shown = "127.0.0.1" if host in {"0.0.0.0", "::", ""} else f"[{host}]" if ":" in host else host  # noqa: S104 - compared
    line = {
        "stripe": {
            "url": f"http://{shown}:{port}",
            "secret_key": STRIPE_SECRET_KEY,
            "publishable_key": STRIPE_PUBLISHABLE_KEY,
        }
    }
    print(json.dumps(line), flush=True)  # noqa: T201 - the contract with whoever started this


async def _follow_parent(server: uvicorn.Server, parent: int) -> None:
    while os.getppid() == parent:  # noqa: ASYNC110 - nor does the system
        await asyncio.sleep(_PARENT_CHECK_SECONDS)
    server.should_exit = True
