"""An ordered table of immutable objects with indices, made to be listed newest first with a cursor.

Objects are never changed in place: a change is a new version under the same id. Versions can therefore be shared by
events, idempotent answers and frozen states, which costs a pointer each. A removed object keeps its place in the order,
because providers go on accepting its id as a cursor.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeVar


class Stored(Protocol):
    """What a table holds."""

    @property
    def id(self) -> str:
        """The key."""

    @property
    def created(self) -> int:
        """Epoch seconds; never decreases from one object to the next."""


T = TypeVar("T", bound=Stored)
_FEW = 4096
"""So many places are sorted at no cost worth speaking of."""


class Page(Generic[T]):
    """One page of a list."""

    __slots__ = ("has_more", "items")

    def __init__(self, items: list[T], has_more: bool) -> None:
        self.items = items
        self.has_more = has_more


class Window:
    """Which part of a list is wanted: ``limit`` items after or before a cursor, made in a span of time."""

    __slots__ = ("after", "before", "ending_before", "limit", "starting_after")

    def __init__(
        self,
        limit: int = 10,
        starting_after: str | None = None,
        ending_before: str | None = None,
        after: int | None = None,
        before: int | None = None,
    ) -> None:
        """``after`` and ``before`` are inclusive bounds of ``created``, in epoch seconds."""
        self.limit = limit
        self.starting_after = starting_after
        self.ending_before = ending_before
        self.after = after
        self.before = before


class Table(Generic[T]):
    """Objects of one kind in the order in which they were made."""

    __slots__ = ("_created", "_indices", "_keys", "_objects", "_places", "live")

    def __init__(self, *indexed: str) -> None:
        """``indexed`` names the attributes by which the objects are looked up; None is not indexed."""
        self._places: dict[str, int] = {}
        self._objects: list[T | None] = []
        self._created = array("q")
        self._keys: tuple[tuple[str, Callable[[Any], Any]], ...] = tuple((name, attrgetter(name)) for name in indexed)
        self._indices: dict[str, dict[Any, int | list[int]]] = {name: {} for name in indexed}
        self.live = 0

    def add(self, item: T) -> T:
        """Store a new object."""
        place = len(self._objects)
        self._places[item.id] = place
        self._objects.append(item)
        self._created.append(item.created)
        self.live += 1
        for name, key_of in self._keys:
            key = key_of(item)
            if key is not None:
                index = self._indices[name]
                found = index.get(key)
                if found is None:
                    index[key] = place  # most keys have one object only
                elif isinstance(found, int):
                    index[key] = [found, place]
                else:
                    found.append(place)
        return item

    def put(self, item: T) -> T:
        """Store a new version of an object."""
        place = self._places[item.id]
        old = self._objects[place]
        self._objects[place] = item
        for name, key_of in self._keys:
            was, is_now = key_of(old), key_of(item)
            if was != is_now:
                self._reindex(name, place, was, is_now)
        return item

    def remove(self, id: str) -> None:  # noqa: A002 - the key is called so on every provider
        """Take an object away; its id stays known as a cursor."""
        place = self._places[id]
        old = self._objects[place]
        self._objects[place] = None
        self.live -= 1
        for name, key_of in self._keys:
            self._reindex(name, place, key_of(old), None)

    def get(self, id: str) -> T | None:  # noqa: A002
        """The object, or None where there is none (any more)."""
        place = self._places.get(id)
        return None if place is None else self._objects[place]

    def knows(self, id: str) -> bool:  # noqa: A002
        """Whether the id exists or has existed."""
        return id in self._places

    def by(self, index: str, key: Any) -> list[T]:
        """All objects whose indexed attribute equals the key, oldest first."""
        objects = self._objects
        return [item for place in self._at(index, key) if (item := objects[place]) is not None]

    def page(
        self,
        window: Window,
        *,
        index: str | None = None,
        keys: Sequence[Any] = (),
        keep: Callable[[T], bool] | None = None,
    ) -> Page[T]:
        """A page, newest first, of all objects or of those whose indexed attribute is one of the keys."""
        candidates, keep = self._candidates(index, keys, keep)
        low, high = 0, len(candidates)
        if window.after is not None:
            low = bisect_left(candidates, bisect_left(self._created, window.after))
        if window.before is not None:
            high = bisect_left(candidates, bisect_right(self._created, window.before))
        if window.ending_before is not None:
            low = max(low, bisect_right(candidates, self._places[window.ending_before]))
            found = self._take(candidates, range(low, high), window.limit + 1, keep)
            has_more = len(found) > window.limit
            return Page(found[: window.limit][::-1], has_more)
        if window.starting_after is not None:
            high = min(high, bisect_left(candidates, self._places[window.starting_after]))
        found = self._take(candidates, range(high - 1, low - 1, -1), window.limit + 1, keep)
        return Page(found[: window.limit], len(found) > window.limit)

    def __iter__(self) -> Iterator[T]:
        return (item for item in self._objects if item is not None)

    def __len__(self) -> int:
        return self.live

    def copy(self) -> Table[T]:
        """The same objects, apart."""
        twin: Table[T] = Table()
        twin._places = dict(self._places)
        twin._objects = list(self._objects)
        twin._created = self._created[:]
        twin._keys = self._keys
        twin._indices = {
            name: {key: places if isinstance(places, int) else list(places) for key, places in index.items()}
            for name, index in self._indices.items()
        }
        twin.live = self.live
        return twin

    def _take(self, candidates: Sequence[int], order: range, count: int, keep: Callable[[T], bool] | None) -> list[T]:
        found: list[T] = []
        objects = self._objects
        for position in order:
            item = objects[candidates[position]]
            if item is not None and (keep is None or keep(item)):
                found.append(item)
                if len(found) == count:
                    break
        return found

    def keys(self, index: str) -> list[Any]:
        """The values that the indexed attribute has."""
        return list(self._indices[index])

    def _candidates(
        self, index: str | None, keys: Sequence[Any], keep: Callable[[T], bool] | None
    ) -> tuple[Sequence[int], Callable[[T], bool] | None]:
        if index is None:
            return range(len(self._objects)), keep
        if len(keys) == 1:
            return self._at(index, keys[0]), keep
        wanted = set(keys)
        if sum(len(self._at(index, key)) for key in wanted) <= _FEW:
            return sorted(place for key in wanted for place in self._at(index, key)), keep
        key_of = dict(self._keys)[index]  # many: a page is found soon by looking at each
        return range(len(self._objects)), lambda it: key_of(it) in wanted and (keep is None or keep(it))

    def _at(self, index: str, key: Any) -> Sequence[int]:
        found = self._indices[index].get(key)
        if found is None:
            return ()
        return (found,) if isinstance(found, int) else found

    def _reindex(self, name: str, place: int, was: Any, is_now: Any) -> None:
        index = self._indices[name]
        if was is not None:
            places = index[was]
            if isinstance(places, int) or len(places) == 1:
                del index[was]
            else:
                del places[bisect_left(places, place)]
        if is_now is not None:
            others = list(self._at(name, is_now))
            insort(others, place)
            index[is_now] = others
