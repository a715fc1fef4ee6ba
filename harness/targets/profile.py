"""A target as a TOML file: where it is, what can be done with it, how it is seen, and how it is started.

    [target]                    name, base_url, providers, mode ("simulated" or "sandbox"), settle (seconds), plugin
    [[launch.processes]]        name, command, ready ("line", "exit", "none"), env, after, cwd, within (seconds); its
                                ready line is known as {name.field}; absent for a target that runs elsewhere
    [webhooks.<provider>]       url, secret_env (variable with the signing secret of a target that runs elsewhere)
    [operations.<name>]         method, path, query, headers, body (JSON) or form, results (JSON paths)
    [probes.<name>]             exactly one of http (a path, with results), sql (with database), log (a file)
    [traces]                    files (globs of logs) and databases that a search for card data goes through
    [values]                    names of the profile's own, usable in braces everywhere
    [states]                    the target's word = the house's word, for states of orders

Names in braces come from: the operation's values (``order_id``, ``order_token``, ...), ``[values]``, ``base_url``,
``port`` (a free one), ``folder`` (scratch), ``python``, ``env.NAME``, ``random.name`` (one hex secret per name and
launch), ``run``, the provider (``stripe.url``, ``.secret_key``, ``.publishable_key``, ``.webhook_secret``), and the
ready lines of processes.

    ProfileError       says file, line, key, what is wrong, and the nearest valid name
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from harness import resources
from harness.domain.providers import Mode, Provider
from harness.processes import Ready
from harness.targets import jsonpath, template
from harness.targets.contract import OPERATIONS
from harness.targets.places import Keys, MisplacedError, Place, nearest, refuse_unknown


class ProfileError(Exception):
    """A profile that cannot be used: file, line, key, what is wrong, and the next move."""


class _Strict(msgspec.Struct, forbid_unknown_fields=True):
    pass


class TargetSection(_Strict):
    """Who it is. ``settle``: seconds to wait before "nothing happened" where the target shows no inbox."""

    name: str
    base_url: str = ""
    providers: list[Provider] = msgspec.field(default_factory=lambda: [Provider.STRIPE])
    mode: Mode = Mode.SIMULATED
    settle: float = 0.5
    timeout: float = 30.0
    plugin: str | None = None
    """``module:Class`` of a Python class that stands in for the operations and probes."""
    simulator_port: int = 0
    """Fixed port for the simulator, for a target that runs elsewhere and is wired to it; 0: any."""


class ProcessSpec(_Strict):
    """One process of a target that the harness starts."""

    name: str
    command: list[str]
    ready: Ready = Ready.LINE
    env: dict[str, str] = {}
    after: list[str] = []
    cwd: str = ""
    within: float = 60.0
    stop_within: float = 10.0


class Launch(_Strict):
    """How to start it, in parts that start at the same time where nothing they name is missing."""

    processes: list[ProcessSpec]


class Webhook(_Strict):
    """Where a provider's events go."""

    url: str
    secret_env: str | None = None


class Operation(_Strict):
    """One thing that can be done with the target, as an HTTP request."""

    path: str
    method: str = "GET"
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    body: Any = None
    form: dict[str, str] | None = None
    results: dict[str, str] = {}


class Probe(_Strict):
    """One way to see the target's state."""

    http: str | None = None
    method: str = "GET"
    headers: dict[str, str] = {}
    result: str = "$"
    sql: str | None = None
    database: str | None = None
    log: str | None = None


class Traces(_Strict):
    """What the target leaves behind: log files (globs) and databases, beside what its processes write."""

    files: list[str] = []
    databases: list[str] = []


class Profile(_Strict):
    """A whole profile; ``file`` is where it was read."""

    target: TargetSection
    launch: Launch | None = None
    webhooks: dict[Provider, Webhook] = {}
    operations: dict[str, Operation] = {}
    probes: dict[str, Probe] = {}
    traces: Traces = msgspec.field(default_factory=Traces)
    values: dict[str, str] = {}
    states: dict[str, str] = {}
    file: str = ""


def load(name_or_path: str | Path) -> Profile:
    """Read a profile: a path to a TOML file, or the name of one that comes with the product ("reference")."""
    path = Path(name_or_path)
    if path.suffix != ".toml" and not path.is_file():
        path = resources.fixtures() / "targets" / f"{name_or_path}.toml"
        if not path.is_file():
            raise ProfileError(f"no target is called {str(name_or_path)!r}; {nearest(str(name_or_path), available())}")
    try:
        source = path.read_text("utf-8")
    except OSError as error:
        raise ProfileError(f"{path}: cannot be read ({error.strerror}); give a path or one of {available()}") from error
    except UnicodeDecodeError as error:
        raise ProfileError(f"{path}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    return parse(source, str(path))


def available() -> list[str]:
    """Names of the profiles that come with the product."""
    return sorted(path.stem for path in (resources.fixtures() / "targets").glob("*.toml"))


def parse(source: str, file: str = "profile.toml") -> Profile:
    """Read a profile from text; ``file`` names it in errors."""
    try:
        raw = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"{file}: {error}; correct the TOML there") from error
    raw.pop("file", None)
    place = Place(file, source)
    try:
        refuse_unknown(raw, Profile, (), place)
        profile = _convert(raw, file, place)
        _check(profile, place)
    except MisplacedError as error:
        raise ProfileError(str(error)) from error
    return profile


