"""Simulated Square as a provider: access tokens, idempotency keys in the body, refusals, the execution of one call.

Sources: Square, "Using the REST API", "Idempotency", "Handling errors", "Versioning".
"""

from __future__ import annotations

import hashlib
import importlib
import re
from datetime import date
from typing import Any
from urllib.parse import parse_qs

import orjson

from harness.simulator.kernel.account import Account
from harness.simulator.kernel.faults import Fault
from harness.simulator.kernel.idempotency import Kept
from harness.simulator.kernel.ids import Ids
from harness.simulator.kernel.limits import Limiter
from harness.simulator.kernel.messages import Answer, Request
from harness.simulator.square import registry, unsimulated
from harness.simulator.square.account import API_VERSION, SquareAccount
from harness.simulator.square.errors import AUTHENTICATION, SquareError, error, invalid
from harness.simulator.square.registry import JSON, Call
from harness.simulator.square.rooms import ROOMS

CORS = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD, PUT, POST, DELETE, OPTIONS"),
    (b"access-control-allow-headers", b"Authorization, Content-Type, Accept, Square-Version, X-Payharness-Actor"),
]
TOKENS = "EAAA"
"""How access tokens begin, those of the sandbox included."""
FOREVER = 100 * 366 * 86400.0
"""Seconds for which a key is known: Square documents no end."""
FIRST_VERSION = "2018-01-01"
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}")


