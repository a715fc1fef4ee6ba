"""The laboratory of a shop that takes Square as well: its simulator, its buyers, its desk, its deliveries."""

from __future__ import annotations

import secrets
from typing import Any

from lab import Lab, Order, eventually

EVENTS = [
    "payment.created",
    "payment.updated",
    "refund.created",
    "refund.updated",
    "dispute.created",
    "dispute.state.updated",
    "order.created",
    "order.updated",
]
VISA, DECLINED, STRONG = "4111111111111111", "4000000000000002", "4310000000201019"


class SquareLab(Lab):
    """Both providers; what is Square's has ``square`` in its name where Stripe's has none."""

    simulated = ("--providers", "stripe,square", "--stripe-port", "0", "--square-port", "0")

    def provider_settings(self) -> dict[str, str]:
        self.square_url = self.simulator.ready["square"]["url"]
        self.square_token = f"EAAA{secrets.token_hex(12)}"
        self.square_desk("POST", "settings", country="IE")
        self.merchant = self.square_desk("GET", "credentials")
        wanted = {"name": "shop", "notification_url": f"{self.url}/webhooks/square", "event_types": EVENTS}
        hook = self.square("POST", "/v2/webhooks/subscriptions", json={"subscription": wanted})["subscription"]
        self.hook, self.signature_key = hook["id"], hook["signature_key"]
        return {
            "SQUARE_ACCESS_TOKEN": self.square_token,
            "SQUARE_APPLICATION_ID": self.merchant["application_id"],
            "SQUARE_LOCATION_ID": self.merchant["location_id"],
            "SQUARE_CURRENCY": "EUR",
            "SQUARE_ENVIRONMENT": "sandbox",
            "SQUARE_WEBHOOK_SIGNATURE_KEYS": f"an_older_key,{self.signature_key}",
            "SQUARE_API_BASE": self.square_url,
            "SQUARE_TIMEOUT_SECONDS": "2",
        }

    # Square

    def square(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """A call to Square's API as the merchant."""
        headers = {"Authorization": f"Bearer {self.square_token}", "X-Payharness-Actor": "observer"}
        answer = self.http.request(method, f"{self.square_url}{path}", headers=headers, **options)
        assert answer.is_success, answer.text
        return answer.json()

    def square_desk(self, verb: str, call: str, **body: Any) -> dict[str, Any]:
        """A control call of Square's simulator."""
        answer = self.http.request(
            verb,
            f"{self.square_url}/_sim/{call}",
            json=body if verb == "POST" else None,
            params=body if verb == "GET" else None,
            headers={"Authorization": f"Bearer {self.square_token}"},
        )
        assert answer.is_success, answer.text
        return answer.json()

    def square_fault(self, action: str, **more: Any) -> None:
        """A fault of simulated Square; strikes once, a POST, unless told otherwise."""
        self.square_desk("POST", "faults", **{"action": action, "method": "POST", "times": 1, **more})

    def calm_square(self) -> None:
        self.square_desk("DELETE", "faults")
        self.square_desk("POST", "webhooks", mode="deliver")

    def hold_square(self) -> None:
        self.square_desk("POST", "webhooks", mode="hold")

    def asked_square(self, method: str, path: str) -> list[dict[str, Any]]:
        """Calls of the shop to Square."""
        entries = self.square_desk("GET", "journal")["entries"]
        mine = [one for one in entries if "x-payharness-actor" not in {name.lower() for name in one["headers"]}]
        return [one for one in mine if one["method"] == method and one["path"] == path]

    def payments_of(self, order: Order) -> list[dict[str, Any]]:
        """Square's payments of a shop order, newest first."""
        mine = self.seen(order)["payment"]["provider_id"]
        return [one for one in self.square("GET", "/v2/payments").get("payments", []) if one["order_id"] == mine]

    # buyers

    def begin(self, order: Order, **wish: Any) -> dict[str, Any]:
        """Start a Square payment; what the browser is given."""
        answer = self.start_payment(order, provider="square", **wish)
        assert answer.is_success, answer.text
        return order.payment

    def type_card(self, number: str = VISA, verification: Any = None, **changes: Any) -> dict[str, Any]:
        """What Square's card fields give the browser."""
        card = {"number": number, "exp_month": 12, "exp_year": 2039, "cvv": "111", **changes}
        body = {"application_id": self.merchant["application_id"], "card": card}
        if verification:
            body["verification"] = verification
        return self.http.post(f"{self.square_url}/web/tokenize", json=body).json()

    def hand_over(self, order: Order, token: str, **more: Any) -> Any:
        """The browser hands the token to the shop."""
        body = {"token": token, **more}
        return self.http.post(f"{self.url}/orders/{order.id}/payments/token", json=body, headers=order.headers)

    def paid_by_square(self, sku: str = "teapot", number: str = VISA) -> Order:
        order = self.order(sku)
        self.begin(order)
        answer = self.hand_over(order, self.type_card(number)["token"])
        assert answer.status_code == 200, answer.text
        self.until(order, "paid")
        return order

    def held_by_square(self) -> Order:
        order = self.order("hamper")
        self.begin(order, capture="manual")
        assert self.hand_over(order, self.type_card()["token"]).status_code == 200
        self.until(order, "authorised")
        return order

    def later(self, seconds: float) -> None:
        """Let Square's time pass."""
        self.square_desk("POST", "clock/advance", seconds=seconds)

    def quiet_square(self) -> None:
        """Wait until Square has delivered and the shop has handled it."""
        self.square_desk("GET", "idle", seconds=5)
        eventually(
            lambda: [one for one in self.events() if one["status"] in {"received", "waiting", "processing"}],
            lambda left: not left,
            "the inbox to be empty",
        )
