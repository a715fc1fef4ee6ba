"""``given``, ``when``, ``then`` and ``step``: pytest-bdd's decorators for functions that may be coroutines.

    @when("the shopper pays with {instrument}")
    async def _(world: World, instrument: str) -> None:
        await world.shopper.pays(instrument)

A sentence that holds ``{name}`` is a ``parse`` pattern (``types`` gives converters to its fields, as in
``{count:Number}``); any other sentence matches itself; a parser of ``pytest_bdd.parsers`` works as it does there.
What is between a step's braces, fixtures, ``datatable`` (rows, ``None`` where the step has no table) and
``docstring`` (text or ``None``) are arguments by name. Coroutines, and async generators that yield once and clean up
when the scenario ends, run on the session's one loop (``harness.gherkin.portal``).
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Mapping
from typing import Any, Literal, ParamSpec, TypeVar

import pytest_bdd
from pytest_bdd import parsers

from harness.gherkin import portal

P = ParamSpec("P")
T = TypeVar("T")
Kind = Literal["given", "when", "then"]
Converters = Mapping[str, Callable[[str], object]]


def given(
    name: str | parsers.StepParser,
    *,
    types: Mapping[str, Callable[[str], object]] | None = None,
    converters: Converters | None = None,
    target_fixture: str | None = None,
    stacklevel: int = 1,
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Define a step that brings about a state of affairs."""
    return _definition("given", name, types, converters, target_fixture, stacklevel)


def when(
    name: str | parsers.StepParser,
    *,
    types: Mapping[str, Callable[[str], object]] | None = None,
    converters: Converters | None = None,
    target_fixture: str | None = None,
    stacklevel: int = 1,
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Define a step that does something."""
    return _definition("when", name, types, converters, target_fixture, stacklevel)


def then(
    name: str | parsers.StepParser,
    *,
    types: Mapping[str, Callable[[str], object]] | None = None,
    converters: Converters | None = None,
    target_fixture: str | None = None,
    stacklevel: int = 1,
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Define a step that compares what is seen with what is expected."""
    return _definition("then", name, types, converters, target_fixture, stacklevel)


def step(
    name: str | parsers.StepParser,
    *,
    types: Mapping[str, Callable[[str], object]] | None = None,
    converters: Converters | None = None,
    target_fixture: str | None = None,
    stacklevel: int = 1,
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Define a step that may follow any keyword."""
    return _definition(None, name, types, converters, target_fixture, stacklevel)


def _definition(
    kind: Kind | None,
    name: str | parsers.StepParser,
    types: Mapping[str, Callable[[str], object]] | None,
    converters: Converters | None,
    target_fixture: str | None,
    stacklevel: int,
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    parser = name
    if isinstance(name, str) and "{" in name:
        parser = parsers.parse(name, extra_types=dict(types or {}))

    def bind(function: Callable[P, T]) -> Callable[P, T]:
        # pytest-bdd puts the definition among the names of the frame that applies the decorator: one above this one.
        options = {"converters": dict(converters or {}), "target_fixture": target_fixture, "stacklevel": stacklevel + 1}
        pytest_bdd.step(parser, kind, **options)(_called(function))  # type: ignore[arg-type]  # options are of its types
        return function

    return bind


def _called(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function as pytest-bdd can call it: to its end, with its signature and its source kept."""
    if inspect.iscoroutinefunction(function):
        return _awaited(function)
    if inspect.isasyncgenfunction(function):
        return _drained(function)
    return function


def _awaited(function: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        return portal.current().call(function, *args, **kwargs)

    vars(call)["__signature__"] = inspect.signature(function)  # pytest-bdd asks for it at every step
    return call


def _drained(function: Callable[P, AsyncGenerator[T, None]]) -> Callable[P, Generator[T, None, None]]:
    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> Generator[T, None, None]:
        steps = function(*args, **kwargs)
        yield portal.current().call(steps.__anext__)
        try:
            portal.current().call(steps.__anext__)
        except StopAsyncIteration:
            return
        raise RuntimeError(f"step {function.__qualname__} yields more than once; a step yields once, then cleans up")

    return call
