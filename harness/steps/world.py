"""The world that a scenario lives in: one laboratory for each worker, one fresh world for each scenario.

``Lab`` is everything that takes seconds to start: the simulated provider, the target with its database and workers, the
clients. ``World`` is one scenario in it: the actors, the orders they made, what they saw. A step takes the fixture
``world`` and calls one verb:

    @when(parsers.parse("the shopper pays with {instrument}"))
    async def _(world: World, instrument: str) -> None:
        await world.shopper.pays(instrument)

What a verb finds wrong with the target is an ``AssertionError`` with a sentence; ``NotApplicable``, ``NotObservable``,
``TargetDead`` and ``HarnessError`` say that something else is the matter (``harness.domain.verdicts``).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from harness.domain.money import Money
from harness.steps.actors.attacker import Attacker
from harness.steps.actors.courier import CourierActor
from harness.steps.actors.observer import Observer
from harness.steps.actors.operator import Operator
from harness.steps.actors.provider import ProviderActor
from harness.steps.actors.shopper import Shopper

if TYPE_CHECKING:
    from harness.providers.instruments import Instrument

T = TypeVar("T")


@dataclass(slots=True)
class Order:
    """One order of a shopper, with the payment that was started for it (filled by ``Shopper.starts_payment``)."""

    id: str
    token: str
    total: Money
    lines: list[dict[str, Any]] = field(default_factory=list)
    method: str = ""
    capture: str = ""
    payment_id: str | None = None
    provider_id: str | None = None
    """The provider's id of the payment (``pi_...``); for a hosted page known once the shopper has paid."""
    client_secret: str | None = None
    publishable_key: str | None = None
    redirect_url: str | None = None


@dataclass(frozen=True, slots=True)
class LaunchOutcome:
    """What came of starting the target with other settings: ``ready`` or ended with ``exit_code``.

    ``stderr`` and ``sentence`` say why.
    """

    ready: bool
    exit_code: int | None
    stdout: str
    stderr: str

    @property
    def sentence(self) -> str:
        """The last line on standard error, which should be the one clear sentence."""
        lines = [line for line in self.stderr.splitlines() if line.strip()]
        return lines[-1].strip() if lines else ""


class World:
    """One scenario: its actors, its orders, what was seen. Made by the fixture ``world``."""

    shopper: Shopper
    operator: Operator
    attacker: Attacker
    courier: CourierActor
    provider: ProviderActor
    observer: Observer

    memory: dict[str, Any]
    """Whatever one step wants to leave for a later one (``world.memory["answer"] = ...``)."""
    orders: list[Order]
    """Every order of the scenario, oldest first."""

    @property
    def order(self) -> Order:
        """The current order: the one made last, by any shopper; fails with a sentence where there is none."""
        raise NotImplementedError

    @order.setter
    def order(self, order: Order) -> None:
        raise NotImplementedError

    @property
    def simulated(self) -> bool:
        """Whether the provider is simulated (moods, clock, journal) or a sandbox."""
        raise NotImplementedError

    def another_shopper(self) -> Shopper:
        """A second shopper, who shares nothing with the first."""
        raise NotImplementedError

    def instrument(self, words: str) -> Instrument:
        """An instrument in plain words with what is expected of it; unknown words name the nearest ones."""
        raise NotImplementedError

    def requires(self, *operations: str) -> None:
        """Raise ``NotApplicable`` unless the target has these operations."""
        raise NotImplementedError

    # time

    async def eventually(
        self,
        look: Callable[[], Awaitable[T] | T],
        expected: Callable[[T], bool] | Any = bool,
        *,
        within: float | None = None,
        what: str = "the condition",
    ) -> T:
        """Look until what is seen equals ``expected`` (a value, or a predicate), and return it.

        ``within`` seconds (default: 10 on the simulator, 60 on a sandbox). Fails with ``what``, the last value seen and
        the one
        that was expected. An ``AssertionError`` raised by ``look`` counts as "not yet".
        """
        raise NotImplementedError

    async def settles(self, *, within: float | None = None) -> None:
        """Wait until nothing is under way: the provider has delivered, the target has handled what it accepted.

        The right wait before "nothing happened": it waits on conditions, and on the profile's ``settle`` seconds only
        where the target
        shows no inbox.
        """
        raise NotImplementedError

    # deliveries and acknowledgements

    async def deliveries(self, event: str | None = None) -> list[dict[str, Any]]:
        """Deliveries that the provider made in this scenario, with their attempts (``{at, status, ms, error}``)."""
        raise NotImplementedError

    async def acknowledgements(self) -> list[float]:
        """Milliseconds that each accepted delivery of this scenario took, the provider's and the courier's."""
        raise NotImplementedError

    # the target's processes: only where the harness started it, else ``NotApplicable``

    async def kill(self, process: str = "worker") -> None:
        """End a process of the target at once (SIGKILL): "worker", "serve", "database"."""
        raise NotImplementedError

    async def stop(self, process: str) -> None:
        """Ask a process of the target to end, and wait until it has."""
        raise NotImplementedError

    async def start(self, process: str, *, count: int = 1) -> None:
        """Start a process of the target (again), or ``count`` more of it, and wait until it is ready."""
        raise NotImplementedError

    async def restart(self, process: str) -> None:
        """Stop and start."""
        raise NotImplementedError

    async def alive(self) -> bool:
        """Whether every process of the target runs and it answers its health operation."""
        raise NotImplementedError

    async def launch_variant(
        self, settings: Mapping[str, str | None], *, process: str = "serve", within: float = 20
    ) -> LaunchOutcome:
        """Start one process of the target beside the running one, with other settings (``None`` removes one).

        It is ended before this returns. Settings are environment variables of the target.
        """
        raise NotImplementedError

    def environment(self, process: str = "serve") -> Mapping[str, str]:
        """The settings that the running process was started with (secrets included: do not print)."""
        raise NotImplementedError
