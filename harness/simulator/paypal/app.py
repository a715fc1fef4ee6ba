"""Simulated PayPal as a provider: tokens, request ids, the wording of refusals, and the execution of one call.

Sources: PayPal, "Authentication", "API requests", "API responses", "Idempotency", "Simulate negative responses with
request headers".
"""

from __future__ import annotations

import hashlib
import importlib
from typing import Any

import orjson

from harness.simulator.kernel.account import Account
from harness.simulator.kernel.faults import Fault
from harness.simulator.kernel.idempotency import Kept
from harness.simulator.kernel.ids import Ids
from harness.simulator.kernel.limits import Limiter
from harness.simulator.kernel.messages import Answer, Request
from harness.simulator.paypal import errors, oauth, registry, unsimulated
from harness.simulator.paypal.account import PayPalAccount
from harness.simulator.paypal.bodies import decode, journaled
from harness.simulator.paypal.errors import PayPalError
from harness.simulator.paypal.formats import HEX
from harness.simulator.paypal.issues import mocked
from harness.simulator.paypal.registry import JSON, Call
from harness.simulator.paypal.rooms import ROOMS

CORS = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD, PUT, PATCH, POST, DELETE, OPTIONS"),
    (
        b"access-control-allow-headers",
        b", ".join(
            (
                b"Authorization, Content-Type, Accept, Accept-Language, Prefer, PayPal-Request-Id",
                b"PayPal-Client-Metadata-Id, PayPal-Partner-Attribution-Id, PayPal-Auth-Assertion",
                b"PayPal-Mock-Response, X-Payharness-Actor",
            )
        ),
    ),
    (b"access-control-expose-headers", b"Paypal-Debug-Id, Retry-After"),
]
_LONGEST_REQUEST_ID = 108
_LATER = "@debug-id@"
"""Stands for the debug id in a refusal that is made before it is known."""
_LATER_BYTES = _LATER.encode()


