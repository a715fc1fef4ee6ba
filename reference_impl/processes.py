"""The processes of the integration, and how each starts, says that it is ready, and ends."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reference_impl import logs
from reference_impl import settings as configuration
from reference_impl.settings import Settings

_PARENT_POLL_SECONDS = 0.3
_DATABASE_SECONDS = 60.0


class Failed(Exception):  # noqa: N818 - reads as what it is
    """A process cannot go on for a reason outside of its settings.

    The message is the sentence for whoever started it.
    """


def ready(**facts: Any) -> None:
    """Tell whoever started this process that it is ready: one JSON line on standard output."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def database(options: argparse.Namespace) -> int:
    """The embedded PostgreSQL, until this process is ended."""
    from reference_impl.database.embedded import DatabaseFailed, EmbeddedPostgres

    logs.configure("database")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    server = EmbeddedPostgres(Path(options.data_dir), fsync=not options.no_fsync)
    try:
        url = server.start()
    except (DatabaseFailed, OSError, subprocess.SubprocessError) as error:
        raise Failed(f"The embedded database did not start: {error}") from error
    try:
        ready(database_url=url)
        parent = os.getppid()
        while not stop.wait(_PARENT_POLL_SECONDS):
            if options.stop_with_parent and os.getppid() != parent:
                break
            if server.process is not None and server.process.poll() is not None:
                raise Failed(f"The embedded database ended by itself; its log is {server.data_dir / 'server.log'}.")
    finally:
        server.stop()
    return 0


def migrate(_options: argparse.Namespace) -> int:
    """Bring the database up to date."""
    from reference_impl.database import is_away
    from reference_impl.database.migrate import upgrade

    logs.configure("migrate")
    settings = configuration.read()
    configuration.check_database_url(settings)
    try:
        upgrade(settings)
    except Exception as error:
        if is_away(error):
            raise Failed("The database at DATABASE_URL does not answer; start it, then migrate again.") from error
        raise
    ready(migrated=True)
    return 0


def serve(options: argparse.Namespace) -> int:
    """The API and the webhook doors."""
    settings = configuration.load()
    logs.configure("serve", settings.log_level)
    listener = _listen(options.host, options.port)
    with _database_of_our_own(settings) as completed:
        import uvicorn

        from reference_impl.api.app import Application

        host, port = listener.getsockname()[:2]
        server = uvicorn.Server(
            uvicorn.Config(
                Application(completed, with_worker=not options.no_worker),
                loop="uvloop" if sys.platform != "win32" else "asyncio",
                http="httptools",
                ws="none",
                lifespan="on",
                access_log=False,
                log_config=None,
                server_header=False,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=10,
            )
        )

        def end(*_: Any) -> None:
            server.should_exit = True

        # The server ends in order on a signal, and then raises it once more: here, so that we end in order as well.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, end)
        _end_with_parent(options, end)
        _announce(server, {"url": f"http://{host}:{port}", "pid": os.getpid()})
        server.run(sockets=[listener])
        if not server.started:
            raise Failed("The server did not start; the log says why.")
    return 0


def worker(options: argparse.Namespace) -> int:
    """A worker, until it is ended."""
    settings = configuration.load()
    configuration.check_database_url(settings)
    logs.configure("worker", settings.log_level)
    if options.nice and hasattr(os, "nice"):
        os.nice(options.nice)

    async def run() -> None:
        from reference_impl.opening import opened
        from reference_impl.webhooks import queue

        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        _end_with_parent(options, lambda: loop.call_soon_threadsafe(stop.set))
        async with opened(settings, "reference-worker", durable_inbox=False):
            _settle_memory()
            ready(worker=True, pid=os.getpid())
            await queue.run(settings, stop)

    if sys.platform == "win32":
        asyncio.run(run())
    else:
        import uvloop

        uvloop.run(run())
    return 0


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "database": database,
    "migrate": migrate,
    "serve": serve,
    "worker": worker,
}


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise Failed(
            f"Port {port} on {host} cannot be used ({error.strerror}); choose another --port, or 0."
        ) from error
    listener.listen(2048)
    return listener


def _announce(server: Any, facts: dict[str, Any]) -> None:
    """Print the ready line once the server takes requests."""
    startup = server.startup

    async def announced(sockets: list[socket.socket] | None = None) -> None:
        await startup(sockets=sockets)
        if server.started and not server.should_exit:
            _settle_memory()
            ready(**facts)

    server.startup = announced


def _settle_memory() -> None:
    """Let the garbage collector pass by what was made at the start and stays: modules, models, routes."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    gc.enable()


@contextmanager
def _database_of_our_own(settings: Settings) -> Iterator[Settings]:
    """The settings as they are; without a ``DATABASE_URL``, with an embedded database that ends with us."""
    if settings.database_url:
        yield settings
        return
    command = [sys.executable, "-m", "reference_impl", "database", "--stop-with-parent"]
    command += ["--data-dir", str(settings.embedded_database_dir)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = child.stdout.readline() if child.stdout else ""
        if not line:
            raise Failed("The embedded database did not start; the lines above say why.")
        completed = settings.model_copy(update={"database_url": json.loads(line)["database_url"]})
        from reference_impl.database.migrate import upgrade

        upgrade(completed)
        yield completed
    finally:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(_DATABASE_SECONDS)


def _end_with_parent(options: argparse.Namespace, end: Callable[[], Any]) -> None:
    """Watch the process that started this one, where it asked for that."""
    if not options.stop_with_parent:
        return
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_PARENT_POLL_SECONDS)
        end()

    threading.Thread(target=watch, name="parent", daemon=True).start()
