"""One event loop for a whole session: where coroutines of steps and fixtures run.

pytest calls steps synchronously; a step written as ``async def`` would pass without ever being awaited. Here it is
run to its end on a loop that lives in a thread of its own from the first coroutine to the end of the session, so that
clients, connection pools and background tasks survive from one step to the next.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from typing import ParamSpec, TypeVar

from anyio.from_thread import BlockingPortal, start_blocking_portal

from harness.domain.verdicts import HarnessError

P = ParamSpec("P")
T = TypeVar("T")

_open: list[Portal] = []


class Portal:
    """The loop of one session; starts with the first call."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._portal: BlockingPortal | None = None
        self._lock = threading.Lock()

    def call(self, function: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a coroutine function to its end, from a thread that is not the loop's, and return or raise what it does.

        Ctrl-C while it runs cancels the coroutine.
        """
        future = self._started().start_task_soon(functools.partial(function, *args, **kwargs))
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        """Cancel what still runs and end the loop."""
        with self._lock:
            portal, self._portal = self._portal, None
        if portal is not None:
            portal.call(functools.partial(portal.stop, cancel_remaining=True))
        self._stack.close()

    def _started(self) -> BlockingPortal:
        with self._lock:
            if self._portal is None:
                self._portal = self._stack.enter_context(start_blocking_portal("asyncio"))
            return self._portal


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