class PayPalApp:
    """The provider."""

    name = "paypal"
    max_body = 18 * 1_048_576
    idempotency_header = b"paypal-request-id"
    credentials_hint = "send 'Authorization: Basic base64(client id:secret)' or a bearer token that was given out"

    def __init__(self, seed: str = "0", *, remote_webhooks: bool = False) -> None:
        self.seed = seed
        self.remote_webhooks = remote_webhooks
        self.accounts: dict[str, PayPalAccount] = {}
        self.tokens = oauth.Tokens()
        self._limiter = Limiter()
        self._ids = Ids(f"{seed}/requests")
        for room in ROOMS:
            importlib.import_module(room)

    # ---- accounts ------------------------------------------------------------------------------

    def open(self, request: Request) -> Account | Answer:
        """The account of a token, or of a client at the token endpoint; the refusals are PayPal's 401s."""
        try:
            account, public = self._client(request) if request.path in oauth.PATHS else self._bearer(request)
        except PayPalError as error:
            return refusal(error)
        request.call = Call(account, request, public=public)
        host = request.header(b"host")
        if host:
            account.base_url = f"http://{host}"
        return account

    def owner(self, request: Request) -> Account | None:
        """The account of a control call, by client id and secret or by a token."""
        text = oauth.bearer(request)
        if text is not None:
            token = self.tokens.get(text)
            return None if token is None else token.account
        try:
            account, _ = self._client(request)
        except PayPalError:
            return None
        host = request.header(b"host")
        if host:
            account.base_url = f"http://{host}"
        return account

    def account(self, client_id: str, secret: str = "") -> PayPalAccount:
        """The account of a client id, made on first sight with the secret that it came with.

        Raises:
            OAuthError: 401 ``invalid_client`` for another secret.
        """
        account = self.accounts.get(client_id)
        if account is None:
            account = self.accounts[client_id] = PayPalAccount(
                client_id, secret, self.seed, self.tokens, remote_webhooks=self.remote_webhooks
            )
        elif secret and not account.secret:
            account.secret = secret
        elif secret and secret != account.secret:
            raise oauth.refused_client()
        return account

    def stray(self) -> str:
        """A debug id for a request that belongs to no account."""
        return f"f{self._ids.spelled(HEX, 12)}"

    def request_id(self, account: Account) -> str:
        """A debug id."""
        return f"f{account.ids.spelled(HEX, 12)}"

    def _client(self, request: Request) -> tuple[PayPalAccount, bool]:
        client = oauth.basic(request)
        if client is None:
            raise oauth.refused_client()
        return self.account(*client), not client[1]

    def _bearer(self, request: Request) -> tuple[PayPalAccount, bool]:
        text = oauth.bearer(request)
        if text is None:
            raise PayPalError(401)
        token = self.tokens.check(text)
        return token.account, token.public

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
        assert isinstance(account, PayPalAccount)
        rate = account.settings.rate_limit
        if rate is None or self._limiter.allow(account.key, rate):
            return None
        after = account.settings.retry_after_seconds
        headers = {} if after is None else {"Retry-After": str(after)}
        return refusal(PayPalError(429, headers=headers))

    def idempotency_key(self, request: Request) -> str | Answer | None:
        """Only where the operation keeps answers; 1 to 108 characters."""
        if request.call.operation.keep is None:
            return None
        key = request.header(self.idempotency_header)
        if not key:
            return None
        if len(key) > _LONGEST_REQUEST_ID:
            return refusal(errors.invalid("INVALID_STRING_LENGTH", "PayPal-Request-Id", key, location="header"))
        return key

    def idempotency_scope(self, request: Request, key: str) -> tuple[str, float]:
        """One name for each operation and path: the same id on another call is another call."""
        return f"{request.method} {request.path} {key}", request.call.operation.keep

    def fingerprint(self, request: Request) -> bytes:
        """The body where the account is strict; otherwise PayPal does not look at it."""
        call: Call = request.call
        if call.account.settings.request_ids == "lenient":
            return b""
        return hashlib.blake2b(orjson.dumps(call.params, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()

    def in_flight(self, key: str) -> Answer:
        """409."""
        del key
        return refusal(errors.in_progress())

    def mismatch(self, request: Request, key: str, kept: Kept) -> Answer:
        """400, as v1 worded it; v2 documents nothing."""
        del request, kept
        return refusal(
            PayPalError(
                400,
                [errors.detail("DUPLICATE_REQUEST_ID", "PayPal-Request-Id", key, location="header")],
                name="DUPLICATE_REQUEST_ID",
                message="The value of PayPal-Request-Id header has already been used.",
            )
        )

    def replay(self, account: Account, kept: Kept) -> Answer:
        """The latest state of what the first call made; orders answer 200 where they answered 201."""
        assert isinstance(account, PayPalAccount)
        if isinstance(kept.body, bytes):
            return Answer(kept.status, kept.body, [JSON] if kept.body else [])
        assert isinstance(kept.body, tuple)  # what Call.answer was given
        name, id_, form = kept.body
        status, body = registry.views[name](account, id_, form)
        return Answer(status, orjson.dumps(body), [JSON])

    def params(self, request: Request) -> dict[str, Any] | Answer:
        """Find the operation, read the body; refusals in the order of PayPal's gateway."""
        call: Call = request.call
        try:
            found = registry.find(request.method, request.path)
            if found is None:
                raise unsimulated.refusal(request.method, request.path)
            operation, call.ids = found
            call.operation = operation
            if call.public and not operation.public:
                raise errors.forbidden()
            if operation.raw:
                return {}
            call.params = decode(request)
        except PayPalError as error:
            return refusal(error)
        return call.params if isinstance(call.params, dict) else {"patch": call.params}

    def perform(self, account: Account, request: Request, request_id: str, key: str | None) -> Answer:
        """Execute."""
        assert isinstance(account, PayPalAccount)
        call: Call = request.call
        account.request_id = key
        try:
            _mock(call)
            return call.operation.handler(call, *call.ids)
        except PayPalError as error:
            return refusal(error, request_id)

    def finish(self, request: Request, answer: Answer, request_id: str, key: str | None) -> None:
        """Debug id; CORS for what a browser asks."""
        del key
        headers = answer.headers
        if answer.status >= 400 and _LATER_BYTES in answer.body:  # noqa: PLR2004 - HTTP
            answer.body = answer.body.replace(_LATER_BYTES, request_id.encode())
        headers.append((b"paypal-debug-id", request_id.encode()))
        for name, _ in request.headers:
            if name == b"origin":
                headers.extend(CORS)
                break

    def injected(self, fault: Fault) -> Answer:
        """The answer of a ``status`` fault: the fault's own body, or what PayPal would say with that status."""
        headers = [
            (name.lower().encode("latin-1"), str(value).encode("latin-1"))
            for name, value in (fault.headers or {}).items()
        ]
        if isinstance(fault.body, str):
            return Answer(fault.status, fault.body.encode(), headers or [(b"content-type", b"text/html")], stored=False)
        if fault.body is not None:
            return Answer(fault.status, orjson.dumps(fault.body), [*headers, JSON], stored=False)
        answer = refusal(PayPalError(fault.status))
        answer.headers.extend(headers)
        return answer

    def refused(self, status: int, message: str, request: Request | None = None) -> Answer:
        """A refusal of the plumbing."""
        del request
        debug_id = self.stray()
        answer = refusal(PayPalError(status, message=message if status != 500 else None), debug_id)  # noqa: PLR2004
        answer.headers.append((b"paypal-debug-id", debug_id.encode()))
        return answer

    def body_of(self, account: Account, recipe: object) -> bytes:
        """Nothing is kept as a recipe: a journal shows what was answered then, not what is true now.

        Raises:
            TypeError: always; only an answer of another provider could bring a recipe here.
        """
        del account
        raise TypeError(f"PayPal's answers are kept as they were sent, not as {type(recipe).__name__}")

    def decode(self, request: Request) -> tuple[dict[str, Any], dict[str, Any]]:
        """For the journal."""
        return journaled(request)

    def control(self, account: Account, request: Request, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """PayPal's own control calls."""
        assert isinstance(account, PayPalAccount)
        try:
            for handler in registry.controls:
                answer = handler(account, request.method, path, body)
                if answer is not None:
                    return answer
        except PayPalError as error:
            kind = LookupError if error.status == 404 else ValueError  # noqa: PLR2004 - HTTP
            raise kind(str(error)) from error
        return None


def refusal(error: PayPalError, debug_id: str = "") -> Answer:
    """The answer of an error; no request id ever keeps it. Where the debug id is not known yet, ``finish`` adds it."""
    headers = [JSON, *((n.lower().encode(), v.encode("latin-1")) for n, v in error.headers.items())]
    return Answer(error.status, orjson.dumps(error.body(debug_id or _LATER)), headers, stored=False)


def _mock(call: Call) -> None:
    """Refuse what ``PayPal-Mock-Response: {"mock_application_codes": ISSUE}`` asks to be refused; nothing changes."""
    header = call.request.header(b"paypal-mock-response")
    if not header:
        return
    try:
        wanted = orjson.loads(header)["mock_application_codes"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return
    for issue in wanted if isinstance(wanted, list) else [wanted]:
        if not isinstance(issue, str):
            continue
        if issue in {"INTERNAL_SERVER_ERROR", "INTERNAL_SERVICE_ERROR"}:
            raise PayPalError(500)
        if issue == "RATE_LIMIT_REACHED":
            raise PayPalError(429)
        status = mocked(call.operation.name, issue)
        if status is not None:
            raise PayPalError(status, [errors.detail(issue)])
