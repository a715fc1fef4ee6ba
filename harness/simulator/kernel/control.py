"""The control interface: what a test does to a simulated provider, outside the provider's own paths.

JSON in and out under ``/_sim/``. The account is chosen as the provider chooses it; only health needs none.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import msgspec
import orjson

from harness.simulator.kernel.account import Account
from harness.simulator.kernel.faults import Fault
from harness.simulator.kernel.messages import Answer, Request
from harness.simulator.kernel.provider import Provider

CONTROL_PREFIX = "/_sim/"
_JSON = (b"content-type", b"application/json")
_MAX_ADVANCE = 10 * 366 * 86400.0


class Control:
    """Answers control calls."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._calls: dict[tuple[str, ...], Callable[[Account, dict[str, Any]], Awaitable[Any] | Any]] = {
            ("GET", "clock"): lambda account, _: {"now": account.clock.now()},
            ("POST", "clock", "advance"): _advance,
            ("POST", "faults"): _add_fault,
            ("GET", "faults"): lambda account, _: {"faults": msgspec.to_builtins(account.faults.listed())},
            ("DELETE", "faults"): _remove_faults,
            ("GET", "journal"): self._journal,
            ("DELETE", "journal"): _clear_journal,
            ("GET", "webhooks"): lambda account, _: {"mode": "hold" if account.outbox.holding else "deliver"},
            ("POST", "webhooks"): _webhook_mode,
            ("GET", "deliveries"): _deliveries,
            ("POST", "deliveries", "release"): _release,
            ("POST", "deliveries", "drop"): _drop_many,
            ("GET", "idle"): _idle,
            ("GET", "settings"): lambda account, _: account.settings_view(),
            ("POST", "settings"): _change_settings,
            ("GET", "state"): lambda account, _: {"frozen": account.frozen},
            ("POST", "state", "freeze"): _freeze,
            ("POST", "state", "restore"): _restore,
            ("POST", "state", "reset"): _reset,
            ("POST", "state", "seed"): _reseed,
        }

    async def answer(self, request: Request) -> Answer:
        """Answer a control call; every mistake is answered with one sentence."""
        try:
            return _json(200, await self._dispatch(request))
        except (LookupError, msgspec.ValidationError, ValueError) as error:
            status = 404 if isinstance(error, LookupError) else 400
            return _refusal(status, str(error.args[0]) if error.args else str(error))
        except PermissionError as error:
            return _refusal(401, str(error))

    async def _dispatch(self, request: Request) -> Any:
        path = request.path.removeprefix(CONTROL_PREFIX).strip("/")
        if path == "health" and request.method == "GET":
            return {"provider": self.provider.name, "ready": True}
        account = self.provider.owner(request)
        if account is None:
            raise PermissionError(f"A control call needs the account it is for: {self.provider.credentials_hint}.")
        account.catch_up()
        arguments = _arguments(request)
        parts = tuple(path.split("/"))
        call = self._calls.get((request.method, *parts))
        if call is not None:
            result = call(account, arguments)
            return await result if isinstance(result, Awaitable) else result
        match (request.method, *parts):
            case ("DELETE", "faults", fault_id):
                if not account.faults.remove(fault_id):
                    raise LookupError(f"No such fault: {fault_id!r}; GET /_sim/faults lists those that exist.")
                return {"removed": fault_id}
            case ("GET", "deliveries", delivery_id):
                return _delivery(account, delivery_id).view()
            case ("POST", "deliveries", delivery_id, "send"):
                delivery = _delivery(account, delivery_id)
                await account.outbox.send(delivery)
                return delivery.view()
            case ("POST", "deliveries", delivery_id, "drop"):
                delivery = _delivery(account, delivery_id)
                account.outbox.drop(delivery)
                return delivery.view()
        result = self.provider.control(account, request, path, arguments)
        if result is None:
            raise LookupError(f"No such control call: {request.method} {request.path}; ARCHITECTURE.md lists them.")
        return result

    def _journal(self, account: Account, arguments: dict[str, Any]) -> dict[str, Any]:
        provider = self.provider

        def decode(response: object) -> Any:
            if response is None:
                return None
            body = response if isinstance(response, bytes) else provider.body_of(account, response)
            try:
                return orjson.loads(body)
            except orjson.JSONDecodeError:
                return body.decode("utf-8", "replace")

        since = int(_number(arguments, "since", 0))
        return {"entries": account.journal.read(since, provider.decode, decode)}


async def _advance(account: Account, arguments: dict[str, Any]) -> dict[str, Any]:
    seconds = _number(arguments, "seconds")
    if not 0 <= seconds <= _MAX_ADVANCE:
        raise ValueError("seconds must be between 0 and ten years: the clock only moves forward.")
    fired = await account.advance(seconds)
    return {"now": account.clock.now(), "fired": fired}


