"""The table under every list of a simulated provider."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.simulator.kernel.store import Table, Window


@dataclass(frozen=True)
class Thing:
    id: str
    created: int
    owner: str | None = None


def table(count: int = 10) -> Table[Thing]:
    made: Table[Thing] = Table("owner")
    for number in range(count):
        made.add(Thing(f"t{number}", 100 + number, "even" if number % 2 == 0 else None))
    return made


def ids(items: list[Thing]) -> list[str]:
    return [item.id for item in items]


def test_pages_are_newest_first_and_say_whether_there_is_more() -> None:
    page = table().page(Window(3))
    assert (ids(page.items), page.has_more) == (["t9", "t8", "t7"], True)
    assert table(3).page(Window(3)).has_more is False


def test_a_page_before_a_cursor_ends_next_to_it() -> None:
    page = table().page(Window(2, ending_before="t5"))
    assert (ids(page.items), page.has_more) == (["t7", "t6"], True)


def test_a_removed_object_stays_a_cursor() -> None:
    things = table()
    things.remove("t5")
    assert (things.get("t5"), things.knows("t5"), len(things)) == (None, True, 9)
    assert ids(things.page(Window(2, starting_after="t5")).items) == ["t4", "t3"]


def test_an_index_follows_its_attribute() -> None:
    things = table(4)
    things.put(replace(Thing("t1", 101), owner="even"))
    things.put(Thing("t2", 102, "odd"))
    assert ids(things.by("owner", "even")) == ["t0", "t1"]
    things.remove("t0")
    assert ids(things.page(Window(10), index="owner", keys=("even", "odd")).items) == ["t2", "t1"]


def test_bounds_of_time_are_inclusive() -> None:
    assert ids(table().page(Window(10, after=103, before=105)).items) == ["t5", "t4", "t3"]


def test_a_copy_shares_nothing_that_changes() -> None:
    things = table(2)
    twin = things.copy()
    things.add(Thing("t2", 102, "even"))
    things.remove("t0")
    assert (len(twin), ids(twin.by("owner", "even"))) == (2, ["t0"])


def test_many_keys_page_alike_whether_few_or_many_objects_match(monkeypatch: pytest.MonkeyPatch) -> None:
    things = Table("owner")
    for number in range(30):
        things.add(Thing(f"t{number}", 100 + number, "abc"[number % 3]))
    few = things.page(Window(7, starting_after="t20"), index="owner", keys=("a", "b"))
    monkeypatch.setattr("harness.simulator.kernel.store._FEW", 0)
    many = things.page(Window(7, starting_after="t20"), index="owner", keys=("a", "b"))
    assert (ids(many.items), many.has_more) == (ids(few.items), few.has_more)
    assert things.keys("owner") == ["a", "b", "c"]


@given(
    removed=st.sets(st.integers(0, 19)),
    limit=st.integers(1, 7),
    index=st.sampled_from([None, "owner"]),
)
def test_paging_visits_every_object_once_in_order(removed: set[int], limit: int, index: str | None) -> None:
    things = table(20)
    for number in removed:
        things.remove(f"t{number}")
    expected = [f"t{n}" for n in range(19, -1, -1) if n not in removed and (index is None or n % 2 == 0)]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = things.page(Window(limit, starting_after=cursor), index=index, keys=("even",))
        seen += ids(page.items)
        if not page.has_more:
            break
        cursor = seen[-1]
    assert seen == expected
    for position, name in enumerate(expected):
        back = things.page(Window(limit, ending_before=name), index=index, keys=("even",))
        assert ids(back.items) == expected[max(0, position - limit) : position]
        assert back.has_more is (position > limit)


def test_an_unknown_object_is_none_and_changing_it_is_an_error() -> None:
    things = table(1)
    assert (things.get("t9"), things.knows("t9")) == (None, False)
    with pytest.raises(KeyError):
        things.put(Thing("t9", 1))
