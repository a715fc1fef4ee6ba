"""The loop that coroutines of steps run on."""

import asyncio
import threading

import pytest

from harness.domain.verdicts import HarnessError
from harness.gherkin import Portal
from harness.gherkin import portal as module


@pytest.fixture
def portal():
    made = Portal()
    yield made
    made.close()


async def where():
    return asyncio.get_running_loop(), threading.current_thread()


def test_every_call_runs_on_one_loop_in_a_thread_of_its_own(portal):
    first, second = portal.call(where), portal.call(where)
    assert first == second
    assert first[1] is not threading.current_thread()


def test_what_a_coroutine_raises_is_raised_here(portal):
    async def fails(code):
        raise LookupError(code)

    with pytest.raises(LookupError, match="7"):
        portal.call(fails, code=7)


@pytest.mark.parametrize(
    "error", [pytest.skip.Exception("s"), SystemExit(3), KeyboardInterrupt(), StopAsyncIteration()]
)
def test_even_what_ends_a_loop_is_raised_here_and_the_loop_goes_on(portal, error):
    async def ends():
        raise error

    with pytest.raises(type(error)):
        portal.call(ends)
    assert portal.call(where)


def test_background_tasks_live_on_between_calls_and_are_cancelled_at_the_end(portal):
    seen = []

    async def background(ready):
        try:
            ready.set()
            await asyncio.Event().wait()
        finally:
            seen.append("cancelled")

    async def start():
        ready = asyncio.Event()
        seen.append(asyncio.create_task(background(ready)))
        await ready.wait()

    portal.call(start)
    portal.call(where)
    assert len(seen) == 1
    portal.close()
    assert seen[1:] == ["cancelled"]


def test_many_threads_may_call_at_once(portal):
    async def double(number):
        await asyncio.sleep(0)
        return number * 2

    results = {}
    threads = [threading.Thread(target=lambda n=n: results.update({n: portal.call(double, n)})) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {n: n * 2 for n in range(20)}


def test_after_the_end_nothing_runs_and_nothing_hangs(portal):
    portal.call(where)
    portal.close()
    portal.close()
    with pytest.raises(HarnessError, match="the session has ended"):
        portal.call(where)


def test_an_async_step_outside_a_session_says_what_to_do(monkeypatch):
    monkeypatch.setattr(module, "_open", [])
    with pytest.raises(HarnessError, match="start pytest with --payharness"):
        module.current()
