"""The processes: how each starts, says that it is ready, and ends; and the schema that they run on."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import textwrap

import asyncpg
import psutil
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from lab import ROOT, Lab, eventually, free_port
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from reference_impl import database
from reference_impl.database.tables import METADATA


def test_serve_alone_brings_its_database_and_a_worker_and_ends_with_both(tmp_path):
    lab = Lab(tmp_path)
    lab.start_provider_and_database()
    lab.database.end()
    settings = {**lab.settings, "DATABASE_DIR": str(tmp_path / "own")}
    del settings["DATABASE_URL"]
    lab.server = lab.process("serve", "reference_impl", "serve", "--port", str(lab.port), env=settings).start()
    try:
        assert lab.server.ready == {"url": lab.url, "pid": lab.server.child.pid}
        order = lab.paid()
        eventually(lambda: lab.seen(order), lambda one: one["fulfilled"], "fulfilment")
        family = psutil.Process(lab.server.child.pid).children(recursive=True)
        assert family
        assert lab.server.end() == 0
        _, alive = psutil.wait_procs(family, timeout=15)
        assert alive == []
    finally:
        lab.server.kill()
        lab.simulator.end()
        lab.http.close()


def test_a_port_that_is_taken_is_said_in_one_sentence(lab):
    done = subprocess.run(
        [sys.executable, "-m", "reference_impl", "serve", "--port", str(lab.port)],
        env={"PATH": os.environ["PATH"], **lab.settings},
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert str(lab.port) in done.stderr


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["asked to end", "killed"])
def test_a_process_ends_with_the_one_that_started_it(lab, how):
    port = free_port()
    parent = textwrap.dedent(f"""
        import subprocess, sys, time
        child = subprocess.Popen(
            [sys.executable, "-m", "reference_impl", "serve", "--port", "{port}", "--no-worker", "--stop-with-parent"],
            stdout=subprocess.PIPE, text=True)
        print(child.stdout.readline().strip(), flush=True)
        time.sleep(600)
    """)
    env = {"PATH": os.environ["PATH"], **lab.settings}
    starter = subprocess.Popen([sys.executable, "-c", parent], env=env, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    child = psutil.Process(json.loads(starter.stdout.readline())["pid"])
    starter.send_signal(how)
    starter.wait(20)
    starter.stdout.close()
    assert psutil.wait_procs([child], timeout=15)[1] == []


def test_a_database_that_is_killed_takes_its_server_with_it_and_starts_again(tmp_path):
    lab = Lab(tmp_path)
    process = lab.start_database()
    servers = psutil.Process(process.child.pid).children(recursive=True)
    process.kill()
    assert psutil.wait_procs(servers, timeout=15)[1] == []
    again = lab.start_database()
    assert again.ready == process.ready
    again.end()
    lab.http.close()


def _on(url, look):
    async def run():
        connection = await asyncpg.connect(url)
        try:
            return await look(connection)
        finally:
            await connection.close()

    return asyncio.run(run())


def test_the_migrations_make_the_tables_that_the_code_describes(lab):
    async def run():
        async def creator():
            return await database.connect(lab.settings["DATABASE_URL"], timeout=5)

        engine = create_async_engine("postgresql+asyncpg://", async_creator=creator, poolclass=NullPool)
        async with engine.connect() as connection:
            return await connection.run_sync(
                lambda bound: compare_metadata(
                    MigrationContext.configure(bound, opts={"include_object": _ours, "compare_type": True}), METADATA
                )
            )

    assert asyncio.run(run()) == []


def _ours(_object, name, kind, _reflected, _compared):
    return not (kind == "table" and name.startswith("pgqueuer"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET debit = debit + 1",
        "DELETE FROM ledger_entry",
        "UPDATE ledger_transaction SET source_id = 'x'",
        "DELETE FROM transition",
    ],
)
def test_the_database_itself_refuses_to_rewrite_the_books(lab, statement):
    lab.paid()
    with pytest.raises(asyncpg.RaiseError, match="never changed"):
        _on(lab.settings["DATABASE_URL"], lambda connection: connection.execute(statement))


def test_the_database_itself_refuses_an_entry_that_does_not_balance(lab):
    async def unbalanced(connection):
        async with connection.transaction():
            number = await connection.fetchval(
                "INSERT INTO ledger_transaction (source_kind, source_id) VALUES ('test', 'one side') RETURNING id"
            )
            await connection.execute(
                "INSERT INTO ledger_entry (transaction_id, account, debit, credit, currency)"
                " VALUES ($1, 'sales', 5, 0, 'eur')",
                number,
            )

    with pytest.raises(asyncpg.RaiseError, match="does not balance"):
        _on(lab.settings["DATABASE_URL"], unbalanced)


def test_the_api_describes_itself_and_the_door(lab):
    paths = lab.http.get(f"{lab.url}/openapi.json").json()["paths"]
    for path in ("/orders", "/orders/{order_id}/payments", "/operator/reconcile", "/webhooks/stripe", "/readyz"):
        assert path in paths


def test_logs_are_json_lines_without_addresses(lab):
    order = lab.order()
    lab.come_back(order, "?payment_intent_client_secret=pi_1_secret_abc")
    lines = lab.server.log.read_text().splitlines()
    assert all(json.loads(line)["event"] for line in lines)
    assert "pi_1_secret_abc" not in lab.logs()
    assert order.id not in "".join(line for line in lines if '"event": "request"' in line)
