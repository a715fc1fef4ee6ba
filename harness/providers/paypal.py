"""PayPal through its official SDK: against the simulator, or against the sandbox.

The SDK is synchronous and has neither disputes nor webhooks: its calls run in threads, the rest goes through a thin
client with the SDK's own token. What is read is the text of the answer, because the SDK's models lose zeros and
fields that they do not know.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx
import requests
from paypalserversdk.configuration import Configuration, Environment, Server  # type: ignore[import-untyped]
from paypalserversdk.exceptions.api_exception import ApiException  # type: ignore[import-untyped]
from paypalserversdk.http.auth.o_auth_2 import ClientCredentialsAuthCredentials  # type: ignore[import-untyped]
from paypalserversdk.paypal_serversdk_client import PaypalServersdkClient  # type: ignore[import-untyped]

from harness import loopback
from harness.domain.money import Money
from harness.domain.providers import Mode
from harness.domain.verdicts import HarnessError
from harness.providers.base import ACTOR_HEADER, Account, ChargeTruth, DisputeTruth, PaymentTruth, RefundTruth
from harness.providers.control import SimulatorControl
from harness.providers.paypal_truth import (
    amount_of,
    charge_truth,
    dispute_truth,
    lapsed,
    payment_truth,
    payments_of,
    refund_truth,
    written,
)

SANDBOX = "https://api-m.sandbox.paypal.com"
_ORDERS = "/v2/checkout/orders"
_CODES = "aud brl cad cny czk dkk eur hkd huf ils jpy myr mxn twd nzd nok php pln gbp sgd sek chf thb usd"
CURRENCIES = frozenset(_CODES.split())
"""PayPal, "Currency codes"."""
_PAGE = 100
_EVENTS_REACH = timedelta(days=29)
"""How far back events are looked for; PayPal keeps them for 30 days."""


class _Places(Configuration):  # type: ignore[misc]  # the SDK has no types
    """The SDK's settings with an address of one's own; it offers no option for it."""

    def __init__(self, base_url: str, **settings: Any) -> None:
        self._base_url = base_url.rstrip("/")
        super().__init__(**settings)

    def get_base_uri(self, server: Any = Server.DEFAULT) -> str:
        """Every call goes to that address."""
        del server
        return self._base_url


class PayPalSide:
    """Our own side of a PayPal account.

    Args:
        account: ``publishable_key`` is the client's id, ``secret_key`` its secret.
        control: of the simulator; lets payments be found by what they name, which PayPal itself offers no list for.
    """

    def __init__(self, account: Account, *, control: SimulatorControl | None = None, timeout: float = 30.0) -> None:
        if account.mode is Mode.SIMULATED and not account.url:
            raise HarnessError("the simulated provider has no address; start it with `payharness sim`")
        self.account, self._control = account, control
        self._base = account.url or SANDBOX
        self._session = requests.Session()
        self._session.trust_env = not account.url
        self._session.headers[ACTOR_HEADER] = "observer"
        self._timeout = timeout
        self._sdk = self._new_sdk()
        self._http = loopback.client(timeout=timeout, verify=not account.url)
        self._token: tuple[str, float] | None = None
        self._lock = asyncio.Lock()
        self._named: dict[str, tuple[float, Mapping[str, Any]]] = {}
        self._read_until = 0

    async def close(self) -> None:
        """Close connections."""
        self._session.close()
        await self._http.aclose()

    # truth

    def is_payment(self, payment_id: str) -> bool:
        """Whether an id is that of a payment here: an order's."""
        return payment_id.isalnum() and payment_id.isupper()

    def takes(self, currency: str) -> bool:
        """Whether PayPal takes payments in a currency."""
        return currency.lower() in CURRENCIES

    async def payment(self, payment_id: str) -> PaymentTruth:
        """A payment by the id of its PayPal order; one that has lapsed is cancelled."""
        try:
            return payment_truth(await self._order(payment_id))
        except ProviderRefusal as error:
            if error.status != httpx.codes.NOT_FOUND or payment_id not in self._named:
                raise
            return lapsed(payment_id, self._named[payment_id][1])

    async def payments(self, reference: str, *, since: int = 0, pages: bool = True) -> list[PaymentTruth]:
        """Every order made since then that names the reference anywhere.

        PayPal lists no orders; the simulator's record of calls does. On the sandbox nothing is found this way.
        """
        del pages
        if self._control is None:
            return []
        for call in await self._control.journal(self._read_until):
            self._read_until = call.seq
            made = call.response if isinstance(call.response, Mapping) else {}
            if call.method == "POST" and call.path == _ORDERS and made.get("id"):
                self._named[str(made["id"])] = (call.at, call.params)
        ids = [one for one, (at, made) in self._named.items() if at >= since and reference in json.dumps(made)]
        return list(await asyncio.gather(*(self.payment(one) for one in ids)))

    async def charges(self, payment_id: str) -> list[ChargeTruth]:
        """Every attempt to take or to hold money for a payment, oldest first."""
        payments = await self._payments_of(payment_id)
        taken = payments.get("captures") or []
        held = [one for one in payments.get("authorizations") or [] if not taken]
        return [charge_truth(one, payment_id) for one in [*held, *taken]]

    async def refunds(self, payment_id: str) -> list[RefundTruth]:
        """Every refund of a payment, oldest first."""
        found = await self._payments_of(payment_id)
        return [refund_truth(one, payment_id) for one in found.get("refunds") or []]

    async def disputes(self, payment_id: str) -> list[DisputeTruth]:
        """Every dispute about a payment, oldest first."""
        found: list[DisputeTruth] = []
        for charge in await self.charges(payment_id):
            if not charge.captured.minor:
                continue
            page = await self._get("/v1/customer/disputes", {"disputed_transaction_id": charge.id})
            for item in page.get("items") or []:
                whole = await self._get(f"/v1/customer/disputes/{item['dispute_id']}")
                found.append(dispute_truth(whole, charge.id, payment_id))
        return sorted(found, key=lambda one: str(one.raw.get("create_time", "")))

    async def events(self, *, after: str | None = None, since: int = 0) -> list[Mapping[str, Any]]:
        """Events after that one, or since then, oldest first."""
        begin = datetime.fromtimestamp(since, UTC) if since else datetime.now(UTC) - _EVENTS_REACH
        query: dict[str, str] | None = {"page_size": str(_PAGE), "start_time": _time(begin)}
        path, found = "/v1/notifications/webhooks-events", list[Mapping[str, Any]]()
        while True:
            page = await self._get(path, query)
            for event in page.get("events") or []:
                if event["id"] == after:
                    return found[::-1]
                found.append(event)
            following = next((one["href"] for one in page.get("links") or [] if one.get("rel") == "next"), None)
            if not following:
                return found[::-1]
            path, query = _path_of(str(following)), None

    async def last_event(self) -> str | None:
        """Id of the newest event."""
        page = await self._get("/v1/notifications/webhooks-events", {"page_size": "1"})
        events = page.get("events") or []
        return str(events[0]["id"]) if events else None

    def api_version(self) -> str:
        """The version of the resources in events that are made for this account."""
        return "2.0"

    async def raw(self, path: str) -> Mapping[str, Any]:
        """Any object by its path, as JSON."""
        return await self._get(path)

    async def balance(self) -> Mapping[str, int]:
        """Total balance by currency."""
        found = await self._get("/v1/reporting/balances", {"currency_code": "ALL"})
        return {
            str(one["currency"]).lower(): amount_of(one["total_balance"]).minor for one in found.get("balances") or []
        }

    # what happens without the merchant's system

    async def create_customer(self, **fields: Any) -> str:
        """PayPal keeps no customers of a merchant before something is saved for them; an id of one's own will do."""
        return str(fields.get("id") or f"customer_{uuid.uuid4().hex[:12]}")

    async def refund(self, payment_id: str, amount: Money | None = None) -> RefundTruth:
        """Refund as the merchant's own desk at PayPal does."""
        charges = [one for one in await self.charges(payment_id) if one.captured.minor]
        if not charges:
            raise HarnessError(f"the PayPal order {payment_id} has no capture to refund")
        options: dict[str, Any] = {"capture_id": charges[-1].id, "paypal_request_id": str(uuid.uuid4())}
        options["prefer"] = "return=representation"
        if amount is not None:
            options["body"] = {"amount": written(amount)}
        return refund_truth(await self._sdk_call("payments", "refund_captured_payment", options), payment_id)

    async def capture(self, payment_id: str, amount: Money | None = None) -> PaymentTruth:
        """Capture a hold as the merchant's own desk does."""
        options: dict[str, Any] = {
            "authorization_id": await self._authorization(payment_id),
            "paypal_request_id": str(uuid.uuid4()),
            "body": {"final_capture": True, **({"amount": written(amount)} if amount else {})},
        }
        await self._sdk_call("payments", "capture_authorized_payment", options)
        return await self.payment(payment_id)

    async def cancel(self, payment_id: str) -> PaymentTruth:
        """Void a hold as the merchant's own desk does."""
        await self._sdk_call("payments", "void_payment", {"authorization_id": await self._authorization(payment_id)})
        return await self.payment(payment_id)

    async def change(self, payment_id: str, amount: Money) -> PaymentTruth:
        """Change the amount of an order that was not paid yet."""
        unit = (await self._order(payment_id))["purchase_units"][0]
        kept = ("reference_id", "custom_id", "invoice_id", "description")
        value = {**{name: unit[name] for name in kept if unit.get(name)}, "amount": written(amount)}
        patch = [{"op": "replace", "path": "/purchase_units/@reference_id=='default'", "value": value}]
        await self._sdk_call("orders", "patch_order", {"id": payment_id, "body": patch})
        return await self.payment(payment_id)

    async def pay(self, amount: Money, instrument: str, metadata: Mapping[str, str]) -> PaymentTruth:
        """Make an order with a card, paid at once, that claims whatever references it likes."""
        unit = {
            "amount": written(amount),
            **{name: metadata[name] for name in ("custom_id", "reference_id", "description") if name in metadata},
        }
        body = {
            "intent": "CAPTURE",
            "purchase_units": [unit],
            "payment_source": {"card": {"number": instrument, "expiry": "2039-12", "security_code": "123"}},
        }
        options = {"body": body, "paypal_request_id": str(uuid.uuid4()), "prefer": "return=representation"}
        made = await self._sdk_call("orders", "create_order", options)
        return await self.payment(str(made["id"]))

    async def register_endpoint(self, url: str, events: Sequence[str] = ("*",)) -> str:
        """Register a webhook; answers its id, which is what its signatures are verified with."""
        body = {"url": url, "event_types": [{"name": name} for name in events]}
        return str((await self._send("POST", "/v1/notifications/webhooks", json=body))["id"])

    # inside

    async def _order(self, payment_id: str) -> dict[str, Any]:
        return await self._sdk_call("orders", "get_order", {"id": payment_id})

    async def _payments_of(self, payment_id: str) -> Mapping[str, Any]:
        return payments_of((await self.payment(payment_id)).raw)

    async def _authorization(self, payment_id: str) -> str:
        held = (await self._payments_of(payment_id)).get("authorizations") or []
        if not held:
            raise HarnessError(f"the PayPal order {payment_id} holds no money")
        return str(held[-1]["id"])

    def _new_sdk(self) -> Any:
        account = self.account
        credentials = ClientCredentialsAuthCredentials(
            o_auth_client_id=account.publishable_key, o_auth_client_secret=account.secret_key, o_auth_clock_skew=60
        )
        shared: dict[str, Any] = {
            "http_client_instance": self._session,
            "timeout": self._timeout,
            "client_credentials_auth_credentials": credentials,
        }
        if account.url:
            return PaypalServersdkClient(config=_Places(self._base, **shared))
        return PaypalServersdkClient(config=Configuration(environment=Environment.SANDBOX, **shared))

    async def _sdk_call(self, controller: str, call: str, options: dict[str, Any]) -> dict[str, Any]:
        """Call the SDK in a thread; once more with a new token where the old one is not known any more.

        The SDK goes by the age of a token alone, and time may have been moved at the provider.
        """
        async with self._lock:  # the SDK's first token is not guarded against several calls at once
            for last in (False, True):
                try:
                    return await asyncio.to_thread(_called, getattr(getattr(self._sdk, controller), call), options)
                except ProviderRefusal as error:
                    if last or error.status != httpx.codes.UNAUTHORIZED:
                        raise
                    self._sdk = self._new_sdk()
        raise AssertionError("not reached")

    async def _get(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        return await self._send("GET", path, params=dict(query) if query else None)

    async def _send(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        answer = await self._sent(method, path, **content)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._token = None
            answer = await self._sent(method, path, **content)
        if not answer.is_success:
            raise ProviderRefusal(method, path, answer.status_code, answer.text)
        return cast("dict[str, Any]", answer.json()) if answer.content else {}

    async def _sent(self, method: str, path: str, **content: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {await self._bearer()}", ACTOR_HEADER: "observer"}
        try:
            return await self._http.request(method, f"{self._base}{path}", headers=headers, **content)
        except httpx.TransportError as error:
            raise HarnessError(f"PayPal does not answer {method} {path} of the harness itself ({error})") from error

    async def _bearer(self) -> str:
        now = asyncio.get_running_loop().time()
        if self._token is None or now >= self._token[1]:
            answer = await self._http.post(
                f"{self._base}/v1/oauth2/token",
                data={"grant_type": "client_credentials"},
                auth=(self.account.publishable_key, self.account.secret_key),
                headers={ACTOR_HEADER: "observer"},
            )
            if not answer.is_success:
                raise ProviderRefusal("POST", "/v1/oauth2/token", answer.status_code, answer.text)
            found = answer.json()
            self._token = (str(found["access_token"]), now + min(float(found["expires_in"]) - 60, 300))
        return self._token[0]


class ProviderRefusal(HarnessError):  # noqa: N818 - says what is the matter
    """PayPal refused a call of the harness itself; ``code`` is the issue, or the name of the error."""

    def __init__(self, method: str, path: str, status: int, text: str) -> None:
        self.status = status
        try:
            body = json.loads(text)
            details = body.get("details") or [{}]
            self.code = details[0].get("issue") or body.get("name") or body.get("error")
        except (ValueError, AttributeError):
            self.code = None
        reason = self.code or text[:200]
        super().__init__(f"the provider refused {method} {path} of the harness itself ({status}): {reason}")


def _called(function: Callable[[dict[str, Any]], Any], options: dict[str, Any]) -> dict[str, Any]:
    name = getattr(function, "__name__", "a call")
    try:
        answer = function(options)
    except ApiException as error:
        raise ProviderRefusal("SDK", name, error.response_code, error.response.text or "") from error
    except requests.RequestException as error:
        raise HarnessError(f"PayPal does not answer {name} of the harness itself ({type(error).__name__})") from error
    return cast("dict[str, Any]", json.loads(answer.text)) if answer.text else {}


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _path_of(address: str) -> str:
    parts = httpx.URL(address)
    return parts.raw_path.decode()
