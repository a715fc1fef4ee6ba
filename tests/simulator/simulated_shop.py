"""A merchant with an account of its own on a running simulator, spoken to through the official SDK."""

from __future__ import annotations

import itertools
import os
from typing import Any

import httpx
import oracle
import stripe

stripe.enable_telemetry = False

_numbers = itertools.count(1)


class Shop:
    """A merchant; state of different shops never mixes."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.name = f"{os.getpid()}x{next(_numbers)}"
        self.key = f"sk_test_{self.name}"
        self.client = self.sdk(self.key)
        self.v1 = self.client.v1
        self.browser = self.sdk(f"pk_test_{self.name}").v1
        self.http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {self.key}"}, timeout=30, verify=False
        )
        self.page = httpx.Client(timeout=30, verify=False)

    def sdk(self, key: str, **options: Any) -> stripe.StripeClient:
        addresses: Any = dict.fromkeys(("api", "files", "connect", "meter_events"), self.url)
        return stripe.StripeClient(key, base_addresses=addresses, **options)

    def control(self, method: str, path: str, **body: Any) -> Any:
        answer = self.http.request(method, f"/_sim/{path}", json=body or None)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def advance(self, seconds: float) -> None:
        self.control("POST", "clock/advance", seconds=seconds)

    def now(self) -> int:
        return int(self.control("GET", "clock")["now"])

    def events(self, *types: str) -> list[Any]:
        """Events oldest first, of some types if asked."""
        found = list(self.v1.events.list({"limit": 100}).auto_paging_iter())[::-1]
        return [event for event in found if not types or event.type in types]

    def event_types(self) -> list[str]:
        return [event.type for event in self.events()]

    def pay(self, method: str = "pm_card_visa", amount: int = 1000, currency: str = "usd", **more: Any) -> Any:
        params: Any = {
            "amount": amount,
            "currency": currency,
            "payment_method": method,
            "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            **more,
        }
        return self.v1.payment_intents.create(params)

    def checkout(self, **more: Any) -> Any:
        params: Any = {
            "mode": "payment",
            "success_url": "https://shop.example/thanks?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "https://shop.example/basket",
            "line_items": [
                {
                    "price_data": {"currency": "eur", "unit_amount": 1999, "product_data": {"name": "Shirt"}},
                    "quantity": 2,
                }
            ],
            **more,
        }
        return self.v1.checkout.sessions.create({key: value for key, value in params.items() if value is not None})


def well_formed(body: Any) -> None:
    """Fail with everything that the SDK's types object to."""
    plain = body.to_dict() if hasattr(body, "to_dict") else body
    assert oracle.problems(plain) == []
