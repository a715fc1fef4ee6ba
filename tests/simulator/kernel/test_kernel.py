"""Clock, timers, ids, idempotency, faults and journal on their own."""

from __future__ import annotations

import time
from typing import Any

from harness.simulator.kernel.client import is_loopback
from harness.simulator.kernel.clock import Clock, Timers
from harness.simulator.kernel.faults import Fault, Faults
from harness.simulator.kernel.idempotency import KEPT_SECONDS, Idempotency
from harness.simulator.kernel.ids import Ids
from harness.simulator.kernel.journal import Journal
from harness.simulator.kernel.messages import Request


def request(method: str = "POST", path: str = "/v1/things") -> Request:
    return Request(method, path, b"", [(b"x-a", b"1")], b"", None)


def test_a_clock_never_goes_back() -> None:
    clock = Clock()
    clock.move_to(time.time() + 100)
    clock.move_to(time.time())
    assert clock.now() > time.time() + 90


def test_timers_come_out_by_time_and_equals_in_the_order_in_which_they_were_set() -> None:
    timers = Timers()
    for due, name in ((5, "b"), (3, "a"), (5, "c"), (9, "d")):
        timers.set(due, name)
    twin = timers.copy()
    taken = [timer[2] for timer in iter(lambda: timers.take(5), None)]
    assert (taken, timers.next_due(), len(twin)) == (["a", "b", "c"], 9, 4)


def test_a_timer_can_be_cancelled_and_moved() -> None:
    timers = Timers()
    timers.set(1, "x", "a")
    timers.set(2, "x", "b")
    timers.set(3, "y", "a")
    timers.cancel("x", "a")
    timers.cancel("x", "never set")
    timers.set(4, "x", "b")
    twin = timers.copy()
    assert (timers.next_due(), len(timers)) == (3, 2)
    assert [timer[2:] for timer in iter(lambda: timers.take(9), None)] == [("y", ("a",)), ("x", ("b",))]
    assert (timers.next_due(), len(timers), len(twin)) == (None, 0, 2)


def test_ids_follow_from_their_seed_and_a_copy_goes_on_alike() -> None:
    ids, same, other = Ids("1"), Ids("1"), Ids("2")
    first = ids.text(14)
    assert (same.text(14), len(first), first.isalnum()) == (first, 14, True)
    assert other.text(14) != first
    assert ids.copy().text(24) == ids.text(24)
    assert len({ids.text(8) for _ in range(10_000)}) == 10_000


def test_a_key_expires_after_a_day_and_is_swept() -> None:
    keys = Idempotency()
    for number in range(5000):
        keys.begin(f"k{number}", 0.0, "/x", b"f").status = 200
    assert keys.find("k1", KEPT_SECONDS - 1) is not None
    assert keys.find("k1", KEPT_SECONDS) is None
    for number in range(5000):
        keys.begin(f"later{number}", KEPT_SECONDS * 2, "/x", b"f").status = 200
    assert len(keys.copy()._keys) < 10_000


def test_what_is_in_flight_is_not_frozen() -> None:
    keys = Idempotency()
    keys.begin("running", 0.0, "/x", b"f")
    assert keys.copy().find("running", 1.0) is None


def test_faults_match_method_path_and_parameters() -> None:
    faults = Faults()
    faults.add(Fault(action="reset", method="post", path="/v1/*", params={"a[b]": "1", "flag": True}, times=None))
    params: dict[str, Any] = {"a": {"b": "1"}, "flag": "true"}
    assert faults.strike(request(), params) is not None
    assert faults.strike(request("GET"), params) is None
    assert faults.strike(request(path="/v2/x"), params) is None
    assert faults.strike(request(), {"a": {"b": "2"}, "flag": "true"}) is None


def test_the_journal_is_a_ring_that_goes_on_counting() -> None:
    journal = Journal(3)
    for status in (1, 2, 3, 4):
        journal.write(
            0.0, request(), status, b"{}", 0.1, fault=None, replayed=False, request_id="r", idempotency_key=None
        )
    entries = journal.read(2, lambda _: ({}, {}), lambda body: body)
    assert [(entry["seq"], entry["status"]) for entry in entries] == [(3, 3), (4, 4)]
    assert journal.read(0, lambda _: ({}, {}), lambda body: body)[0]["seq"] == 2


def test_loopback_is_told_from_elsewhere() -> None:
    assert all(is_loopback(host) for host in ("127.0.0.1", "127.9.9.9", "localhost", "shop.localhost", "::1"))
    assert not any(is_loopback(host) for host in (None, "", "10.0.0.1", "example.com", "localhost.example.com"))
    assert not is_loopback("127.0.0.1.example.com")
