"""`payharness doctor`: what a run needs, one line each, with the next move where something is missing."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from harness import resources
from harness.cli.progress import say
from harness.domain.providers import listed
from harness.domain.verdicts import EXIT_BROKEN, EXIT_PASSED, EXIT_USAGE, HarnessError, TargetDead
from harness.steps.laboratory import Lab
from harness.targets import Profile, ProfileError, load

_PACKAGES = ("pytest", "pytest-bdd", "stripe", "paypal-server-sdk", "squareup", "httpx", "jinja2", "faker")
_OPTIONAL = {"jupyterlab": "lab", "pandas": "lab", "jupytext": "lab", "playwright": "browser"}
_FREE = 200 * 1024 * 1024
"""Bytes that a run with its database wants free."""


class Check(NamedTuple):
    """One look: what, how it stands, and whether a run can do without it."""

    what: str
    state: str
    fine: bool
    needed: bool = True


def doctor(target: str) -> int:
    """Check everything, print a line for each; 0 when a run can start, 3 when it cannot, 2 for a wrong profile."""
    try:
        profile = load(target)
    except ProfileError as error:
        say(str(error))
        return EXIT_USAGE
    out = Console(highlight=False, soft_wrap=True)
    missing = 0
    for check in _checks(profile):
        mark = "ok" if check.fine else "MISSING" if check.needed else "optional"
        out.print(f"{mark:<9}{check.what:<22}{check.state}", markup=False)
        missing += not check.fine and check.needed
    if missing:
        out.print(f"{missing} missing; each line says the next move.", markup=False)
        return EXIT_BROKEN
    out.print("Everything that a run needs is there: payharness run", markup=False)
    return EXIT_PASSED


def _checks(profile: Profile) -> Iterator[Check]:
    version = sys.version_info
    fine = (3, 11) <= version[:2] <= (3, 13)
    hint = "" if fine else "; 3.11 to 3.13 is what this was tested with"
    yield Check("Python", f"{version.major}.{version.minor}.{version.micro}{hint}", fine)
    for name in _PACKAGES:
        yield _package(name, f"pip install {name}", needed=True)
    for name, extra in _OPTIONAL.items():
        yield _package(name, f"pip install 'payment-harness[{extra}]'", needed=False)
    features = sum(1 for _ in resources.features().rglob("*.feature"))
    yield Check("features", f"{features} files in {resources.features()}", features > 0)
    yield _guarded("runs folder", _runs_folder)
    free = shutil.disk_usage(Path.cwd()).free
    yield Check("disk", f"{free // 1024**2} MB free" + ("" if free > _FREE else "; make room"), free > _FREE)
    yield _guarded(f"target {profile.target.name}", lambda: asyncio.run(_start(profile)))


def _package(name: str, move: str, *, needed: bool) -> Check:
    try:
        return Check(name, metadata.version(name), fine=True, needed=needed)
    except metadata.PackageNotFoundError:
        return Check(name, f"not installed: {move}", fine=False, needed=needed)


def _guarded(what: str, look: Callable[[], str]) -> Check:
    try:
        return Check(what, look(), fine=True)
    except (HarnessError, TargetDead, OSError) as error:
        return Check(what, str(error), fine=False)


def _runs_folder() -> str:
    folder = Path("runs")
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder):
        pass
    if made:
        folder.rmdir()
    return f"{folder.resolve()} can be written"


async def _start(profile: Profile) -> str:
    """Start the provider, the target and everything it needs once, and end them again."""
    began = time.monotonic()
    lab = Lab(profile, providers=profile.target.providers)
    try:
        await lab.start()
        names = listed(one.value for one in lab.desks)
        return f"started with {names} ({profile.target.mode.value}) in {time.monotonic() - began:.1f} s"
    finally:
        await lab.close()
