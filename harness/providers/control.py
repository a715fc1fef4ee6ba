"""The control interface of a simulated provider, typed: clock, faults, journal, deliveries, disputes, states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import orjson

from harness import loopback
from harness.domain.providers import Provider
from harness.domain.verdicts import HarnessError
from harness.providers.base import ACTOR_HEADER, Account
from harness.record.model import JournalEntry


class Attempt(msgspec.Struct):
    """One attempt of the provider to deliver: epoch seconds of its clock and on the wall, ``ms`` until the answer."""

    at: float
    status: int
    ms: float
    error: str | None = None
    wall: float = 0.0


class Delivery(msgspec.Struct):
    """One delivery. ``state``: scheduled, held, delivered, failed, dropped."""

    id: str
    event: str
    type: str
    endpoint: str
    url: str
    state: str
    attempts: list[Attempt] = []
    next_attempt_at: float | None = None
    made: float = 0.0
    """Epoch seconds on the wall."""


class Call(msgspec.Struct):
    """One API call that reached the provider."""

    seq: int
    at: float
    method: str
    path: str
    status: int
    query: dict[str, Any] = {}
    params: dict[str, Any] = {}
    headers: dict[str, str] = {}
    idempotency_key: str | None = None
    response: Any = None
    ms: float = 0.0
    fault: str | None = None
    replayed: bool = False
    request_id: str | None = None
    wall: float = 0.0
    """Epoch seconds of our own clock; ``at`` is the provider's, which may be ahead."""

    def header(self, name: str) -> str | None:
        """A header by its name, whatever its case."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), None)

    @property
    def ours(self) -> bool:
        """Whether the harness itself made it, to see or to act as the shopper."""
        return self.header(ACTOR_HEADER) is not None

    def entry(self) -> JournalEntry:
        """The call as it is recorded."""
        return JournalEntry(
            self.seq,
            datetime.fromtimestamp(self.wall or self.at, UTC).isoformat(timespec="microseconds"),
            self.method,
            self.path,
            self.status,
            self.idempotency_key,
            self.replayed,
            self.fault,
            {**self.query, **self.params},
            self.response,
            self.request_id,
            self.ms,
        )


class SimulatorControl:
    """Control of one account of a simulated provider."""

    def __init__(self, account: Account, *, client: httpx.AsyncClient | None = None) -> None:
        if account.url is None:
            raise HarnessError(f"{account.provider.value} is not simulated here, so there is nothing to control")
        self.url = account.url
        self._charge = {Provider.PAYPAL: "capture", Provider.SQUARE: "payment"}.get(account.provider, "charge")
        self._headers = {"Authorization": account.authorization}
        self._own = client is None
        self._client = client or loopback.client(timeout=60.0)

    async def close(self) -> None:
        """Close the connection, unless it was lent."""
        if self._own:
            await self._client.aclose()

    # time

    async def now(self) -> float:
        """The provider's time in epoch seconds."""
        return float((await self._call("GET", "clock"))["now"])

    async def advance(self, seconds: float) -> int:
        """Let time pass; answers how many things fell due and happened."""
        return int((await self._call("POST", "clock/advance", {"seconds": seconds}))["fired"])

    async def idle(self, seconds: float = 5.0) -> bool:
        """Wait until no delivery is under way; ``False`` when that took longer."""
        return bool((await self._call("GET", "idle", query={"seconds": str(seconds)}))["idle"])

    async def at_rest(self, seconds: float = 5.0) -> int | None:
        """Wait until no delivery is under way; how many attempts were ever made, ``None`` when that took longer."""
        found = await self._call("GET", "idle", query={"seconds": str(seconds)})
        return int(found["attempts"]) if found["idle"] else None

    # faults

    async def fault(self, action: str, method: str | None = None, path: str | None = None, **more: Any) -> str:
        """Set a fault (``times=None``: until removed); answers its id."""
        asked = {"action": action, "method": method, "path": path, **more}
        return str((await self._call("POST", "faults", asked))["id"])

    async def faults(self) -> list[Mapping[str, Any]]:
        """Faults as set, with how often each ``fired``."""
        found: list[Mapping[str, Any]] = (await self._call("GET", "faults"))["faults"]
        return found

    async def clear_faults(self, fault_id: str | None = None) -> None:
        """Remove one fault, or all."""
        await self._call("DELETE", f"faults/{fault_id}" if fault_id else "faults")

    # journal

    async def journal(self, since: int = 0) -> list[Call]:
        """Calls after a serial number, in order."""
        found = await self._call("GET", "journal", query={"since": str(since)})
        return msgspec.convert(found["entries"], list[Call], strict=False)

    async def clear_journal(self) -> None:
        """Forget the calls so far."""
        await self._call("DELETE", "journal")

    # deliveries

    async def webhooks(self, mode: str) -> None:
        """``deliver`` or ``hold``."""
        await self._call("POST", "webhooks", {"mode": mode})

    async def deliveries(self, state: str | None = None, event: str | None = None) -> list[Delivery]:
        """Deliveries in order, of one state or one event."""
        query = {name: value for name, value in (("state", state), ("event", event)) if value}
        found = await self._call("GET", "deliveries", query=query)
        return msgspec.convert(found["deliveries"], list[Delivery], strict=False)

    async def send(self, delivery_id: str) -> Delivery:
        """Carry one now."""
        return msgspec.convert(await self._call("POST", f"deliveries/{delivery_id}/send"), Delivery, strict=False)

    async def drop(self, delivery_id: str) -> None:
        """Give one up."""
        await self._call("POST", f"deliveries/{delivery_id}/drop")

    async def drop_all(self, events: Sequence[str] | None = None) -> int:
        """Give up what is still open, of some events or of all; answers how many deliveries that were."""
        body = {"events": list(events)} if events is not None else {}
        return len((await self._call("POST", "deliveries/drop", body))["deliveries"])

    async def release(self) -> list[Delivery]:
        """Carry all that are held, in order."""
        found = await self._call("POST", "deliveries/release")
        return msgspec.convert(found["deliveries"], list[Delivery], strict=False)

    # disputes, refunds, settings, states

    async def open_dispute(self, charge: str, **fields: Any) -> Mapping[str, Any]:
        """Open a dispute (``reason``, ``amount``, ``inquiry``)."""
        return await self._call("POST", "disputes", {self._charge: charge, **fields})

    async def resolve_dispute(self, dispute_id: str, outcome: str) -> Mapping[str, Any]:
        """``won``, ``lost``, ``warning_closed`` or ``escalated``."""
        return await self._call("POST", f"disputes/{dispute_id}/resolve", {"outcome": outcome})

    async def warn_of_fraud(self, charge: str, **fields: Any) -> Mapping[str, Any]:
        """Make an early fraud warning."""
        return await self._call("POST", "early_fraud_warnings", {"charge": charge, **fields})

    async def refund(self, charge: str, amount: int | None = None) -> Mapping[str, Any]:
        """Refund outside the merchant."""
        return await self._call("POST", "refunds", {self._charge: charge, **({"amount": amount} if amount else {})})

    async def authority(self) -> Mapping[str, Any]:
        """PayPal's certificates: ``root_pem`` and ``certificates``."""
        return await self._call("GET", "authority")

    async def certificate(self, kind: str) -> Mapping[str, Any]:
        """A PayPal certificate of a kind with its key: ``{id, url, pem, private_key_pem}``."""
        return await self._call("POST", "certificates", {"kind": kind})

    async def credentials(self) -> Mapping[str, Any]:
        """What a client needs to know of a Square seller: application, location, country, currency."""
        return await self._call("GET", "credentials")

    async def act(self, path: str, **fields: Any) -> Mapping[str, Any]:
        """A control call of the provider's own, by its path below ``/_sim/``."""
        return await self._call("POST", path, fields)

    async def settings(self, **changes: Any) -> Mapping[str, Any]:
        """Change settings, or read them."""
        return await self._call("POST", "settings", changes) if changes else await self._call("GET", "settings")

    async def state(self, action: str, **fields: Any) -> Mapping[str, Any]:
        """``freeze`` or ``restore`` (``name``), ``reset``, ``seed`` (``seed``)."""
        return await self._call("POST", f"state/{action}", fields)

    async def _call(
        self, method: str, path: str, body: Any = None, *, query: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        try:
            answer = await self._client.request(
                method, f"{self.url}/_sim/{path}", json=body, params=query or None, headers=self._headers
            )
        except httpx.TransportError as error:
            raise HarnessError(f"the simulator at {self.url} does not answer ({error}); its log says why") from error
        if not answer.is_success:
            raise HarnessError(
                f"the simulator refused {method} /_sim/{path} ({answer.status_code}): {answer.text[:400]}"
            )
        found: Mapping[str, Any] = orjson.loads(answer.content)
        return found
