"""How long the reference's webhook door takes, while workers drain what it lets in, on the same processors.

    python benchmarks/webhook_door.py

Starts simulated Stripe, PostgreSQL (durable: every commit reaches the disk), the server and one worker as processes,
lets a crowd pay while events are held back, and then carries the provider's own events, freshly signed, to the door:

* steady: a fixed rate, each delivery timed from the moment at which it was due, so that a slow answer hides nothing;
* burst: as many as there are, as fast as 32 connections carry them.

A tenth of all deliveries is a duplicate. At the end nothing may be lost, nothing acted on twice, and the books must
equal the provider's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import psutil
import stripe

ROOT = Path(__file__).resolve().parent.parent
OPERATOR = "op_" + secrets.token_hex(16)
END = ("--stop-with-parent",)
BUDGETS = {"steady": 50.0, "burst": 200.0}


def main() -> int:
    """Measure, print, and say by the exit code whether the budgets hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rate", type=int, default=200, help="events a second in the steady part")
    parser.add_argument("--seconds", type=int, default=15, help="length of the steady part")
    parser.add_argument("--burst", type=int, default=5000, help="deliveries in the burst")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="door-") as folder:
        figures = asyncio.run(measure(options, Path(folder)))
    if options.json:
        print(json.dumps(figures))
    else:
        show(figures)
    return 0 if figures["holds"] else 1


@dataclass
class Stand:
    """What is measured, and what it needs."""

    processes: dict[str, subprocess.Popen[str]]
    sim: str
    url: str
    key: str
    secret: str
    database: str

    def stop(self) -> None:
        """End every process, in the order in which they depend on each other."""
        for name in ("worker", "serve", "database", "simulator"):
            self.processes[name].terminate()
            self.processes[name].wait(20)

    def processor_seconds(self) -> dict[str, float]:
        """Processor time that each part has used so far, with its children; ``generator`` is this process."""
        used = {}
        for name, process in self.processes.items():
            root = psutil.Process(process.pid)
            used[name] = sum(_seconds(one) for one in [root, *root.children(recursive=True)])
        return {**used, "generator": _seconds(psutil.Process())}


def _seconds(process: psutil.Process) -> float:
    """Processor time of a process and of its children that have ended."""
    try:
        return float(sum(process.cpu_times()[:4]))
    except psutil.NoSuchProcess:
        return 0.0


