"""Lists: newest or oldest first, a cursor that stands for the last one that was sent, what is not listed yet."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable
from typing import TypeVar

from harness.simulator.kernel.store import Stored
from harness.simulator.square.errors import invalid

T = TypeVar("T", bound=Stored)


def page(
    items: Iterable[T],
    *,
    cursor: str | None,
    limit: int,
    keep: Callable[[T], bool] = lambda _: True,
    ascending: bool = False,
    key: Callable[[T], object] | None = None,
) -> tuple[list[T], str | None]:
    """One page of what is kept, and the cursor of the next one.

    Args:
        items: oldest first.
        cursor: of the page before; None for the first.
        limit: how many a page has.
        keep: which ones are wanted.
        ascending: oldest first.
        key: what to sort by instead of when they were made.

    Raises:
        SquareError: 400 ``INVALID_CURSOR``.
    """
    found = [one for one in items if keep(one)]
    if key is not None:
        found.sort(key=key)  # type: ignore[arg-type]  # the caller's keys are comparable
    if not ascending:
        found.reverse()
    start = 0
    if cursor:
        last = _read(cursor)
        start = next((n + 1 for n, one in enumerate(found) if one.id == last), -1)
        if start < 0:
            raise bad_cursor()
    chosen = found[start : start + limit]
    more = start + limit < len(found)
    return chosen, _write(chosen[-1].id) if chosen and more else None


def bad_cursor() -> Exception:
    """400: no list has given out such a cursor."""
    return invalid("INVALID_CURSOR", "The pagination cursor is not valid.", "cursor")


def _write(id_: str) -> str:
    return base64.urlsafe_b64encode(id_.encode()).decode().rstrip("=")


def _read(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError):
        raise bad_cursor() from None
