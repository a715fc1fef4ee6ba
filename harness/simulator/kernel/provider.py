"""What the plumbing asks of a provider: who calls, what to answer, and how the provider words a refusal.

The order of the layers is fixed and the same for all: open the account, rate limit, faults, idempotency, execution,
journal. ``Service`` keeps it; a provider fills in the parts below.
"""

from __future__ import annotations

from typing import Any, Protocol

from harness.simulator.kernel.account import Account
from harness.simulator.kernel.faults import Fault
from harness.simulator.kernel.idempotency import Kept
from harness.simulator.kernel.messages import Answer, Request


class Provider(Protocol):
    """A simulated provider."""

    name: str
    max_body: int
    """Largest body that is read, in bytes."""
    idempotency_header: bytes
    """Lower-case name of the header that carries an idempotency key."""
    credentials_hint: str
    """What a control call without credentials is told to send."""

    def open(self, request: Request) -> Account | Answer:
        """The account that the call's credentials belong to (made on first sight), or the refusal."""

    def owner(self, request: Request) -> Account | None:
        """The account that a control call means, by the same credentials; None where they say nothing."""

    def stray(self) -> str:
        """An id for a request that belongs to no account."""

    def request_id(self, account: Account) -> str:
        """An id for a call of an account."""

    def page(self, request: Request) -> Answer | None:
        """Answer to a call that needs no credentials (hosted pages, preflights); None where it is an API call."""

    def limited(self, account: Account) -> Answer | None:
        """The refusal of a call that comes too fast, if the account has a limit."""

    def idempotency_key(self, request: Request) -> str | Answer | None:
        """The key of a call that has one, or the refusal of a bad one."""

    def idempotency_scope(self, request: Request, key: str) -> tuple[str, float]:
        """Under which name the answer to a call with a key is kept, and for how many seconds."""

    def fingerprint(self, request: Request) -> bytes:
        """What must be the same when a key is used again."""

    def in_flight(self, key: str) -> Answer:
        """Refusal: the first call under this key has not been answered yet."""

    def mismatch(self, request: Request, key: str, kept: Kept) -> Answer:
        """Refusal: the key was used for another call."""

    def replay(self, account: Account, kept: Kept) -> Answer:
        """The first answer again."""

    def params(self, request: Request) -> dict[str, Any] | Answer:
        """The decoded parameters of a call, or the refusal of a body that cannot be read."""

    def perform(self, account: Account, request: Request, request_id: str, key: str | None) -> Answer:
        """Execute the call, all of it at once; never raises for anything a caller can do."""

    def finish(self, request: Request, answer: Answer, request_id: str, key: str | None) -> None:
        """Add the headers that every answer of the provider carries."""

    def injected(self, fault: Fault) -> Answer:
        """The answer of a ``status`` fault."""

    def refused(self, status: int, message: str, request: Request | None = None) -> Answer:
        """A refusal by the plumbing (too large, not HTTP, no such page, internal), in the provider's own shape."""

    def body_of(self, account: Account, recipe: object) -> bytes:
        """The body that a recipe stands for."""

    def decode(self, request: Request) -> tuple[dict[str, Any], dict[str, Any]]:
        """Query and parameters of a call for the journal; never raises."""

    def control(self, account: Account, request: Request, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """A control call of the provider's own (``/_sim/<path>``); None where there is none.

        Raises:
            LookupError: 404, with a sentence.
            ValueError: 400, with a sentence.
        """