def launch(folder: Path) -> Stand:
    """Start the whole stand."""
    processes: dict[str, subprocess.Popen[str]] = {}
    env = {**os.environ, "NO_PROXY": "127.0.0.1,localhost", "PYTHONPATH": str(ROOT)}

    def run(name: str, *command: str) -> Any:
        log = (folder / f"{name}.log").open("w")
        process = subprocess.Popen(
            [sys.executable, "-m", *command], env=env, stdout=subprocess.PIPE, stderr=log, text=True
        )
        line = process.stdout.readline()
        if not line:
            raise SystemExit(f"{name} did not start: {(folder / f'{name}.log').read_text()[-2000:]}")
        if name != "migrate":
            processes[name] = process
        else:
            process.wait()
        return json.loads(line)

    key = secrets.token_hex(8)
    sim = run("simulator", "harness.simulator", "--stripe-port", "0", *END)["stripe"]["url"]
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    endpoint = httpx.post(
        f"{sim}/v1/webhook_endpoints",
        data={"url": f"{url}/webhooks/stripe", "enabled_events[]": "*"},
        auth=(f"sk_test_{key}", ""),
        trust_env=False,
    ).json()
    data = str(folder / "pg")
    env["DATABASE_URL"] = run("database", "reference_impl", "database", "--data-dir", data, *END)["database_url"]
    run("migrate", "reference_impl", "migrate")
    env |= {
        "PAYMENTS_ENVIRONMENT": "test",
        "PUBLIC_URL": url,
        "OPERATOR_TOKEN": OPERATOR,
        "STRIPE_SECRET_KEY": f"sk_test_{key}",
        "STRIPE_PUBLISHABLE_KEY": f"pk_test_{key}",
        "STRIPE_WEBHOOK_SECRETS": endpoint["secret"],
        "STRIPE_API_BASE": sim,
        "LOG_LEVEL": "warning",
    }
    run("serve", "reference_impl", "serve", "--port", str(port), "--no-worker", *END)
    run("worker", "reference_impl", "worker", *END)
    return Stand(processes, sim, url, key, endpoint["secret"], env["DATABASE_URL"])


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Both parts, and the check at the end."""
    stand = launch(folder)
    try:
        figures: dict[str, Any] = {}
        steady = await crowd(stand, int(options.rate * options.seconds / 3.3))
        before = stand.processor_seconds()
        figures["steady"] = await carry(stand, with_duplicates(steady), options.connections, options.rate)
        figures["steady"]["drained_s"] = await drained(stand)
        figures["processor_ms_an_event"] = per_event(before, stand.processor_seconds(), len(steady))
        burst = await crowd(stand, int(options.burst / 3.3) + 1)
        deliveries = with_duplicates(burst)[: options.burst]
        figures["burst"] = await carry(stand, deliveries, options.connections, None)
        for rest in with_duplicates(burst)[options.burst :]:
            await carry(stand, [rest], 1, None)
        figures["burst"]["drained_s"] = await drained(stand)
        figures |= await check(stand, steady + burst)
        figures["processors"] = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        sound = not figures["lost"] and not figures["acted_twice"] and figures["books_equal"]
        figures["holds"] = sound and all(figures[part]["p99_ms"] < budget for part, budget in BUDGETS.items())
        return figures
    finally:
        stand.stop()


async def crowd(stand: Stand, count: int) -> list[dict[str, Any]]:
    """So many shoppers pay while events are held back; the provider's events about it, in its own words."""
    auth = {"Authorization": f"Bearer sk_test_{stand.key}"}
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
        await client.post(f"{stand.sim}/_sim/webhooks", json={"mode": "hold"}, headers=auth)
        before = {one["id"] for one in await events(stand, client)}
        gate = asyncio.Semaphore(8)

        async def buy() -> None:
            async with gate:
                body = {"currency": "eur", "lines": [{"sku": "cup", "quantity": 1}]}
                order = (await client.post(f"{stand.url}/orders", json=body)).json()
                headers = {"Authorization": f"Bearer {order['token']}"}
                started = (await client.post(f"{stand.url}/orders/{order['id']}/payments", headers=headers)).json()
                paid = await client.post(
                    f"{stand.sim}/v1/payment_intents/{started['payment']['provider_id']}/confirm",
                    data={
                        "key": f"pk_test_{stand.key}",
                        "client_secret": started["client_secret"],
                        "payment_method": "pm_card_visa",
                    },
                )
                paid.raise_for_status()

        await asyncio.gather(*(buy() for _ in range(count)))
        return [one for one in await events(stand, client) if one["id"] not in before]


