"""Processes of a target.

Started side by side, ready when they say so, ended with the harness, and dead when they are dead.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from harness.domain.verdicts import NotApplicable, TargetDead
from harness.processes import NotReady, Process, Ready, free_port, tail_of
from harness.targets import open_target
from harness.targets.profile import ProfileError, parse

pytestmark = pytest.mark.anyio
STAYS = """
import json, sys, time
print("hello")
print(json.dumps({"url": "http://x", "argv": sys.argv[1:]}), flush=True)
time.sleep(600)
"""


def script(tmp_path, name, source):
    path = tmp_path / f"{name}.py"
    path.write_text(textwrap.dedent(source))
    return str(path)


def gone(pid, within=10):
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


def target_of(tmp_path, *processes):
    text = '[target]\nname = "t"\nbase_url = "http://127.0.0.1:{port}"\n[webhooks.stripe]\nurl = "{base_url}/h"\n'
    for one in processes:
        text += f"[[launch.processes]]\n{one}\n"
    return open_target(parse(text, "t.toml"), tmp_path / "scratch")


def python(name, path, *more, ready="line", extra=""):
    command = ", ".join(f'"{part}"' for part in ("{python}", path, *more))
    return f'name = "{name}"\ncommand = [{command}]\nready = "{ready}"\nwithin = 20\n{extra}'


async def test_a_process_is_ready_with_its_json_line(tmp_path):
    process = Process("p", [sys.executable, script(tmp_path, "stays", STAYS), "a"], dict(os.environ), tmp_path)
    process.spawn()
    try:
        assert (await process.until_ready(Ready.LINE, 20))["argv"] == ["a"]
        assert process.running
    finally:
        await process.stop()
    assert gone(process.pid)


async def test_a_process_that_ends_first_shows_the_tail_of_what_it_said(tmp_path):
    path = script(tmp_path, "ends", 'import sys; sys.exit("STRIPE_KEY is missing; set it.")')
    process = Process("p", [sys.executable, path], dict(os.environ), tmp_path)
    process.spawn()
    with pytest.raises(NotReady, match=r"(?s)exit code 1.*STRIPE_KEY is missing; set it\.") as caught:
        await process.until_ready(Ready.LINE, 20)
    assert caught.value.exit_code == 1


async def test_a_command_that_does_not_exist_is_one_sentence(tmp_path):
    process = Process("p", ["/no/such/program"], dict(os.environ), tmp_path)
    process.spawn()
    with pytest.raises(NotReady, match="cannot start '/no/such/program': No such file"):
        await process.until_ready(Ready.LINE, 20)


async def test_a_process_that_stays_silent_is_not_waited_for_for_ever(tmp_path):
    path = script(tmp_path, "silent", "import time; time.sleep(600)")
    process = Process("p", [sys.executable, path], dict(os.environ), tmp_path)
    process.spawn()
    with pytest.raises(NotReady, match=r"not ready within 0\.2 s. It said nothing"):
        await process.until_ready(Ready.LINE, 0.2)
    process.end_group()
    assert gone(process.pid)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_a_process_ends_when_the_harness_is_killed(tmp_path):
    child = script(tmp_path, "child", "import time; time.sleep(600)")
    harness = script(
        tmp_path,
        "starter",
        f"""
        import asyncio, os, sys, time
        from pathlib import Path
        from harness.processes import Process
        process = Process("child", [sys.executable, {child!r}], dict(os.environ), Path({str(tmp_path)!r}))
        process.spawn()
        print(process.pid, flush=True)
        time.sleep(600)
        """,
    )
    with subprocess.Popen([sys.executable, harness], stdout=subprocess.PIPE, text=True) as running:
        pid = int(running.stdout.readline())
        os.kill(running.pid, signal.SIGKILL)
    assert gone(pid)


async def test_processes_start_in_the_order_of_what_they_need(tmp_path):
    teller = script(tmp_path, "teller", STAYS)
    target = target_of(
        tmp_path,
        python(
            "serve",
            teller,
            "{database.url}",
            "{late.secret_key}".replace("late", "stripe"),
            extra='after = ["migrate"]',
        ),
        python("migrate", script(tmp_path, "once", "import sys; print(sys.argv)"), "{database.url}", ready="exit"),
        python("database", teller),
    )
    starting = asyncio.create_task(target.start())
    await asyncio.sleep(0)
    target.context.provide("stripe", {"secret_key": "sk_test_late"})
    try:
        await starting
        assert target.context.look("serve.argv") == ["http://x", "sk_test_late"]
        assert target.launched.missing() == []
    finally:
        await target.close()


async def test_a_target_that_does_not_start_is_dead_and_leaves_nothing_running(tmp_path):
    stays = script(tmp_path, "stays", STAYS)
    fails = script(tmp_path, "fails", 'import sys; sys.exit("the port is taken")')
    target = target_of(tmp_path, python("database", stays), python("serve", fails, "{database.url}"))
    with pytest.raises(TargetDead, match=r"(?s)'t' did not start: serve ended with exit code 1.*the port is taken"):
        await target.start()
    assert not any(process.running for each in target.launched.processes.values() for process in each)


async def test_what_was_killed_or_stopped_is_started_again_for_the_next_scenario(tmp_path):
    stays = script(tmp_path, "stays", STAYS)
    target = target_of(tmp_path, python("serve", stays), python("worker", stays))
    await target.start()
    try:
        assert await target.restore() == []
        target.process().kill("worker")
        await target.process().stop("serve")
        assert target.launched.missing() == ["serve", "worker"]
        assert await target.restore() == ["serve", "worker"]
        await target.process().start("worker")
        assert len(target.launched.processes["worker"]) == 2
        await target.restore()
        assert len(target.launched.processes["worker"]) == 1
    finally:
        await target.close()


async def test_a_process_that_ended_by_itself_is_noticed(tmp_path):
    stays = script(tmp_path, "stays", STAYS)
    target = target_of(tmp_path, python("serve", stays))
    await target.start()
    try:
        os.kill(target.launched.processes["serve"][0].pid, signal.SIGKILL)
        assert gone(target.launched.processes["serve"][0].pid)
        with pytest.raises(TargetDead, match="its process 'serve' ended"):
            target.raise_if_dead()
    finally:
        await target.close()


async def test_an_unknown_process_is_not_applicable(tmp_path):
    target = target_of(tmp_path, python("serve", "x.py"))
    with pytest.raises(NotApplicable, match=r"no process 'worker' of its own \(its processes: serve\)"):
        target.process().kill("worker")


async def test_a_target_gets_nothing_of_the_environment_that_its_profile_does_not_name(tmp_path, monkeypatch):
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_live_of_somebody")
    target = target_of(tmp_path, python("serve", "x.py", extra='env = { TOKEN = "op_{random.token}" }'))
    spec = target.process().spec("serve")
    made = target.process().make(spec, target.context, "serve", {"EXTRA": "1", "PATH": None})
    assert "STRIPE_SECRET_KEY" not in made.env
    assert "PATH" not in made.env
    assert made.env["EXTRA"] == "1"
    assert made.env["TOKEN"] == f"op_{target.context.look('random.token')}"
    assert target.process().settings("serve") == {"TOKEN": made.env["TOKEN"]}


def test_an_environment_variable_that_is_not_set_is_named(tmp_path):
    target = target_of(tmp_path, python("serve", "x.py", extra='env = { TOKEN = "{env.PAYHARNESS_NOT_SET}" }'))
    with pytest.raises(ProfileError, match="set the environment variable PAYHARNESS_NOT_SET"):
        target.process().settings("serve")


def test_free_ports_are_free():
    assert len({free_port() for _ in range(20)}) > 15


def test_the_tail_of_a_log_is_short(tmp_path):
    (tmp_path / "log").write_text("\n".join(str(number) for number in range(1000)))
    assert tail_of(tmp_path / "log", 3) == "997\n998\n999"
    assert tail_of(tmp_path / "none") == ""
