"""The laboratory of a shop that takes PayPal as well: its simulator, its payers, its desk, its deliveries."""

from __future__ import annotations

from typing import Any

import httpx
from lab import Lab, Order, eventually

EVERY = [{"name": "*"}]
OK_CARD = "4012888888881881"


class PayPalLab(Lab):
    """Both providers; what is PayPal's has ``paypal`` in its name where Stripe's has none."""

    simulated = ("--stripe-port", "0", "--paypal-port", "0")

    def provider_settings(self) -> dict[str, str]:
        ready = self.simulator.ready["paypal"]
        self.paypal_url = ready["url"]
        self.client = (ready["client_id"], ready["client_secret"])
        self._token = ""
        made = self.paypal(
            "POST",
            "/v1/notifications/webhooks",
            json={"url": f"{self.url}/webhooks/paypal", "event_types": EVERY},
        )
        self.webhook_id = made["id"]
        self.certificate = self.desk("GET", "authority")
        return {
            "PAYPAL_CLIENT_ID": self.client[0],
            "PAYPAL_CLIENT_SECRET": self.client[1],
            "PAYPAL_ENVIRONMENT": "sandbox",
            "PAYPAL_WEBHOOK_IDS": f"8PT597110X687430LKGECATA,{self.webhook_id}",
            "PAYPAL_API_BASE": self.paypal_url,
            "PAYPAL_CERTIFICATE_BASE": self.paypal_url,
            "PAYPAL_TRUST_ROOTS": self.certificate["root_pem"],
            "PAYPAL_TIMEOUT_SECONDS": "2",
        }

    # PayPal

    def paypal(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """A call to PayPal's API as the merchant."""
        for _ in range(2):
            if not self._token:
                answer = self.http.post(
                    f"{self.paypal_url}/v1/oauth2/token", data={"grant_type": "client_credentials"}, auth=self.client
                )
                answer.raise_for_status()
                self._token = answer.json()["access_token"]
            headers = {"Authorization": f"Bearer {self._token}", "X-Payharness-Actor": "observer"}
            answer = self.http.request(method, f"{self.paypal_url}{path}", headers=headers, **options)
            if answer.status_code != 401:
                break
            self._token = ""
        assert answer.is_success, answer.text
        return answer.json() if answer.content else {}

    def desk(self, verb: str, call: str, **body: Any) -> dict[str, Any]:
        """A control call of PayPal's simulator."""
        answer = self.http.request(
            verb,
            f"{self.paypal_url}/_sim/{call}",
            json=body if verb == "POST" else None,
            params=body if verb == "GET" else None,
            auth=self.client,
        )
        assert answer.is_success, answer.text
        return answer.json()

    def paypal_fault(self, action: str, **more: Any) -> None:
        """A fault of simulated PayPal; strikes once, a POST, unless told otherwise."""
        self.desk("POST", "faults", **{"action": action, "method": "POST", "times": 1, **more})

    def calm_paypal(self) -> None:
        self.desk("DELETE", "faults")
        self.desk("POST", "webhooks", mode="deliver")

    def hold_paypal(self) -> None:
        self.desk("POST", "webhooks", mode="hold")

    def held_by_paypal(self) -> list[dict[str, Any]]:
        return self.desk("GET", "deliveries", state="held")["deliveries"]

    def asked_paypal(self, method: str, path: str) -> list[dict[str, Any]]:
        """Calls of the shop to PayPal."""
        entries = self.desk("GET", "journal")["entries"]
        mine = [one for one in entries if "x-payharness-actor" not in {name.lower() for name in one["headers"]}]
        return [one for one in mine if one["method"] == method and one["path"] == path]

    def told(self, order: Order) -> dict[str, Any]:
        """The PayPal order of a shop order, as PayPal has it."""
        return self.paypal("GET", f"/v2/checkout/orders/{self.seen(order)['payment']['provider_id']}")

    def captures_of(self, order: Order) -> list[dict[str, Any]]:
        return self.told(order)["purchase_units"][0].get("payments", {}).get("captures", [])

    # payers

    def begin(self, order: Order, **wish: Any) -> dict[str, Any]:
        """Start a PayPal payment; what the browser is given."""
        answer = self.start_payment(order, provider="paypal", **{"method": "hosted", **wish})
        assert answer.is_success, answer.text
        return order.payment

    def approve(self, order: Order, instrument: str = "balance") -> httpx.Response:
        """The payer agrees on PayPal's page."""
        url = order.payment["redirect_url"]
        page = self.http.get(url, headers={"X-Payharness-Actor": "shopper"})
        assert page.status_code == 200, page.text
        answer = self.http.post(
            url, data={"action": "approve", "instrument": instrument}, headers={"X-Payharness-Actor": "shopper"}
        )
        assert answer.status_code in {302, 303}, answer.text
        return answer

    def turn_away(self, order: Order) -> httpx.Response:
        """The payer leaves PayPal's page without paying."""
        url = order.payment["redirect_url"]
        return self.http.post(url, data={"action": "cancel"}, headers={"X-Payharness-Actor": "shopper"})

    def confirm_card(self, order: Order, number: str = OK_CARD, name: str = "Ada Lovelace") -> dict[str, Any]:
        """The payer types a card into PayPal's fields on the shop's page."""
        card = {"number": number, "name": name, "expiry": "2039-12", "security_code": "123"}
        path = f"/v2/checkout/orders/{order.payment['payment']['provider_id']}/confirm-payment-source"
        return self.paypal("POST", path, json={"payment_source": {"card": card}})

    def pays(self, sku: str = "teapot", instrument: str = "balance", **wish: Any) -> Order:
        """An order that its shopper approved, whatever came of it."""
        order = self.order(sku)
        self.begin(order, **wish)
        self.approve(order, instrument)
        return order

    def paid_by_paypal(self, sku: str = "teapot") -> Order:
        order = self.pays(sku)
        self.until(order, "paid")
        return order

    def payment_until(self, order: Order, *states: str) -> dict[str, Any]:
        return eventually(
            lambda: self.seen(order), lambda seen: seen["payment"]["state"] in states, f"payment in {states}"
        )

    def quiet(self) -> None:
        """Wait until no delivery is under way and the inbox has nothing to do."""
        self.desk("GET", "idle", seconds=5)
        eventually(
            lambda: [one for one in self.events() if one["status"] in {"received", "waiting"}],
            lambda left: not left,
            "an inbox without work",
        )

    def paypal_books(self) -> dict[str, int]:
        """Balance of each account of the books of PayPal's payments; they have to balance."""
        self.quiet()
        ledger = self.staff("GET", "ledger", params={"provider": "paypal"}).json()
        assert ledger["balanced"], ledger
        return {f"{one['account']} {one['currency']}": one["balance"] for one in ledger["accounts"]}
