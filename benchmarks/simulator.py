"""What simulated Stripe costs: CPU per call, calls a second, flatness and memory at 100,000 objects, start-up.

    python benchmarks/simulator.py [--quick] [--json FILE]

The simulator runs in its own process, as in use; its CPU time is read from ``/proc`` (Linux), so that what the load
costs is not counted. Every POST carries an idempotency key, as the official SDK's do. Rates are those of one server
process, which cannot use more than one core.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

CONNECTIONS = 8
WARM_UP = 500
TICK = os.sysconf("SC_CLK_TCK")
KEY = "sk_test_benchmark"


@dataclass(slots=True)
class Figure:
    """One line of the table."""

    what: str
    value: float
    unit: str
    budget: str = ""
    kept: bool | None = None


class Simulator:
    """A simulator in its own process."""

    def __init__(self) -> None:
        started = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "harness.simulator", "--stripe-port", "0", "--stop-with-parent"],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.url = json.loads(self.process.stdout.readline())["stripe"]["url"]
        self.ready_after = time.perf_counter() - started

    def cpu(self) -> float:
        """Seconds of CPU that the process has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def memory(self) -> float:
        """Resident memory in MB."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(10)


class Connection(asyncio.Protocol):
    """Sends requests one after the other and counts the answers."""

    def __init__(
        self, requests: Iterator[bytes], done: asyncio.Future[int], keep: Callable[[bytes], None] | None
    ) -> None:
        self.requests, self.done, self.keep = requests, done, keep
        self.buffer = bytearray()
        self.answered = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        """Gather one answer, then ask again."""
        self.buffer += data
        head = self.buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        start = self.buffer.find(b"content-length: ") + 16
        length = int(self.buffer[start : self.buffer.find(b"\r\n", start)])
        if len(self.buffer) < head + 4 + length:
            return
        if not self.buffer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 402")):
            self.done.set_exception(RuntimeError(self.buffer[:2000].decode()))
            return
        if self.keep is not None:
            self.keep(bytes(self.buffer[head + 4 : head + 4 + length]))
        self.buffer.clear()
        self.answered += 1
        self._next()

    def _next(self) -> None:
        request = next(self.requests, None)
        if request is None:
            self.transport.close()
            if not self.done.done():
                self.done.set_result(self.answered)
        else:
            self.transport.write(request)  # type: ignore[attr-defined]


def drive(url: str, requests: list[bytes], keep: Callable[[bytes], None] | None = None) -> float:
    """Send all requests over a few connections; wall seconds."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        parts, shared = urlsplit(url), iter(requests)
        waiting = []
        for _ in range(CONNECTIONS):
            done: asyncio.Future[int] = loop.create_future()
            waiting.append(done)
            await loop.create_connection(lambda done=done: Connection(shared, done, keep), parts.hostname, parts.port)
        await asyncio.gather(*waiting)

    started = time.perf_counter()
    asyncio.run(run())
    return time.perf_counter() - started


_keys = itertools.count()


def post(path: str, **params: object) -> bytes:
    body = urlencode(params).encode()
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {KEY}\r\n"
        "Stripe-Version: 2026-10-28.endive\r\n"
        f"Idempotency-Key: 5f0c3b7e-77aa-4d5e-9d5c-{next(_keys):012d}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def get(path: str) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {KEY}\r\n"
        "Stripe-Version: 2026-10-28.endive\r\n\r\n"
    ).encode()


def payment(method: str = "pm_card_visa") -> bytes:
    return post(
        "/v1/payment_intents",
        **{
            "amount": 4999,
            "currency": "eur",
            "payment_method": method,
            "confirm": "true",
            "automatic_payment_methods[enabled]": "true",
            "automatic_payment_methods[allow_redirects]": "never",
            "metadata[order]": "ord_1234567890",
        },
    )


def setup() -> bytes:
    return post(
        "/v1/setup_intents",
        **{"payment_method": "pm_card_visa", "confirm": "true", "payment_method_types[]": "card"},
    )


def session() -> bytes:
    line = "line_items[0]"
    return post(
        "/v1/checkout/sessions",
        **{
            "mode": "payment",
            "success_url": "https://shop.example/thanks",
            f"{line}[price_data][currency]": "eur",
            f"{line}[price_data][unit_amount]": 1999,
            f"{line}[price_data][product_data][name]": "Shirt",
            f"{line}[quantity]": 1,
        },
    )


def intent() -> bytes:
    return post("/v1/payment_intents", **{"amount": 100, "currency": "eur", "payment_method_types[]": "card"})


def id_of(body: bytes) -> str:
    return str(json.loads(body)["id"])


def measured(
    simulator: Simulator, requests: list[bytes], keep: Callable[[bytes], None] | None = None
) -> tuple[float, float]:
    """(CPU milliseconds of the server for a request, requests a second of server CPU)."""
    before = simulator.cpu()
    drive(simulator.url, requests, keep)
    spent = simulator.cpu() - before
    return spent / len(requests) * 1000, len(requests) / spent


