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
from dataclasses import dataclass

import uvicorn

from harness.simulator.kernel.protocol import protocol_class
from harness.simulator.kernel.provider import Provider
from harness.simulator.kernel.service import Service

STRIPE_PORT, PAYPAL_PORT, SQUARE_PORT = 12111, 12112, 12113
STRIPE_SECRET_KEY = "sk_test_payharness"  # noqa: S105 - the simulator's public default
STRIPE_PUBLISHABLE_KEY = "pk_test_payharness"
PAYPAL_CLIENT_ID = "payharness"
PAYPAL_CLIENT_SECRET = "payharness"  # noqa: S105 - as above
SQUARE_ACCESS_TOKEN = "EAAApayharness"  # noqa: S105 - as above
_PARENT_CHECK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Simulated:
    """A provider that can be started: what it is called, where, who makes it, what its ready line tells."""

    name: str
    shown: str
    port: int
    make: Callable[[str, bool], Provider]
    credentials: dict[str, str]


def _stripe(seed: str, remote_webhooks: bool) -> Provider:
    from harness.simulator.stripe.app import StripeApp

    return StripeApp(seed, remote_webhooks=remote_webhooks)


def _paypal(seed: str, remote_webhooks: bool) -> Provider:
    from harness.simulator.paypal.app import PayPalApp

    return PayPalApp(seed, remote_webhooks=remote_webhooks)


def _square(seed: str, remote_webhooks: bool) -> Provider:
    from harness.simulator.square.app import SquareApp

    return SquareApp(seed, remote_webhooks=remote_webhooks)


PROVIDERS = (
    Simulated(
        "stripe",
        "Stripe",
        STRIPE_PORT,
        _stripe,
        {"secret_key": STRIPE_SECRET_KEY, "publishable_key": STRIPE_PUBLISHABLE_KEY},
    ),
    Simulated(
        "paypal",
        "PayPal",
        PAYPAL_PORT,
        _paypal,
        {"client_id": PAYPAL_CLIENT_ID, "client_secret": PAYPAL_CLIENT_SECRET},
    ),
    Simulated("square", "Square", SQUARE_PORT, _square, {"access_token": SQUARE_ACCESS_TOKEN}),
)


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
    listeners: dict[str, socket.socket] = {}
    try:
        for one in options.providers:
            listeners[one.name] = _bind(options.host, getattr(options, f"{one.name}_port"), one)
    except PortTakenError as error:
        for listener in listeners.values():
            listener.close()
        print(error, file=sys.stderr)  # noqa: T201 - for the person at the terminal
        return 2
    seed = str(options.seed) if options.seed is not None else secrets.token_hex(8)
    try:
        import uvloop

        loop_factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    except ImportError:  # not on every platform
        loop_factory = asyncio.new_event_loop
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(_serve(listeners, seed, options, parent))
    return 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="payharness sim", description="Simulated payment providers on this machine.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: loopback only)")
    parser.add_argument(
        "--providers",
        type=_chosen,
        default=list(PROVIDERS),
        help=f"which to start, separated by commas (default: {','.join(one.name for one in PROVIDERS)})",
    )
    for one in PROVIDERS:
        parser.add_argument(
            f"--{one.name}-port",
            type=_port,
            default=None,
            help=f"0 picks a free one (default: {one.port}, or a free one where another port is 0)",
        )
    parser.add_argument("--seed", type=int, default=None, help="makes ids repeatable; drawn at random if absent")
    parser.add_argument("--stop-with-parent", action="store_true", help="end when the process that started this ends")
    parser.add_argument(
        "--allow-remote-webhooks", action="store_true", help="deliver webhooks to other machines, not to loopback only"
    )
    options = parser.parse_args(argv)
    anywhere = any(getattr(options, f"{one.name}_port") == 0 for one in PROVIDERS)
    for one in PROVIDERS:
        if getattr(options, f"{one.name}_port") is None:
            setattr(options, f"{one.name}_port", 0 if anywhere else one.port)
    return options


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:  # noqa: PLR2004 - TCP
        raise argparse.ArgumentTypeError(f"{text} is not a port; use 0 to 65535")
    return number


def _chosen(text: str) -> list[Simulated]:
    known = {one.name: one for one in PROVIDERS}
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise argparse.ArgumentTypeError(f"{text!r} names no provider; use one or more of {','.join(known)}")
    return [one for one in PROVIDERS if one.name in names]


def _bind(host: str, port: int, provider: Simulated) -> socket.socket:
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
            f"Simulated {provider.shown} cannot listen on {host}:{port} ({error.strerror or error}); "
            f"end what uses that port, or choose another one with --{provider.name}-port (0 picks a free one)."
        ) from error
    listener.setblocking(False)
    return listener


async def _serve(listeners: dict[str, socket.socket], seed: str, options: argparse.Namespace, parent: int) -> None:
    servers = {one.name: _server(one.make(seed, options.allow_remote_webhooks)) for one in options.providers}
    tasks = [asyncio.create_task(_announce(servers, listeners, options))]
    if options.stop_with_parent:
        tasks.append(asyncio.create_task(_follow_parent(servers, parent)))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # loops on Windows take no handlers; Ctrl-C raises there
            loop.add_signal_handler(number, _stop, servers)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    try:
        with _own_signals(servers):
            await asyncio.gather(*(server.serve(sockets=[listeners[name]]) for name, server in servers.items()))
    finally:
        for task in tasks:
            task.cancel()


def _server(provider: Provider) -> uvicorn.Server:
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
    return uvicorn.Server(config)


@contextlib.contextmanager
def _own_signals(servers: dict[str, uvicorn.Server]) -> Iterator[None]:
    """Signals are handled by the loop, above; uvicorn's own handlers would raise them again after the end."""
    for server in servers.values():
        server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
    yield


def _stop(servers: dict[str, uvicorn.Server]) -> None:
    for server in servers.values():
        server.should_exit = True


async def _announce(
    servers: dict[str, uvicorn.Server], listeners: dict[str, socket.socket], options: argparse.Namespace
) -> None:
    while not all(server.started for server in servers.values()):  # noqa: ASYNC110 - uvicorn offers no event
        await asyncio.sleep(0.002)
    host = options.host
    shown = "127.0.0.1" if host in {"0.0.0.0", "::", ""} else f"[{host}]" if ":" in host else host  # noqa: S104 - compared
    line = {
        one.name: {"url": f"http://{shown}:{listeners[one.name].getsockname()[1]}", **one.credentials}
        for one in options.providers
    }
    print(json.dumps(line), flush=True)  # noqa: T201 - the contract with whoever started this


async def _follow_parent(servers: dict[str, uvicorn.Server], parent: int) -> None:
    while os.getppid() == parent:  # noqa: ASYNC110 - nor does the system
        await asyncio.sleep(_PARENT_CHECK_SECONDS)
    _stop(servers)
