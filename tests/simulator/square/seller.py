"""A seller at simulated Square: the official SDK, plain HTTP, and what buyers and tests do."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import square_oracle
from square import AsyncSquare, Square

VISA = "4111111111111111"


class Seller:
    """An account of its own, in Ireland: it takes euros."""

    def __init__(self, url: str, country: str = "IE") -> None:
        self.url = url
        self.token = f"EAAA{uuid.uuid4().hex}"
        self.differences: list[str] = []
        headers = {"Authorization": f"Bearer {self.token}"}
        self.control = httpx.Client(base_url=f"{url}/_sim", headers=headers, timeout=30, trust_env=False)
        self.page = httpx.Client(base_url=url, timeout=30, trust_env=False)
        self.http = self._judged(base_url=url, headers=headers, timeout=30)
        self.sdk = Square(base_url=url, token=self.token, httpx_client=self._judged(timeout=30))
        self.sim("settings", country=country)
        self.facts = self.control.get("/credentials").json()
        self.location = self.facts["location_id"]

    def _judged(self, **options: Any) -> httpx.Client:
        client = httpx.Client(trust_env=False, **options)
        client.event_hooks["response"].append(self._judge)
        return client

    def _judge(self, response: httpx.Response) -> None:
        response.read()
        self.differences += square_oracle.differences(response)

    def asynchronous(self) -> AsyncSquare:
        return AsyncSquare(base_url=self.url, token=self.token, httpx_client=httpx.AsyncClient(trust_env=False))

    # ---- shortcuts -----------------------------------------------------------------------------

    def sim(self, path: str, /, **body: Any) -> dict[str, Any]:
        answer = self.control.post(f"/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def later(self, **spans: float) -> None:
        """Let time pass."""
        seconds = spans.get("seconds", 0) + spans.get("hours", 0) * 3600 + spans.get("days", 0) * 86400
        self.sim("clock/advance", seconds=seconds)

    def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post(path, json={} if body is None else body, headers=sent)

    def pay(self, amount: int = 4999, source: str = "cnon:card-nonce-ok", **more: Any) -> httpx.Response:
        body = {"source_id": source, "idempotency_key": uuid.uuid4().hex, "amount_money": euros(amount), **more}
        return self.post("/v2/payments", {name: value for name, value in body.items() if value is not None})

    def paid(self, amount: int = 4999, **more: Any) -> dict[str, Any]:
        answer = self.pay(amount, **more)
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["payment"])

    def payment(self, id_: str) -> dict[str, Any]:
        return dict(self.http.get(f"/v2/payments/{id_}").json()["payment"])

    def order(self, *prices: int, **more: Any) -> dict[str, Any]:
        lines = [{"name": f"item {n}", "quantity": "1", "base_price_money": euros(p)} for n, p in enumerate(prices)]
        sent = {"location_id": self.location, "line_items": lines, **more}
        answer = self.post("/v2/orders", {"idempotency_key": uuid.uuid4().hex, "order": sent})
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["order"])

    def read_order(self, id_: str) -> dict[str, Any]:
        return dict(self.http.get(f"/v2/orders/{id_}").json()["order"])

    def refund(self, payment: str, amount: int, **more: Any) -> httpx.Response:
        body = {"idempotency_key": uuid.uuid4().hex, "payment_id": payment, "amount_money": euros(amount), **more}
        return self.post("/v2/refunds", body)

    def type_card(self, number: str = VISA, verification: Any = None, **changes: Any) -> dict[str, Any]:
        """What the card form of the browser gets."""
        card = {"number": number, "exp_month": 12, "exp_year": 2039, "cvv": "111", **changes}
        body = {"application_id": self.facts["application_id"], "location_id": self.location, "card": card}
        return dict(
            self.page.post("/web/tokenize", json=body | ({"verification": verification} if verification else {})).json()
        )

    def customer(self, **fields: Any) -> str:
        answer = self.post("/v2/customers", fields or {"given_name": "Ada"})
        return str(answer.json()["customer"]["id"])

    def listen(self, url: str, *types: str) -> dict[str, Any]:
        """A webhook subscription."""
        wanted = {"name": "shop", "notification_url": url, "event_types": list(types) or EVENTS}
        answer = self.post("/v2/webhooks/subscriptions", {"idempotency_key": uuid.uuid4().hex, "subscription": wanted})
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["subscription"])

    def told(self) -> list[str]:
        """Types of the events that were made for subscriptions, in order."""
        return [one["type"] for one in self.control.get("/deliveries").json()["deliveries"]]

    def close(self) -> None:
        for client in (self.control, self.page, self.http):
            client.close()


EVENTS = [
    f"{kind}.{what}" for kind in ("payment", "refund", "order", "customer") for what in ("created", "updated")
] + ["dispute.created", "dispute.state.updated", "card.created", "card.disabled"]


def euros(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


def code(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["errors"][0]["code"]