_VALUES = frozenset(
    [
        "amount",
        "capture",
        "currency",
        "dispute_id",
        "email",
        "key",
        "lines",
        "token",
        "verification_token",
        "method",
        "order_id",
        "order_token",
        "provider",
        "query",
        "reason",
        "submit",
        "text",
        "after",
    ]
)
_ENVIRONMENT = frozenset(["base_url", "env", "folder", "port", "python", "random", "run"])


def _convert(raw: dict[str, Any], file: str, place: Place) -> Profile:
    """Types, with msgspec's message turned into a sentence with the file's line."""
    try:
        return msgspec.convert({**raw, "file": file}, Profile)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `")
        path = re.findall(r"[\w\-]+", where.partition("$")[2])
        keys: Keys = tuple(int(part) if part.isdigit() else part for part in path)
        if missing := re.search(r"missing required field `(\w+)`", what):
            raise place.error(keys, f"the key {missing[1]!r} is missing; add it") from error
        if invalid := re.search(r"Invalid enum value (.*)", what):
            value = invalid[1].strip("'\"")
            if where.startswith("key"):
                keys = (*keys, value)
            raise place.error(keys, f"{value!r} is not known here; {nearest(value, _allowed(keys))}") from error
        raise place.error(keys, what[:1].lower() + what[1:]) from error


def _allowed(keys: Keys) -> list[str]:
    if "mode" in keys:
        return [mode.value for mode in Mode]
    if "ready" in keys:
        return [way.value for way in Ready]
    return [provider.value for provider in Provider]


def _check(profile: Profile, place: Place) -> None:
    """What types cannot say: names in braces, JSON paths, probes of one kind."""
    if not profile.webhooks and not profile.target.plugin:
        raise place.error(("webhooks",), "a target needs a webhook endpoint; add [webhooks.stripe] with its url")
    for name in profile.operations:
        close = difflib.get_close_matches(name, OPERATIONS, 1, 0.8)
        if name not in OPERATIONS and close:
            raise place.error(("operations", name), f"no step knows this operation; did you mean {close[0]!r}?")
    _check_braces(profile, place)
    _check_results(profile, place)
    for name, probe in profile.probes.items():
        if sum(way is not None for way in (probe.http, probe.sql, probe.log)) != 1:
            raise place.error(("probes", name), "a probe has exactly one of http, sql and log")
        if probe.sql is not None and probe.database is None:
            raise place.error(("probes", name), "a sql probe needs the key 'database' with the URL to read from")


def _check_results(profile: Profile, place: Place) -> None:
    for name, operation in profile.operations.items():
        for result, path in operation.results.items():
            try:
                jsonpath.parse(path)
            except jsonpath.PathError as error:
                raise place.error(("operations", name, "results", result), str(error)) from error


def _check_braces(profile: Profile, place: Place) -> None:
    specs = profile.launch.processes if profile.launch else []
    processes = [spec.name for spec in specs]
    everywhere = {*_ENVIRONMENT, *profile.values, *processes, *(provider.value for provider in Provider)}
    results = {result for operation in profile.operations.values() for result in operation.results}
    for keys, text, known in _texts(profile, everywhere, everywhere | _VALUES | results):
        for used in template.names(text):
            if used.split(".")[0] not in known:
                raise place.error(keys, f"nothing is called {{{used}}}; {nearest(used, known)}")
    for index, spec in enumerate(specs):
        for other in spec.after:
            if other not in processes:
                keys = ("launch", "processes", index, "after")
                raise place.error(keys, f"no process {other!r}; {nearest(other, processes)}")


def _texts(profile: Profile, everywhere: set[str], values: set[str]) -> Iterator[tuple[Keys, Any, set[str]]]:
    """Every place where braces may stand, with the names that are known there."""
    yield ("target", "base_url"), profile.target.base_url, everywhere
    yield ("traces", "files"), profile.traces.files, everywhere
    yield ("traces", "databases"), profile.traces.databases, everywhere
    for index, spec in enumerate(profile.launch.processes if profile.launch else []):
        yield ("launch", "processes", index, "command"), spec.command, everywhere
        yield ("launch", "processes", index, "cwd"), spec.cwd, everywhere
        for variable, text in spec.env.items():
            yield ("launch", "processes", index, "env", variable), text, everywhere
    for provider, webhook in profile.webhooks.items():
        yield ("webhooks", provider.value, "url"), webhook.url, everywhere
    for name, text in profile.values.items():
        yield ("values", name), text, everywhere
    for name, operation in profile.operations.items():
        for key in ("path", "query", "headers", "body", "form"):
            yield ("operations", name, key), getattr(operation, key), values
    for name, probe in profile.probes.items():
        for key in ("http", "headers", "database", "log"):
            yield ("probes", name, key), getattr(probe, key), values
