"""What the harness asks of an integration under test, whatever it is written in and wherever it runs.

A target declares *operations* (what a shopper or the merchant's staff can do with it), *probes* (ways to see its state)
and *webhook endpoints*. Only a webhook endpoint is indispensable; everything else adds capabilities or channels:
an operation that misses raises ``NotApplicable``, a probe that misses ``NotObservable``.

Operations that the actors know, with the results they read (a profile may declare more):

    list_goods         -> goods                           what can be bought: [{sku, prices: {currency: minor units}}]
    create_order       currency, lines, amount -> order_id, order_token?, state, amount, currency
    change_order       order_id, order_token, lines -> state, amount
    start_payment      order_id, order_token, method, capture, provider?
                       -> payment_id, provider_id, client_secret?, publishable_key?, redirect_url?
    submit_token       order_id, order_token, token -> state    what the browser's card form gave, to pay with (Square)
    order_status       order_id, order_token
                       -> state, amount, currency, payment_state, provider_id, decline_code?, decline_message?
    return_page        order_id, order_token, query -> as order_status
    cancel_order       order_id, order_token -> state
    inspect_order      order_id
                       -> state, captured, refunded, disputed, refunds, disputes, ledger, effects, fulfilments, warnings
    capture            order_id, amount? · cancel_payment order_id · refund order_id, amount?, reason?, key?
    submit_evidence    dispute_id, text, submit · accept_dispute dispute_id
    reconcile          -> drift, checked
    ledger             -> accounts, balanced
    list_events        after? -> events               rows {event_id, type, status}; after: the last event_id seen
    health             the process is up

Operations of the staff take their credential from the value ``operator_token`` (``[values]`` of a profile), so that an
attacker can be without it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from harness.domain.providers import Mode, Provider
from harness.record.model import Exchange

Watch = Callable[[Exchange], None]
"""Called with every exchange, as it was (not yet redacted): whoever writes it down redacts it first."""


OPERATIONS = frozenset(
    [
        "list_goods",
        "create_order",
        "change_order",
        "start_payment",
        "submit_token",
        "order_status",
        "return_page",
        "cancel_order",
        "inspect_order",
        "capture",
        "cancel_payment",
        "refund",
        "submit_evidence",
        "accept_dispute",
        "reconcile",
        "ledger",
        "list_events",
        "health",
    ]
)
"""Names of the operations that the actors know."""

_ACCEPTED, _REFUSED, _STUMBLED = 2, 4, 5  # hundreds of a status code


@dataclass(frozen=True, slots=True)
class Answer:
    """What the target answered to one operation; ``status`` 0 means that no answer came, and ``error`` says why."""

    operation: str
    method: str
    url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    ms: float = 0.0
    results: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None

    @property
    def ok(self) -> bool:
        """The operation was accepted (2xx)."""
        return self.status // 100 == _ACCEPTED

    @property
    def refused(self) -> bool:
        """The target said no (4xx)."""
        return self.status // 100 == _REFUSED

    @property
    def failed(self) -> bool:
        """The target stumbled (5xx) or did not answer."""
        return self.status // 100 == _STUMBLED or self.status == 0

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON; ``None`` where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def get(self, name: str, default: Any = None) -> Any:
        """A result by the name that the profile gives it."""
        found = self.results.get(name)
        return default if found is None else found

    def __getitem__(self, name: str) -> Any:
        if self.results.get(name) is None:
            raise AssertionError(f"{self.describe()} carries no {name!r}")
        return self.results[name]

    def describe(self) -> str:
        """One phrase for a report: which operation, what came back."""
        if self.status == 0:
            return f"{self.operation} ({self.method} {self.url}) got no answer: {self.error}"
        return f"{self.operation} ({self.method} {self.url}) answered {self.status}: {self.text[:300]}"


class Raw(str):
    """A value that goes into a path as it is, not quoted: for those who try tricks with paths."""

    __slots__ = ()


class Target(Protocol):
    """An integration under test, started or found running."""

    name: str
    mode: Mode
    providers: Sequence[Provider]

    @property
    def operations(self) -> frozenset[str]:
        """Names of the operations it has."""

    @property
    def probes(self) -> frozenset[str]:
        """Names of the probes it has."""

    def webhook_url(self, provider: Provider) -> str:
        """Where the provider delivers its events; raises ``NotApplicable`` where it has no such endpoint."""

    def webhook_secret(self, provider: Provider) -> str:
        """The secret that the endpoint verifies signatures with; raises ``NotApplicable`` where it is not known."""

    async def run(
        self,
        operation: str,
        values: Mapping[str, Any] | None = None,
        *,
        actor: str = "shopper",
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        method: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - handed to the HTTP client
    ) -> Answer:
        """Run an operation; as tampering would, ``extra`` and ``headers`` are added, ``content``, ``method`` replace.

        Raises ``NotApplicable`` where the target has no such operation, ``TargetDead`` where nobody answers.
        """

    async def read(self, probe: str, values: Mapping[str, Any] | None = None) -> Any:
        """Read a probe; raises ``NotObservable`` where the target has none of that name."""
