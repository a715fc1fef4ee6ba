"""Reading a provider's lists, which are newest first, back to where they were read before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from sqlalchemy.dialects.postgresql import insert

from reference_impl import database
from reference_impl.reconciliation.table import Checkpoint

OVERLAP_SECONDS = 3600
"""How far behind the checkpoint everything is looked at again: a provider's lists are not strictly in order."""
_SIZE = 100


class Dated(Protocol):
    """Anything that a provider created at a time (epoch seconds of its clock)."""

    @property
    def created(self) -> int:
        """When it was created."""


T = TypeVar("T", bound=Dated)


@dataclass(slots=True)
class Batch(Generic[T]):
    """Some entries of a list; whoever reads them says whether there was ``news`` among them."""

    items: list[T]
    news: bool = False


async def back_to(
    name: str, provider: str, entries: AsyncIterator[T], *, lag_seconds: int = 0
) -> AsyncIterator[Batch[T]]:
    """Batches of a list until one that is older than the checkpoint and brings no news; then the checkpoint moves.

    News among old entries means that the checkpoint is too new (or the provider's clock went back), so reading goes on.
    ``lag_seconds``: how late the provider may add an entry.
    """
    since, newest = await position(name), 0
    since -= OVERLAP_SECONDS + lag_seconds
    batch: Batch[T] = Batch([])
    async for entry in entries:
        batch.items.append(entry)
        newest = max(newest, entry.created)
        if len(batch.items) < _SIZE:
            continue
        yield batch
        if not batch.news and all(one.created < since for one in batch.items):
            batch = Batch([])
            break
        batch = Batch([])
    if batch.items:
        yield batch
    await advance(name, provider, newest)


async def position(name: str) -> int:
    """How far a list was read."""
    async with database.transaction() as session:
        checkpoint = await session.get(Checkpoint, name)
        return checkpoint.position if checkpoint else 0


async def advance(name: str, provider: str, newest: int) -> None:
    """Remember how far a list was read."""
    if newest:
        async with database.transaction() as session:
            made = insert(Checkpoint).values(name=name, provider=provider, position=newest)
            await session.execute(
                made.on_conflict_do_update(index_elements=[Checkpoint.name], set_={"position": made.excluded.position})
            )