async def events(stand: Stand, client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Every event of the account, oldest first."""
    found: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = await client.get(
            f"{stand.sim}/v1/events", params={"limit": 100, **after}, auth=(f"sk_test_{stand.key}", "")
        )
        answer = page.json()
        found += answer["data"]
        if not answer["has_more"]:
            return found[::-1]
        after = {"starting_after": answer["data"][-1]["id"]}


def with_duplicates(deliveries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A tenth of them twice, somewhere later, in an order that is the same in every run."""
    chance = random.Random(4)
    carried = list(deliveries)
    for event in chance.sample(deliveries, len(deliveries) // 10):
        carried.insert(chance.randrange(len(carried)), event)
    return carried


async def carry(stand: Stand, deliveries: list[dict[str, Any]], connections: int, rate: int | None) -> dict[str, Any]:
    """Carry deliveries over so many connections: at a rate, or as fast as they go. Times in milliseconds."""
    bodies = [json.dumps(event, indent=2).encode() for event in deliveries]
    queue: asyncio.Queue[tuple[bytes, float] | None] = asyncio.Queue()
    times: list[float] = []
    refused = 0
    host, port = stand.url.removeprefix("http://").split(":")

    async def connection() -> None:
        nonlocal refused
        reader, writer = await asyncio.open_connection(host, int(port))
        while (item := await queue.get()) is not None:
            body, due = item
            due = due or time.perf_counter()
            writer.write(request(body, stand.secret, host))
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            times.append((time.perf_counter() - due) * 1000)
            refused += not head.startswith(b"HTTP/1.1 200")
        writer.close()

    tasks = [asyncio.create_task(connection()) for _ in range(connections)]
    began = time.perf_counter()
    for index, body in enumerate(bodies):
        if rate is not None:
            due = began + index / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            queue.put_nowait((body, due))
        else:
            queue.put_nowait((body, 0.0))
    for _ in tasks:
        queue.put_nowait(None)
    await asyncio.gather(*tasks)
    spent = time.perf_counter() - began
    times.sort()
    return {
        "deliveries": len(times),
        "a_second": round(len(times) / spent),
        "p50_ms": round(times[len(times) // 2], 1),
        "p99_ms": round(times[int(len(times) * 0.99)], 1),
        "max_ms": round(times[-1], 1),
        "not_acknowledged": refused,
    }


def per_event(before: dict[str, float], after: dict[str, float], events: int) -> dict[str, float]:
    """Processor time of each part for one event, in milliseconds."""
    return {name: round((after[name] - before[name]) * 1000 / events, 2) for name in after}


def request(body: bytes, secret: str, host: str) -> bytes:
    """One delivery on the wire, signed now."""
    signature = stripe.WebhookSignature.generate_signature_header(body.decode(), secret)
    head = (
        f"POST /webhooks/stripe HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json; charset=utf-8\r\n"
        f"Stripe-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def drained(stand: Stand) -> float:
    """Seconds until the inbox is empty."""
    began = time.perf_counter()
    database = await asyncpg.connect(stand.database)
    try:
        unfinished = "SELECT count(*) FROM webhook_event WHERE status IN ('received', 'waiting')"
        while await database.fetchval(unfinished):  # noqa: ASYNC110 - the work is done in other processes
            await asyncio.sleep(0.1)
    finally:
        await database.close()
    return round(time.perf_counter() - began, 1)


async def check(stand: Stand, sent: list[dict[str, Any]]) -> dict[str, Any]:
    """Lost, acted twice, and the books against the provider's."""
    database = await asyncpg.connect(stand.database)
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
        net, after = 0, {}
        while True:
            page = await client.get(
                f"{stand.sim}/v1/balance_transactions",
                params={"limit": 100, **after},
                auth=(f"sk_test_{stand.key}", ""),
            )
            answer = page.json()
            net += sum(one["net"] for one in answer["data"])
            if not answer["has_more"]:
                break
            after = {"starting_after": answer["data"][-1]["id"]}
    stored = {
        row["event_id"] for row in await database.fetch("SELECT event_id FROM webhook_event WHERE status = 'done'")
    }
    handled = {one["id"] for one in sent if one["type"].startswith(("payment_intent.", "charge."))}
    balance = await database.fetchval(
        "SELECT coalesce(sum(debit - credit), 0) FROM ledger_entry WHERE account = 'provider_balance'"
    )
    figures = {
        "events": len(sent),
        "orders": await database.fetchval("SELECT count(*) FROM orders"),
        "lost": len(handled - stored)
        + await database.fetchval("SELECT count(*) FROM orders WHERE fulfilled_at IS NULL"),
        "acted_twice": await database.fetchval(
            "SELECT count(*) FROM (SELECT FROM outbox WHERE kind = 'fulfilment' "
            "GROUP BY order_id HAVING count(*) > 1) twice"
        ),
        "books_equal": int(balance) == net,
    }
    await database.close()
    return figures


def show(figures: dict[str, Any]) -> None:
    """A table for people."""
    heads = ("deliveries", "a second", "p50 ms", "p99 ms", "max ms", "budget", "refused", "drained s")
    names = ("deliveries", "a_second", "p50_ms", "p99_ms", "max_ms", "budget_ms", "not_acknowledged", "drained_s")
    print(f"{'':8}" + "".join(f"{head:>11}" for head in heads))
    for part, budget in BUDGETS.items():
        row = {**figures[part], "budget_ms": budget}
        print(f"{part:8}" + "".join(f"{row[name]:>11}" for name in names))
    spent = ", ".join(f"{name} {ms}" for name, ms in figures["processor_ms_an_event"].items())
    print(f"processor time for one event, from its delivery to its last effect (ms): {spent}")
    print(
        f"{figures['orders']} orders, {figures['events']} events, lost {figures['lost']}, "
        f"acted on twice {figures['acted_twice']}, books equal {figures['books_equal']}, "
        f"{figures['processors']} processors: {'within budget' if figures['holds'] else 'OVER BUDGET'}"
    )


if __name__ == "__main__":
    sys.exit(main())
