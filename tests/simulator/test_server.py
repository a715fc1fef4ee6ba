"""The simulator as a process: its ready line, its exit codes, its end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

COMMAND = [sys.executable, "-m", "harness.simulator"]


@contextmanager
def simulator(*options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    with subprocess.Popen([*COMMAND, "--stripe-port", "0", *options], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())["stripe"]
        finally:
            if process.poll() is None:
                process.kill()


def test_one_line_says_where_it_is_and_which_keys_to_use() -> None:
    with simulator() as (_, stripe):
        assert stripe["url"].startswith("http://127.0.0.1:")
        assert stripe["secret_key"].startswith("sk_test_")
        assert stripe["publishable_key"].startswith("pk_test_")
        answer = httpx.get(f"{stripe['url']}/v1/customers", auth=(stripe["secret_key"], ""))
        assert answer.json()["data"] == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(number: signal.Signals) -> None:
    with simulator() as (process, _):
        process.send_signal(number)
        assert process.wait(10) == 0


def test_a_taken_port_is_one_sentence_with_the_next_move() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = subprocess.run(
            [*COMMAND, "--stripe-port", str(port)], capture_output=True, text=True, timeout=30, check=False
        )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert str(port) in ended.stderr
    assert "--stripe-port" in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "options",
    [["--stripe-port", "x"], ["--paypal-port", "70000"], ["--providers", "square-ish"], ["--wat"], ["--seed", "x"]],
)
def test_wrong_usage_is_exit_code_2(options: list[str]) -> None:
    ended = subprocess.run([*COMMAND, *options], capture_output=True, text=True, timeout=30, check=False)
    assert (ended.returncode, bool(ended.stderr), "Traceback" in ended.stderr) == (2, True, False)


def test_the_same_seed_gives_the_same_ids_and_none_gives_fresh_ones() -> None:
    def first_customer(*options: str) -> str:
        with simulator(*options) as (_, stripe):
            made = httpx.post(f"{stripe['url']}/v1/customers", auth=(stripe["secret_key"], ""))
            return str(made.json()["id"])

    assert first_customer("--seed", "5") == first_customer("--seed", "5")
    assert first_customer() != first_customer()


def test_it_ends_with_the_process_that_started_it() -> None:
    starter = (
        "import subprocess, sys\n"
        "p = subprocess.Popen([sys.executable, '-m', 'harness.simulator', '--stripe-port', '0', '--stop-with-parent'],"
        " stdout=subprocess.PIPE, text=True)\n"
        "p.stdout.readline(); print(p.pid, flush=True); input()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", starter], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 20
    while _alive(child):
        assert time.monotonic() < deadline, "the simulator outlived its parent"
        time.sleep(0.05)


def test_the_official_sdk_is_not_loaded() -> None:
    code = (
        "import sys; from harness.simulator.stripe.app import StripeApp; StripeApp();"
        "from harness.simulator.paypal.app import PayPalApp; PayPalApp();"
        "assert not {'stripe', 'paypalserversdk', 'requests', 'httpx', 'fastapi', 'starlette'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)


def test_both_providers_are_ready_in_one_line() -> None:
    command = [*COMMAND, "--stripe-port", "0", "--paypal-port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        try:
            paypal = ready["paypal"]
            token = httpx.post(
                f"{paypal['url']}/v1/oauth2/token",
                auth=(paypal["client_id"], paypal["client_secret"]),
                data={"grant_type": "client_credentials"},
            )
            assert token.json()["token_type"] == "Bearer"
            assert httpx.get(f"{paypal['url']}/_sim/health").json() == {"provider": "paypal", "ready": True}
            assert httpx.get(f"{ready['stripe']['url']}/_sim/health").json() == {"provider": "stripe", "ready": True}
        finally:
            process.kill()


def test_a_provider_can_be_left_out() -> None:
    with subprocess.Popen(
        [*COMMAND, "--providers", "paypal", "--paypal-port", "0"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        process.kill()
    assert set(ready) == {"paypal"}


def test_a_taken_port_names_the_provider_and_its_option() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [*COMMAND, "--stripe-port", "0", "--paypal-port", str(taken.getsockname()[1])]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "Simulated PayPal" in ended.stderr
    assert "--paypal-port" in ended.stderr


def test_the_next_provider_gets_a_free_port_where_one_was_asked_for() -> None:
    """Simulators that run side by side must not meet on the default port of a provider that nobody named."""
    with simulator(), simulator():
        pass


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")  # an orphan that nobody collects stays as a zombie in a container
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"
