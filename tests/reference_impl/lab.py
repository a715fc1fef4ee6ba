"""A small laboratory of the reference integration: simulated Stripe, embedded PostgreSQL, server, workers.

All as processes.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
OPERATOR = "op_" + secrets.token_hex(16)
READY_SECONDS = 30


class Process:
    """A process of ours, with its ready line and its log; ended by its own pid."""

    def __init__(self, name: str, command: list[str], env: dict[str, str], folder: Path) -> None:
        self.name, self.command, self.env = name, command, env
        self.log = folder / f"{name}-{secrets.token_hex(3)}.log"
        self.child: subprocess.Popen[str] | None = None
        self.ready: dict[str, Any] = {}

    def start(self) -> Process:
        self.child = subprocess.Popen(
            self.command, env=self.env, stdout=subprocess.PIPE, stderr=self.log.open("w"), text=True, cwd=ROOT
        )
        timer = threading.Timer(READY_SECONDS, self.child.kill)
        timer.start()
        line = self.child.stdout.readline()
        timer.cancel()
        if not line:
            raise AssertionError(f"{self.name} did not start: {self.log.read_text()[-3000:]}")
        self.ready = json.loads(line)
        return self

    def end(self, number: int = signal.SIGTERM) -> int:
        if self.child is None:
            return 0
        if self.child.poll() is None:
            self.child.send_signal(number)
        code = self.child.wait(30)
        self.child.stdout.close()
        return code

    def kill(self) -> None:
        self.end(signal.SIGKILL)


@dataclass
class Order:
    """An order of a shopper in a test."""

    id: str
    token: str
    total: int
    currency: str
    payment: dict[str, Any] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


class Lab:
    """Everything that a test of the whole integration needs; slow to start, so it is shared."""

    simulated = ("--stripe-port", "0")

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.extra = settings
        self.key = secrets.token_hex(8)
        self.port = free_port()
        self.http = httpx.Client(timeout=60, trust_env=False)
        self.workers: list[Process] = []
        self.strays: set[str] = set()
        """Charges and refunds that tests made beside the shop, on purpose: its books do not know them."""

    # processes

    def start(self) -> Lab:
        self.start_provider_and_database()
        self.server = self.start_server()
        self.start_worker()
        return self

    def start_provider_and_database(self) -> None:
        self.simulator = self.process("simulator", "harness.simulator", *self.simulated).start()
        self.sim = self.simulator.ready["stripe"]["url"]
        self.url = f"http://127.0.0.1:{self.port}"
        endpoint = self.stripe(
            "POST", "webhook_endpoints", url=f"{self.url}/webhooks/stripe", **{"enabled_events[]": "*"}
        )
        self.secret = endpoint["secret"]
        self.database = self.start_database()
        env = {"DATABASE_URL": self.database.ready["database_url"]}
        self.migration = self.process("migrate", "reference_impl", "migrate", env=env).start()
        self.migration.end()
        self.settings = {
            **env,
            "PAYMENTS_ENVIRONMENT": "test",
            "OPERATOR_TOKEN": OPERATOR,
            "STRIPE_SECRET_KEY": f"sk_test_{self.key}",
            "STRIPE_PUBLISHABLE_KEY": f"pk_test_{self.key}",
            "STRIPE_API_BASE": self.sim,
            "STRIPE_WEBHOOK_SECRETS": f"whsec_an_older_one,{self.secret}",
            "STRIPE_TIMEOUT_SECONDS": "2",
            "JANITOR_INTERVAL_SECONDS": "0.5",
            "RECONCILE_INTERVAL_SECONDS": "0",
            "PUBLIC_URL": self.url,
            **self.provider_settings(),
            **self.extra,
        }

    def provider_settings(self) -> dict[str, str]:
        """Settings of further providers."""
        return {}

    def stop(self) -> None:
        for process in (*self.workers, self.server, self.database, self.simulator):
            process.end()
        self.http.close()

    def process(self, name: str, module: str, *arguments: str, env: dict[str, str] | None = None) -> Process:
        base = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        base |= {"NO_PROXY": "127.0.0.1,localhost", "PYTHONPATH": str(ROOT), "STRIPE_SUPPRESS_NOTICES": "true"}
        return Process(name, [sys.executable, "-m", module, *arguments], {**base, **(env or {})}, self.folder)

    def start_database(self) -> Process:
        arguments = ("database", "--data-dir", str(self.folder / "db"), "--no-fsync", "--stop-with-parent")
        return self.process("database", "reference_impl", *arguments).start()

    def start_server(self, **env: str) -> Process:
        arguments = ("serve", "--port", str(self.port), "--no-worker", "--stop-with-parent")
        return self.process("serve", "reference_impl", *arguments, env=self.settings | env).start()

    def start_worker(self, **env: str) -> Process:
        worker = self.process(
            "worker", "reference_impl", "worker", "--stop-with-parent", env=self.settings | env
        ).start()
        self.workers.append(worker)
        return worker

    def logs(self) -> str:
        return "\n".join(path.read_text() for path in self.folder.glob("*.log"))

    # the provider

    def stripe(self, method: str, path: str, **data: Any) -> dict[str, Any]:
        answer = self.http.request(
            method,
            f"{self.sim}/v1/{path}",
            data=data if method != "GET" else None,
            params=data if method == "GET" else None,
            auth=(f"sk_test_{self.key}", ""),
        )
        answer.raise_for_status()
        return answer.json()

    def control(self, verb: str, call: str, /, **body: Any) -> dict[str, Any]:
        answer = self.http.request(
            verb,
            f"{self.sim}/_sim/{call}",
            json=body if verb == "POST" else None,
            params=body if verb == "GET" else None,
            headers={"Authorization": f"Bearer sk_test_{self.key}"},
        )
        answer.raise_for_status()
        return answer.json()

    def fault(self, action: str, **more: Any) -> None:
        """A fault of the simulator; strikes once, a POST, unless told otherwise."""
        self.control("POST", "faults", **{"action": action, "method": "POST", "times": 1, **more})

    def calm(self) -> None:
        """No faults, deliveries on."""
        self.control("DELETE", "faults")
        self.control("POST", "webhooks", mode="deliver")

    def hold(self) -> None:
        self.control("POST", "webhooks", mode="hold")

    def held(self) -> list[dict[str, Any]]:
        return self.control("GET", "deliveries", state="held")["deliveries"]

    def carry(self, delivery: dict[str, Any]) -> None:
        self.control("POST", f"deliveries/{delivery['id']}/send")

    def drop_held(self) -> None:
        for delivery in self.held():
            self.control("POST", f"deliveries/{delivery['id']}/drop")

    def journal(self, method: str, path: str) -> list[dict[str, Any]]:
        entries = self.control("GET", "journal")["entries"]
        return [one for one in entries if one["method"] == method and one["path"] == path]

    def charge_of(self, order: Order) -> str:
        return self.stripe("GET", f"payment_intents/{self.seen(order)['payment']['provider_id']}")["latest_charge"]

    # shoppers

    def order(self, sku: str = "teapot", quantity: int = 1, currency: str = "eur", **more: Any) -> Order:
        body = {"currency": currency, "lines": [{"sku": sku, "quantity": quantity}], **more}
        answer = self.http.post(f"{self.url}/orders", json=body)
        assert answer.status_code == 201, answer.text
        made = answer.json()
        return Order(made["id"], made["token"], made["total"]["amount"], made["total"]["currency"])

    def start_payment(self, order: Order, **wish: Any) -> httpx.Response:
        answer = self.http.post(f"{self.url}/orders/{order.id}/payments", json=wish, headers=order.headers)
        if answer.is_success:
            order.payment = answer.json()
        return answer

    def confirm(self, order: Order, method: str = "pm_card_visa") -> dict[str, Any]:
        answer = self.http.post(
            f"{self.sim}/v1/payment_intents/{order.payment['payment']['provider_id']}/confirm",
            data={
                "key": f"pk_test_{self.key}",
                "client_secret": order.payment["client_secret"],
                "payment_method": method,
                "return_url": f"{self.url}/back",
            },
        )
        return answer.json()

    def pay(self, order: Order, method: str = "pm_card_visa", **wish: Any) -> dict[str, Any]:
        answer = self.start_payment(order, **wish)
        assert answer.is_success, answer.text
        return self.confirm(order, method)

    def paid(self, method: str = "pm_card_visa", **order: Any) -> Order:
        made = self.order(**order)
        self.pay(made, method)
        self.until(made, "paid")
        return made

    def held_on_card(self, sku: str = "hamper") -> Order:
        made = self.order(sku)
        self.pay(made, capture="manual")
        self.until(made, "authorised")
        return made

    def seen(self, order: Order) -> dict[str, Any]:
        answer = self.http.get(f"{self.url}/orders/{order.id}", headers=order.headers)
        answer.raise_for_status()
        return answer.json()

    def come_back(self, order: Order, query: str = "") -> dict[str, Any]:
        answer = self.http.get(f"{self.url}/orders/{order.id}/return{query}", headers=order.headers)
        answer.raise_for_status()
        return answer.json()

    def until(self, order: Order, *states: str) -> dict[str, Any]:
        return eventually(lambda: self.seen(order), lambda seen: seen["state"] in states, f"order in {states}")

    # staff

    def staff(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {OPERATOR}", **options.pop("headers", {})}
        return self.http.request(method, f"{self.url}/operator/{path}", headers=headers, **options)

    def inspect(self, order: Order) -> dict[str, Any]:
        answer = self.staff("GET", f"orders/{order.id}")
        answer.raise_for_status()
        return answer.json()

    def capture(self, order: Order, **body: Any) -> httpx.Response:
        return self.staff("POST", f"orders/{order.id}/capture", json=body)

    def refund(self, order: Order, key: str | None = None, **body: Any) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return self.staff("POST", f"orders/{order.id}/refunds", json=body, headers=headers)

    def reconcile(self) -> dict[str, Any]:
        answer = self.staff("POST", "reconcile")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def events(self) -> list[dict[str, Any]]:
        return self.staff("GET", "events").json()["events"]

    def settled(self) -> None:
        """Wait until no delivery is under way and the inbox has nothing to do."""
        self.control("GET", "idle", seconds=5)
        eventually(
            lambda: [one for one in self.events() if one["status"] in {"received", "waiting"}],
            lambda left: not left,
            "an inbox without work",
        )

    def books(self) -> None:
        """Demand that the ledger balances, and that its provider balance is the provider's."""
        self.settled()
        ledger = self.staff("GET", "ledger").json()
        assert ledger["balanced"], ledger
        ours = {one["currency"]: one["balance"] for one in ledger["accounts"] if one["account"] == "provider_balance"}
        theirs: dict[str, int] = {}
        starting_after: dict[str, str] = {}
        while True:
            page = self.stripe("GET", "balance_transactions", limit=100, **starting_after)
            for line in page["data"]:
                if line["source"] not in self.strays:
                    theirs[line["currency"]] = theirs.get(line["currency"], 0) + line["net"]
            if not page["has_more"]:
                break
            starting_after = {"starting_after": page["data"][-1]["id"]}
        assert {k: v for k, v in ours.items() if v} == {k: v for k, v in theirs.items() if v}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(
    look: Callable[[], Any], good: Callable[[Any], bool] = bool, what: str = "it", within: float = 15.0
) -> Any:
    """Look until what is seen is good, and return it."""
    deadline = time.monotonic() + within
    while True:
        seen = look()
        if good(seen):
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {within} s for {what}; the last that was seen: {seen}")
        time.sleep(0.02)
