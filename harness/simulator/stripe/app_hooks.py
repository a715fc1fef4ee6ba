"""Where rooms register what is not an operation of the API: hosted pages, control calls, the 'not simulated' table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from harness.simulator.kernel.messages import Answer, Request
from harness.simulator.stripe.account import StripeAccount
from harness.simulator.stripe.errors import StripeError

if TYPE_CHECKING:
    from harness.simulator.stripe.app import StripeApp

Page = Callable[["StripeApp", Request], Answer | None]
Finder = Callable[[str, str], StripeError | None]
ControlCall = Callable[[StripeAccount, str, str, dict[str, Any]], dict[str, Any] | None]

pages: list[Page] = []
finders: list[Finder] = []
controls: list[ControlCall] = []


def page(handler: Page) -> Page:
    """Register what answers without credentials, on paths outside ``/v1/``; it answers None for what is not its own."""
    pages.append(handler)
    return handler


def not_simulated(finder: Finder) -> Finder:
    """Register who knows the operations of the real API that are not simulated, by method and path."""
    finders.append(finder)
    return finder


def control(handler: ControlCall) -> ControlCall:
    """Register control calls: (account, method, path after ``/_sim/``, arguments) -> answer, or None if not its own."""
    controls.append(handler)
    return handler