def _add_fault(account: Account, arguments: dict[str, Any]) -> dict[str, Any]:
    fault = msgspec.convert(arguments, Fault)
    refusal = fault.refusal()
    if refusal:
        raise ValueError(refusal)
    return {"id": account.faults.add(fault)}


def _remove_faults(account: Account, _: dict[str, Any]) -> dict[str, Any]:
    removed = [fault.id for fault in account.faults.listed()]
    account.faults.remove()
    return {"removed": removed}


def _clear_journal(account: Account, _: dict[str, Any]) -> dict[str, Any]:
    account.journal.clear()
    return {"entries": []}


def _webhook_mode(account: Account, arguments: dict[str, Any]) -> dict[str, Any]:
    mode = arguments.get("mode")
    if mode not in {"deliver", "hold"}:
        raise ValueError(f"Unknown webhook mode {mode!r}; use 'deliver' or 'hold'.")
    account.outbox.holding = mode == "hold"
    return {"mode": mode}


def _deliveries(account: Account, arguments: dict[str, Any]) -> dict[str, Any]:
    found = account.outbox.listed(arguments.get("state"), arguments.get("event"))
    return {"deliveries": [delivery.view() for delivery in found]}


async def _release(account: Account, _: dict[str, Any]) -> dict[str, Any]:
    return {"deliveries": [delivery.view() for delivery in await account.outbox.release()]}


def _drop_many(account: Account, arguments: dict[str, Any]) -> dict[str, Any]:
    """Give up those of some events, or all that are still open."""
    events = arguments.get("events")
    if events is not None and not (isinstance(events, list) and all(isinstance(one, str) for one in events)):
        raise ValueError('events is a list of event ids: send {"events": ["evt_..."]}, or nothing for all.')
    chosen = [d for d in account.outbox.listed() if d.open and (events is None or d.event in events)]
    for delivery in chosen:
        account.outbox.drop(delivery)
    return {"deliveries": [delivery.view() for delivery in chosen]}


async def _idle(account: Account, arguments: dict[str, Any]) -> dict[str, Any]:
    idle = await account.idle(_number(arguments, "seconds", 5.0))
    return {"idle": idle, "attempts": account.outbox.attempted}


def _change_settings(account: Account, arguments: dict[str, Any]) -> dict[str, Any]:
    account.change_settings(arguments)
    return account.settings_view()


def _freeze(account: Account, arguments: dict[str, Any]) -> dict[str, Any]:
    name = _name(arguments)
    account.freeze(name)
    return {"frozen": name}


def _restore(account: Account, arguments: dict[str, Any]) -> dict[str, Any]:
    name = _name(arguments)
    if name not in account.frozen:
        known = ", ".join(account.frozen) or "none yet"
        raise LookupError(f"No frozen state {name!r}; frozen states: {known}.")
    account.restore(name)
    return {"restored": name}


def _reset(account: Account, _: dict[str, Any]) -> dict[str, Any]:
    account.reset()
    return {"reset": True}


def _reseed(account: Account, arguments: dict[str, Any]) -> dict[str, Any]:
    seed = arguments.get("seed")
    if not isinstance(seed, (int, str)) or isinstance(seed, bool):
        raise ValueError('A seed is a number or a text: send {"seed": 7}.')  # noqa: TRY004 - answered as 400
    account.reseed(str(seed))
    return {"seed": seed}


def _delivery(account: Account, delivery_id: str) -> Any:
    delivery = account.outbox.get(delivery_id)
    if delivery is None:
        raise LookupError(f"No such delivery: {delivery_id!r}; GET /_sim/deliveries lists those that exist.")
    return delivery


def _arguments(request: Request) -> dict[str, Any]:
    arguments: dict[str, Any] = {name: values[-1] for name, values in parse_qs(request.query.decode("latin-1")).items()}
    if request.body:
        try:
            body = orjson.loads(request.body)
        except orjson.JSONDecodeError as error:
            raise ValueError(f"The body of a control call is JSON, and this is not: {error}.") from error
        if not isinstance(body, dict):
            raise ValueError("The body of a control call is a JSON object.")
        arguments.update(body)
    return arguments


def _number(arguments: dict[str, Any], name: str, default: float | None = None) -> float:
    value = arguments.get(name, default)
    try:
        if isinstance(value, bool) or value is None:
            raise ValueError  # noqa: TRY301 - one sentence for every wrong number
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a number, not {value!r}.") from None
    if number != number or number in {float("inf"), float("-inf")}:  # noqa: PLR0124 - that is how NaN shows
        raise ValueError(f"{name} must be a finite number.")
    return number


def _name(arguments: dict[str, Any]) -> str:
    name = arguments.get("name")
    if not isinstance(name, str) or not name:
        raise ValueError('A frozen state has a name: send {"name": "..."}.')
    return name


def _json(status: int, value: Any) -> Answer:
    return Answer(status, orjson.dumps(value), [_JSON])


def _refusal(status: int, message: str) -> Answer:
    return _json(status, {"error": {"type": "invalid_request_error", "message": message}})