class SquareApp:
    """The provider."""

    name = "square"
    max_body = 8 * 1_048_576
    idempotency_header = b"x-idempotency-key-is-in-the-body"
    credentials_hint = f"send 'Authorization: Bearer TOKEN' with a token that begins with {TOKENS}"

    def __init__(self, seed: str = "0", *, remote_webhooks: bool = False) -> None:
        self.seed = seed
        self.remote_webhooks = remote_webhooks
        self.accounts: dict[str, SquareAccount] = {}
        self.merchants: dict[str, SquareAccount] = {}
        """Accounts by application id and by location id, for what a browser asks."""
        self._limiter = Limiter()
        self._ids = Ids(f"{seed}/requests")
        for room in ROOMS:
            importlib.import_module(room)

    # ---- accounts ------------------------------------------------------------------------------

    def open(self, request: Request) -> Account | Answer:
        """The account of a token; the refusals are Square's 401s."""
        account = self._account(request)
        if account is None:
            return refusal(SquareError(401))
        if account.revoked:
            words = "The provided access token has been revoked."
            return refusal(SquareError(401, [error("ACCESS_TOKEN_REVOKED", words, category=AUTHENTICATION)]))
        version = request.header(b"square-version") or API_VERSION
        request.call = Call(account, request, version)
        return account

    def owner(self, request: Request) -> Account | None:
        """The account of a control call, by the same token."""
        return self._account(request)

    def account(self, token: str) -> SquareAccount:
        """The account of a token, made on first sight."""
        account = self.accounts.get(token)
        if account is None:
            account = self.accounts[token] = SquareAccount(token, self.seed, remote_webhooks=self.remote_webhooks)
            self.merchants[account.application_id] = self.merchants[account.main_location_id] = account
        return account

    def stray(self) -> str:
        """An id for a request that belongs to no account."""
        return self._ids.text(16)

    def request_id(self, account: Account) -> str:
        """Square sends none; the journal wants one."""
        return account.ids.text(16)

    def _account(self, request: Request) -> SquareAccount | None:
        kind, _, token = (request.header(b"authorization") or "").partition(" ")
        token = token.strip()
        if kind.lower() != "bearer" or not token.startswith(TOKENS):
            return None
        account = self.account(token)
        host = request.header(b"host")
        if host:
            account.base_url = f"http://{host}"
        return account

    # ---- layers --------------------------------------------------------------------------------

    def page(self, request: Request) -> Answer | None:
        """Preflights of browsers, and what is asked without a token."""
        if request.method == "OPTIONS":
            return Answer(200, b"", [*CORS, (b"access-control-max-age", b"86400")])
        for handler in registry.pages:
            answer = handler(self, request)
            if answer is not None:
                return answer
        return None

    def limited(self, account: Account) -> Answer | None:
        """429 on demand."""
        assert isinstance(account, SquareAccount)
        rate = account.settings.rate_limit
        if rate is None or self._limiter.allow(account.key, rate):
            return None
        after = account.settings.retry_after_seconds
        return refusal(SquareError(429, headers={} if after is None else {"Retry-After": str(after)}))

    def params(self, request: Request) -> dict[str, Any] | Answer:
        """Find the operation, read the body and the version that is asked for."""
        call: Call = request.call
        try:
            found = registry.find(request.method, request.path)
            if found is None:
                raise unsimulated.refusal(request.method, request.path)
            call.operation, call.ids = found
            _check_version(call.version)
            if not call.operation.raw:
                call.params = _decoded(request)
        except SquareError as refused:
            return refusal(refused)
        return call.params

    def idempotency_key(self, request: Request) -> str | Answer | None:
        """Only where the operation takes one; what is wrong with it is said before anything else is looked at."""
        call: Call = request.call
        longest = call.operation.key
        key = call.params.get("idempotency_key")
        if longest is None or not isinstance(key, str) or not key:
            return None  # where it is required, the operation says so
        if len(key) > longest:
            detail = f"Field must not be greater than {longest} in length"
            return refusal(invalid("VALUE_TOO_LONG", detail, "idempotency_key"))
        return key

    def idempotency_scope(self, request: Request, key: str) -> tuple[str, float]:
        """One name for each operation: the same key on another endpoint is another key."""
        return f"{request.call.operation.name} {key}", FOREVER

    def fingerprint(self, request: Request) -> bytes:
        """Path and body, whatever the order of its members; the operation decides where it is lenient."""
        call: Call = request.call
        if call.operation.lenient:
            return b""
        text = orjson.dumps([request.path, call.params], option=orjson.OPT_SORT_KEYS)
        return hashlib.blake2b(text, digest_size=16).digest()

    def in_flight(self, key: str) -> Answer:
        """The first call under this key has not been answered yet."""
        del key
        return refusal(SquareError(409))

    def mismatch(self, request: Request, key: str, kept: Kept) -> Answer:
        """400, as Square words it."""
        del request, key, kept
        detail = "Different request parameters used for the same idempotency_key."
        return refusal(invalid("IDEMPOTENCY_KEY_REUSED", detail, "idempotency_key"))

    def replay(self, account: Account, kept: Kept) -> Answer:
        """The first answer again."""
        del account
        assert isinstance(kept.body, bytes)
        return Answer(kept.status, kept.body, [JSON])

    def perform(self, account: Account, request: Request, request_id: str, key: str | None) -> Answer:
        """Execute."""
        del account, request_id, key
        call: Call = request.call
        try:
            return call.operation.handler(call, *call.ids)
        except SquareError as refused:
            return refusal(refused)

    def finish(self, request: Request, answer: Answer, request_id: str, key: str | None) -> None:
        """The version that was answered in; CORS for what a browser asks."""
        del request_id, key
        if request.call is not None:
            answer.headers.append((b"square-version", request.call.version.encode("latin-1", "replace")))
        for name, _ in request.headers:
            if name == b"origin":
                answer.headers.extend(CORS)
                break

    def injected(self, fault: Fault) -> Answer:
        """The answer of a ``status`` fault: the fault's own body, or what Square would say with that status."""
        headers = [
            (name.lower().encode("latin-1"), str(value).encode("latin-1"))
            for name, value in (fault.headers or {}).items()
        ]
        if isinstance(fault.body, str):
            return Answer(fault.status, fault.body.encode(), headers or [(b"content-type", b"text/html")], stored=False)
        if fault.body is not None:
            return Answer(fault.status, orjson.dumps(fault.body), [*headers, JSON], stored=False)
        answer = refusal(SquareError(fault.status))
        answer.headers.extend(headers)
        return answer

    def refused(self, status: int, message: str, request: Request | None = None) -> Answer:
        """A refusal of the plumbing."""
        del request, message
        return refusal(SquareError(status))

    def body_of(self, account: Account, recipe: object) -> bytes:
        """Nothing is kept as a recipe.

        Raises:
            TypeError: always; only an answer of another provider could bring a recipe here.
        """
        del account
        raise TypeError(f"Square's answers are kept as they were sent, not as {type(recipe).__name__}")

    def decode(self, request: Request) -> tuple[dict[str, Any], dict[str, Any]]:
        """For the journal: query and body; never raises."""
        query = {name: values[-1] for name, values in parse_qs(request.query.decode("latin-1")).items()}
        try:
            body = orjson.loads(request.body) if request.body else {}
        except orjson.JSONDecodeError:
            body = {}
        return query, body if isinstance(body, dict) else {}

    def control(self, account: Account, request: Request, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """Square's own control calls."""
        assert isinstance(account, SquareAccount)
        try:
            for handler in registry.controls:
                answer = handler(account, request.method, path, body)
                if answer is not None:
                    return answer
        except SquareError as refused:
            kind = LookupError if refused.status == 404 else ValueError  # noqa: PLR2004 - HTTP
            raise kind(str(refused)) from refused
        return None


def refusal(refused: SquareError) -> Answer:
    """The answer of an error."""
    headers = [JSON, *((n.lower().encode(), v.encode("latin-1")) for n, v in refused.headers.items())]
    return Answer(refused.status, orjson.dumps(refused.body()), headers, stored=refused.stored)


def _decoded(request: Request) -> dict[str, Any]:
    if request.method in {"GET", "HEAD"} or not request.body.strip():
        return {}
    content_type = (request.header(b"content-type") or "").partition(";")[0].strip().lower()
    if content_type and content_type != "application/json":
        raise SquareError(415)
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError as failure:
        detail = f"Expected a JSON object at line {failure.lineno} column {failure.colno}."
        raise invalid("EXPECTED_JSON_BODY", detail) from None
    if not isinstance(body, dict):
        raise invalid("EXPECTED_JSON_BODY", "Expected a JSON object at the top of the body.")
    return body


def _check_version(version: str) -> None:
    try:
        known = bool(_VERSION.fullmatch(version)) and date.fromisoformat(version) is not None
    except ValueError:
        known = False
    if not known:
        detail = f"The Square-Version `{version}` is not of the form YYYY-MM-DD."
        raise invalid("INVALID_SQUARE_VERSION_FORMAT", detail)
    if version < FIRST_VERSION:
        raise invalid("API_VERSION_INCOMPATIBLE", f"This endpoint does not exist in version {version}.")
