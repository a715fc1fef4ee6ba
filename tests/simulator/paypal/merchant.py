"""A merchant at simulated PayPal: the official SDK, plain HTTP, and what buyers and tests do."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import requests
from paypalserversdk.configuration import Configuration, Server
from paypalserversdk.http.auth.o_auth_2 import ClientCredentialsAuthCredentials
from paypalserversdk.paypal_serversdk_client import PaypalServersdkClient

RETURN, CANCEL = "https://shop.test/return?cart=7", "https://shop.test/cancel"
OK_CARD = "4012888888881881"


class LocalConfiguration(Configuration):
    """The SDK's configuration with another address; it has no option for that."""

    def __init__(self, base_url: str, **options: Any) -> None:
        self._base_url = base_url
        super().__init__(**options)

    def get_base_uri(self, server: Any = Server.DEFAULT) -> str:
        return self._base_url


class Merchant:
    """An account of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client_id = f"client-{uuid.uuid4().hex[:12]}"
        self.secret = "secret"
        self.control = httpx.Client(base_url=f"{url}/_sim", auth=(self.client_id, self.secret), timeout=30)
        self.page = httpx.Client(base_url=url, timeout=30)
        self.http = httpx.Client(base_url=url, timeout=30)
        self.http.headers["Authorization"] = f"Bearer {self.token()}"

    def token(self, secret: str | None = None) -> str:
        answer = self.page.post(
            "/v1/oauth2/token",
            auth=(self.client_id, self.secret if secret is None else secret),
            data={"grant_type": "client_credentials"},
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def sdk(self) -> PaypalServersdkClient:
        session = requests.Session()
        session.trust_env = False
        return PaypalServersdkClient(
            config=LocalConfiguration(
                self.url,
                http_client_instance=session,
                timeout=15,
                client_credentials_auth_credentials=ClientCredentialsAuthCredentials(
                    o_auth_client_id=self.client_id, o_auth_client_secret=self.secret, o_auth_clock_skew=60
                ),
            )
        )

    # ---- shortcuts -----------------------------------------------------------------------------

    def sim(self, path: str, /, **body: Any) -> dict[str, Any]:
        answer = self.control.post(f"/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def call(self, method: str, path: str, body: Any = None, *, key: str | None = None, **headers: str) -> Any:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            sent["PayPal-Request-Id"] = key
        return self.http.request(method, path, json={} if body is None and method == "POST" else body, headers=sent)

    def order(self, body: dict[str, Any] | None = None, *, key: str | None = None, **changes: Any) -> dict[str, Any]:
        answer = self.call("POST", "/v2/checkout/orders", body or wanted(**changes), key=key)
        assert answer.status_code in {200, 201}, answer.text
        return dict(answer.json())

    def approved(self, instrument: str | None = None, **changes: Any) -> str:
        order = self.order(**changes)["id"]
        self.sim(f"orders/{order}/approve", **({"instrument": instrument} if instrument else {}))
        return str(order)

    def captured(self, instrument: str | None = None, **changes: Any) -> dict[str, Any]:
        """The capture of an order that was approved and captured."""
        order = self.approved(instrument, **changes)
        answer = self.call("POST", f"/v2/checkout/orders/{order}/capture", key=uuid.uuid4().hex)
        assert answer.status_code == 201, answer.text
        return dict(answer.json()["purchase_units"][0]["payments"]["captures"][0])

    def authorized(self, **changes: Any) -> dict[str, Any]:
        order = self.approved(intent="AUTHORIZE", **changes)
        answer = self.call("POST", f"/v2/checkout/orders/{order}/authorize", key=uuid.uuid4().hex)
        assert answer.status_code == 201, answer.text
        return dict(answer.json()["purchase_units"][0]["payments"]["authorizations"][0])

    def close(self) -> None:
        for client in (self.control, self.page, self.http):
            client.close()


def money(value: str, currency: str = "USD") -> dict[str, str]:
    return {"currency_code": currency, "value": value}


def wanted(
    value: str = "12.34", currency: str = "USD", intent: str = "CAPTURE", source: Any = None, **unit: Any
) -> dict[str, Any]:
    """The body of a create call: one unit, approved by a buyer unless a source is given."""
    body: dict[str, Any] = {"intent": intent, "purchase_units": [{"amount": money(value, currency), **unit}]}
    if source is None:
        body["application_context"] = {"return_url": RETURN, "cancel_url": CANCEL}
    else:
        body["payment_source"] = source
    return body


def card(number: str = OK_CARD, **more: Any) -> dict[str, Any]:
    """A card as a payment source."""
    return {"card": {"number": number, "expiry": "2030-01", "security_code": "123", "name": "Jane Doe", **more}}


def issues(answer: httpx.Response) -> list[str]:
    """The issues of a refusal."""
    return [one["issue"] for one in answer.json()["details"]]
