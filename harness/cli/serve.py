"""`payharness serve`: a target wired to the simulated provider, up until Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from typing import Any

from harness.cli.progress import say
from harness.domain.verdicts import EXIT_BROKEN, EXIT_PASSED, EXIT_USAGE, HarnessError, TargetDead
from harness.steps.laboratory import Lab
from harness.targets import ProfileError, load


def serve(target: str, *, as_json: bool = False) -> int:
    """Start a target with everything it needs, print its addresses, and wait; answers with the exit code."""
    try:
        profile = load(target)
    except ProfileError as error:
        say(str(error))
        return EXIT_USAGE
    try:
        asyncio.run(_until_told(Lab(profile, providers=profile.target.providers), as_json=as_json))
    except (HarnessError, TargetDead) as error:
        say(str(error))
        return EXIT_BROKEN
    return EXIT_PASSED


async def _until_told(lab: Lab, *, as_json: bool) -> None:
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, ending.set)
    starting = asyncio.create_task(lab.start())
    told = asyncio.create_task(ending.wait())
    await asyncio.wait({starting, told}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await starting
        return
    told.cancel()
    await starting
    try:
        print(json.dumps(_addresses(lab)) if as_json else _words(lab), flush=True)  # noqa: T201 - the answer
        await ending.wait()
    finally:
        await lab.close()


def _addresses(lab: Lab) -> dict[str, Any]:
    """Where everything is; the operator's token and the test keys included, because a person is about to use them."""
    accounts = {one.value: desk.side.account for one, desk in lab.desks.items()}
    return {
        "url": lab.target.context.look("base_url"),
        "operator_token": dict(lab.secrets).get("operator token"),
        **{name: {"url": account.url, **account.credentials} for name, account in accounts.items()},
        "logs": str(lab.folder / "logs"),
    }


def _words(lab: Lab) -> str:
    known = _addresses(lab)
    url = known["url"]
    order = """'{"currency": "eur", "lines": [{"sku": "teapot", "quantity": 1}]}'"""
    lines = [
        f"{lab.profile.target.name:<20}{url}   (API: {url}/openapi.json)",
        f"{'operator token':<20}{known['operator_token']}",
        *(f"{'simulated ' + one.value:<20}{'   '.join(known[one.value].values())}" for one in lab.desks),
        f"{'logs':<20}{known['logs']}",
        "",
        f"A first order:  curl -s {url}/orders -H 'Content-Type: application/json' -d {order}",
        "Ctrl-C ends everything that was started.",
    ]
    return "\n".join(lines)
