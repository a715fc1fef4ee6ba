"""A target reached over HTTP, as its profile describes it; started and ended by the harness where the profile says how.

Every request carries ``X-Payharness-Run``, so that a target's own logs tell which run asked. Every exchange is handed
to ``watch`` as it was; whoever writes it down redacts it first.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from harness import loopback
from harness.domain.providers import Mode, Provider
from harness.domain.verdicts import HarnessError, NotApplicable, NotObservable, TargetDead
from harness.processes import Process, tail_of
from harness.record.model import Exchange, Message
from harness.targets import jsonpath, template
from harness.targets.contract import Answer, Raw, Watch
from harness.targets.launch import Context, Launched
from harness.targets.probes import Databases, log_text
from harness.targets.profile import Operation, Probe, Profile, ProfileError

_PATIENCE = 3.0
"""Seconds that a target has to say that it is well, after a request went unanswered."""


@dataclass(frozen=True, slots=True)
class _More:
    """What is added to a request beyond its profile."""

    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    method: str | None = None
    timeout: float | None = None


class HttpTarget:
    """A target behind a profile: ``start``, then ``run`` operations and ``read`` probes, then ``close``."""

    def __init__(self, profile: Profile, folder: Path, *, run_id: str = "", watch: Watch | None = None) -> None:
        self.profile = profile
        self.name = profile.target.name
        self.mode: Mode = profile.target.mode
        self.providers: Sequence[Provider] = profile.target.providers
        self.operations = frozenset(profile.operations)
        self.probes = frozenset(profile.probes)
        self.run_id = run_id
        self.watch = watch
        self.context = Context(profile, folder, run_id)
        self.launched = Launched(profile, profile.launch, self.context, folder) if profile.launch else None
        self._databases = Databases()
        self._client: httpx.AsyncClient | None = None
        self._secrets: dict[Provider, str] = {}

    # life

    async def start(self) -> None:
        """Start the processes of the profile, if it has any; raises ``TargetDead`` with the tail of a log."""
        if self.launched:
            await self.launched.start_all()

    async def restore(self) -> list[str]:
        """Start again what has died since; the names of the processes that were started."""
        return await self.launched.restore() if self.launched else []

    async def close(self) -> None:
        """Close the clients and end the processes."""
        if self._client:
            await self._client.aclose()
            self._client = None
        await self._databases.close()
        if self.launched:
            await self.launched.stop_all()

    @property
    def client(self) -> httpx.AsyncClient:
        """The client that all requests go through; made on first use, on the loop that uses it."""
        if self._client is None:
            named = {"X-Payharness-Run": self.run_id} if self.run_id else {}
            self._client = loopback.client(timeout=self.profile.target.timeout, headers=named)
        return self._client

    def process(self) -> Launched:
        """Its processes; raises ``NotApplicable`` for a target that the harness did not start."""
        if self.launched is None:
            raise NotApplicable(
                f"the harness did not start the target {self.name!r}, so it cannot control its processes"
            )
        return self.launched

    # contract

    def webhook_url(self, provider: Provider) -> str:
        """Where the provider delivers its events."""
        webhook = self.profile.webhooks.get(provider)
        if webhook is None:
            raise NotApplicable(f"the target {self.name!r} has no webhook endpoint for {provider.value}")
        return str(self.context.fill(webhook.url))

    def webhook_secret(self, provider: Provider) -> str:
        """The secret that the endpoint verifies with: of the endpoint registered for it, or from the environment."""
        known = self.context.look(f"{provider.value}.webhook_secret")
        if known is not template.ABSENT:
            return str(known)
        webhook = self.profile.webhooks.get(provider)
        variable = webhook.secret_env if webhook else None
        if not variable:
            raise NotApplicable(
                f"the webhook secret of {self.name!r} is not known; give [webhooks.{provider.value}] a secret_env"
            )
        value = self.context.look(f"env.{variable}")
        if value is template.ABSENT:
            raise ProfileError(f"{self.profile.file}: the environment variable {variable} is not set; set it")
        return str(value)

    async def run(
        self,
        operation: str,
        values: Mapping[str, Any] | None = None,
        *,
        actor: str = "shopper",
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        method: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - handed to the HTTP client
    ) -> Answer:
        """Run an operation.

        As tampering would: ``extra`` fields and ``headers`` are added, ``content`` and ``method`` replace.
        """
        spec = self.profile.operations.get(operation)
        if spec is None:
            raise NotApplicable(f"the target {self.name!r} has no operation {operation!r}")
        more = _More(extra or {}, headers or {}, content, method, timeout)
        request = self._request(f"operation {operation!r}", spec, values or {}, more)
        answer = await self.send(request, actor=actor, operation=operation)
        document = answer.json() if spec.results else None
        if document is None:
            return answer
        found = {name: jsonpath.find(document, path) for name, path in spec.results.items()}
        if isinstance(found.get("state"), str):
            found["state"] = self.profile.states.get(found["state"], found["state"])
        return replace(answer, results=found)

    async def send(self, request: httpx.Request, *, actor: str, operation: str = "request") -> Answer:
        """Send a request of any kind and hand the exchange to ``watch``; raises ``TargetDead`` where nobody listens."""
        started = time.perf_counter()
        try:
            response = await self.client.send(request)
            failure = None
        except httpx.ConnectError as error:
            self._watched(actor, request, None, started, f"no connection: {error}")
            raise self.dead(f"nobody listens at {_origin(request)}") from error
        except httpx.TransportError as error:
            response, failure = None, _why(error, request)
            self.raise_if_dead()
            if isinstance(error, httpx.TimeoutException) and await self._hangs():
                self._watched(actor, request, None, started, failure)
                raise self._hung() from error
        ms = (time.perf_counter() - started) * 1000
        self._watched(actor, request, response, started, failure)
        method, url = request.method, str(request.url)
        if response is None:
            return Answer(operation, method, url, 0, ms=ms, error=failure)
        return Answer(operation, method, url, response.status_code, dict(response.headers), response.content, ms)

    async def read(self, probe: str, values: Mapping[str, Any] | None = None) -> Any:
        """Read a probe: rows for SQL, a text for a log, what the JSON path leads to for HTTP."""
        spec = self.profile.probes.get(probe)
        if spec is None:
            raise NotObservable(f"the target {self.name!r} has no probe {probe!r}; add [probes.{probe}] to its profile")
        if spec.sql is not None:
            url = self._filled(spec.database, values or {}, f"probe {probe!r}")
            return await self._databases.rows(str(url), spec.sql, values)
        if spec.log is not None:
            return log_text(str(self._filled(spec.log, values or {}, f"probe {probe!r}")))
        return await self._read_http(probe, spec, values or {})

    async def _read_http(self, probe: str, spec: Probe, values: Mapping[str, Any]) -> Any:
        operation = Operation(path=spec.http or "/", method=spec.method, headers=spec.headers)
        request = self._request(f"probe {probe!r}", operation, values, _More())
        answer = await self.send(request, actor="probe", operation=probe)
        if not answer.ok:
            raise NotObservable(f"the probe answered {answer.status}: {answer.text[:200]}")
        return jsonpath.find(answer.json(), spec.result)

    # life signs

    async def _hangs(self) -> bool:
        """Whether it takes connections and answers nothing, not even that it is well.

        Asked after a request went unanswered.
        """
        health = self.profile.operations.get("health")
        path = health.path if health else "/"
        try:
            await self.client.get(f"{self.context.look('base_url')}{path}", timeout=_PATIENCE)
        except httpx.TimeoutException:
            return True
        except httpx.TransportError:
            return False
        return False

    def _hung(self) -> TargetDead:
        if self.launched:
            self.launched.hung = True
        tail = log_tail(self)
        said = f" The last it wrote:\n{tail}" if tail else ""
        return TargetDead(f"the target {self.name!r} hangs: it takes connections and answers nothing.{said}")

    def raise_if_dead(self) -> None:
        """Raise ``TargetDead`` where a process that should run has ended by itself."""
        ended = self.launched.dead() if self.launched else []
        if ended:
            raise self.dead(_ended(ended[0]))

    def dead(self, how: str) -> TargetDead:
        """The verdict, with the tail of the log that says why."""
        ended = self.launched.dead() if self.launched else []
        said = f" {ended[0].said()}" if ended else ""
        if ended and ended[0].name not in how:
            how = f"{how}: {_ended(ended[0])}"
        return TargetDead(f"the target {self.name!r} is dead: {how}.{said}")

    # traces

    def trace_files(self) -> list[Path]:
        """Log files: what its processes wrote, and the files that the profile names."""
        found: list[Path] = []
        if self.launched:
            found += sorted((self.launched.folder / "logs").glob("*.log"))
        for pattern in self.profile.traces.files:
            path = Path(str(self.context.fill(pattern)))
            found += sorted(path.parent.glob(path.name))
        return found

    @property
    def has_traces(self) -> bool:
        """Whether a search of what it wrote down has anything to go through."""
        return bool(self.launched or self.profile.traces.files or self.profile.traces.databases)

    async def database_texts(self) -> AsyncIterator[tuple[str, bytes]]:
        """Everything textual in the databases that the profile names: (place, bytes)."""
        for url in self.profile.traces.databases:
            async for found in self._databases.texts(str(self.context.fill(url))):
                yield found

    # inside

    def _request(self, where: str, spec: Operation, values: Mapping[str, Any], more: _More) -> httpx.Request:
        quoted = {name: _quoted(value) for name, value in values.items()}
        path = str(self._filled(spec.path, quoted, where))
        url = path if "://" in path else f"{self.context.look('base_url')}{path}"
        query = self._filled(spec.query, values, where)
        if isinstance(values.get("query"), Mapping):
            query = {**query, **values["query"]}
        headers = httpx.Headers(self._filled(spec.headers, values, where))
        headers.update(more.headers)
        sent: dict[str, Any] = {"headers": headers}
        if more.content is not None:
            headers.setdefault("Content-Type", "application/json")
            sent["content"] = more.content
        elif spec.form is not None:
            sent["data"] = {**self._filled(spec.form, values, where), **more.extra}
        elif spec.body is not None or more.extra:
            body = self._filled(spec.body, values, where)
            sent["json"] = {**(body or {}), **more.extra} if isinstance(body, Mapping) or body is None else body
        if more.timeout is not None:
            sent["timeout"] = more.timeout
        try:
            return self.client.build_request(more.method or spec.method, url, params=query or None, **sent)
        except (httpx.InvalidURL, UnicodeError, ValueError) as error:
            raise HarnessError(f"the {where} cannot be sent: {error}; correct its values or the profile") from error

    def _filled(self, part: Any, values: Mapping[str, Any], where: str) -> Any:
        try:
            return template.fill(part, lambda name: self.context.look(name, values))
        except template.MissingValueError as error:
            raise HarnessError(
                f"the {where} of {self.profile.file} needs {{{error.name}}}, which this step does not have; "
                f"write it as {{{error.name}?}} where it may be absent"
            ) from error

    def _watched(
        self, actor: str, request: httpx.Request, response: httpx.Response | None, started: float, error: str | None
    ) -> None:
        if self.watch is not None:
            self.watch(exchange_of(actor, request, response, (time.perf_counter() - started) * 1000, error))


def exchange_of(
    actor: str, request: httpx.Request, response: httpx.Response | None, ms: float, error: str | None = None
) -> Exchange:
    """An HTTP request and its answer as a record, not redacted yet."""
    sent = request.content
    return Exchange(
        actor,
        request.method,
        str(request.url),
        Message(dict(request.headers), sent.decode("utf-8", "replace"), len(sent)),
        Message(dict(response.headers), response.text, len(response.content)) if response is not None else None,
        response.status_code if response is not None else 0,
        ms,
        error,
    )


def _why(error: httpx.TransportError, request: httpx.Request) -> str:
    if isinstance(error, httpx.TimeoutException):
        seconds = request.extensions.get("timeout", {}).get("read")
        return f"no answer within {seconds:g} s" if seconds else "no answer in time"
    return f"the connection broke: {error}" if str(error) else "the connection broke"


def _quoted(value: Any) -> Any:
    if isinstance(value, Raw):
        return str(value)
    return quote(value, safe="") if isinstance(value, str) else value


def _origin(request: httpx.Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc.decode()}"


def _ended(process: Process) -> str:
    return f"its process {process.name!r} ended with exit code {process.exit_code}"


def log_tail(target: HttpTarget, lines: int = 8) -> str:
    """The last lines of the log that was written last."""
    files = [path for path in target.trace_files() if path.is_file() and path.stat().st_size]
    newest = max(files, key=lambda path: path.stat().st_mtime, default=None)
    return tail_of(newest, lines) if newest else ""