def filling(size: int) -> Iterator[tuple[list[bytes], int]]:
    """Batches of calls of all kinds with how many objects (events not counted) they leave; about ``size`` in all."""
    kinds: list[tuple[Callable[[int], bytes], int, float]] = [
        (lambda _: payment(), 4, 0.60),  # intent, method, charge, balance transaction
        (lambda n: post("/v1/customers", email=f"shopper{n}@example.com", name="Jenny Rosen"), 1, 0.14),
        (lambda n: post("/v1/products", name=f"Product {n}"), 1, 0.04),
        (lambda _: setup(), 3, 0.06),  # intent, method, attempt
        (
            lambda n: post("/v1/prices", **{"currency": "eur", "unit_amount": n + 1, "product_data[name]": "Tea"}),
            2,
            0.06,
        ),
        (lambda _: session(), 3, 0.05),  # session, product, price
        (lambda _: payment("pm_card_createDispute"), 6, 0.05),  # a payment, its dispute and the withdrawal
    ]
    for make, objects, share in kinds:
        count = int(size * share / objects)
        yield [make(number) for number in range(count)], count * objects


def run(quick: bool) -> list[Figure]:
    scale = 10 if quick else 1
    starts = []
    for _ in range(3):
        simulator = Simulator()
        starts.append(simulator.ready_after)
        simulator.stop()
    start = statistics.median(starts)
    figures = [Figure("ready after start", start, "s", "at most 1.5 s", start <= 1.5)]
    simulator = Simulator()
    try:
        figures.append(Figure("memory when ready", simulator.memory(), "MB"))
        drive(simulator.url, [payment() for _ in range(WARM_UP)])  # compiles schemas, fills caches
        figures += small(simulator, 4_000 // scale, scale)
        figures += large(simulator, 4_000 // scale, scale)
    finally:
        simulator.stop()
    return figures


def small(simulator: Simulator, calls: int, scale: int) -> list[Figure]:
    ids: list[str] = []
    rounds = [
        measured(simulator, [payment() for _ in range(calls)], lambda body: ids.append(id_of(body))) for _ in range(3)
    ]
    cost = statistics.median(ms for ms, _ in rounds)
    rate = statistics.median(rate for _, rate in rounds)
    made: list[str] = []
    created, _ = measured(simulator, [intent() for _ in range(calls)], lambda body: made.append(id_of(body)))
    confirming = [post(f"/v1/payment_intents/{each}/confirm", payment_method="pm_card_visa") for each in made]
    confirmed, _ = measured(simulator, confirming)
    reading = [get(f"/v1/payment_intents/{ids[n % len(ids)]}") for n in range(20_000 // scale)]
    _, reads = measured(simulator, reading)
    listing, _ = measured(simulator, [get("/v1/payment_intents?limit=10") for _ in range(2_000 // scale)])
    return [
        Figure("confirmed payment intent, one call", cost, "CPU ms", "at most 0.5 ms", cost <= 0.5),
        Figure("confirmed payment intents", rate, "a second of one core", "at least 1500", rate >= 1500),
        Figure("the same in two calls, create and confirm", created + confirmed, "CPU ms"),
        Figure("reads of a payment intent", reads, "a second of one core", "at least 5000", reads >= 5000),
        Figure("list of ten payment intents", listing, "CPU ms"),
    ]


def large(simulator: Simulator, calls: int, scale: int) -> list[Figure]:
    objects = (WARM_UP + 4 * calls) * 4
    for batch, count in filling(max(0, 100_000 // scale - objects)):
        drive(simulator.url, batch)
        objects += count
    memory = simulator.memory()
    late, growth = against_an_empty_one(simulator, calls // 2)
    by_type = [get("/v1/events?limit=10&type=charge.succeeded") for _ in range(2_000 // scale)]
    listing, _ = measured(simulator, by_type)
    return [
        Figure(f"memory at {objects:,} objects and their events", memory, "MB", "under 600 MB", memory < 600),
        Figure("confirmed payment intent at that size", late, "CPU ms"),
        Figure("the same against an empty simulator", growth, "times", "at most 1.2", growth <= 1.2),
        Figure("list of ten events of a type at that size", listing, "CPU ms"),
    ]


def against_an_empty_one(simulator: Simulator, calls: int) -> tuple[float, float]:
    """(CPU ms of a confirmed payment here, how many times that is what it costs on a fresh simulator).

    Both are measured in turn, and the least disturbed round of each counts: whatever else the machine does, it only
    makes rounds dearer.
    """
    pairs = []
    for _ in range(7):
        fresh = Simulator()
        try:
            drive(fresh.url, [payment() for _ in range(WARM_UP)])
            pairs.append((measured(simulator, [payment() for _ in range(calls)])[0],
                          measured(fresh, [payment() for _ in range(calls)])[0]))  # fmt: skip
        finally:
            fresh.stop()
    here, there = (min(side) for side in zip(*pairs, strict=True))
    return here, here / there


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the calls and objects")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()
    started = time.perf_counter()
    figures = run(options.quick)
    print("| what | measured | budget | |")
    print("|---|---:|---|---|")
    for figure in figures:
        mark = {True: "kept", False: "**missed**", None: ""}[figure.kept]
        value = f"{figure.value:,.0f}" if figure.value >= 100 else f"{figure.value:.3g}"
        print(f"| {figure.what} | {value} {figure.unit} | {figure.budget} | {mark} |")
    print(f"\nPython {sys.version.split()[0]}, {os.cpu_count()} cores, {time.perf_counter() - started:.0f} s")
    if options.json:
        options.json.write_text(json.dumps([asdict(figure) for figure in figures], indent=2) + "\n")
    return 0 if all(figure.kept is not False for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
