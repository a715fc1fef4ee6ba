"""One event loop for a whole session: where coroutines of steps and fixtures run.

pytest calls steps synchronously; a step written as ``async def`` would pass without ever being awaited. Here it is run
to its end on a loop that lives in a thread of its own from the first coroutine to the end of the session, so that
clients, connection pools and background tasks survive from one step to the next.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from harness.domain.verdicts import HarnessError

P = ParamSpec("P")
T = TypeVar("T")

_open: list[Portal] = []


class Portal:
    """The loop of one session; starts with the first call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    def call(self, function: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a coroutine function to its end, from a thread that is not the loop's, and return or raise what it does.

        Ctrl-C while it runs cancels the coroutine. Raises ``HarnessError`` where the session has ended.
        """
        loop = self._running()

        async def run() -> T:
            return await function(*args, **kwargs)

        # One hand-over between threads for each step; anyio's portal takes two, and they are what a step costs.
        future = asyncio.run_coroutine_threadsafe(run(), loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        """Cancel what still runs and end the loop; closing twice does nothing."""
        with self._lock:
            loop, self._loop, self._closed = self._loop, None, True
        if loop is None or self._thread is None:
            return
        asyncio.run_coroutine_threadsafe(_cancel_all(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        self._thread.join()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._closed:
                raise HarnessError("the session has ended: its event loop runs nothing any more")
            if self._loop is None:
                self._loop = _new_loop()
                self._thread = threading.Thread(target=self._run, args=[self._loop], name="steps", daemon=True)
                self._thread.start()
            return self._loop

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        while not self._closed:
            try:
                loop.run_forever()
            except (SystemExit, KeyboardInterrupt):  # of a step, which has been told; the loop serves the next one
                continue
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def _new_loop() -> asyncio.AbstractEventLoop:
    """uvloop's, where there is one for the platform: a scenario is made of many short waits, which cost it half."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def enter(portal: Portal) -> None:
    """Make a portal the one that steps use; sessions may nest."""
    _open.append(portal)


def leave(portal: Portal) -> None:
    """Undo ``enter`` and close the portal."""
    _open.remove(portal)
    portal.close()


def current() -> Portal:
    """The portal of the innermost session."""
    if not _open:
        raise HarnessError("an async step ran outside a session of the harness: start pytest with --payharness")
    return _open[-1]
