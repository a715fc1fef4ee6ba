"""Simulated Stripe as a provider: keys, versions, idempotency wording, and the execution of one call.

Sources: Stripe, "API keys", "Errors", "Idempotent requests", "Versioning"; recorded scenarios 03 and 09 of test mode.
"""

from __future__ import annotations

import hashlib
import importlib
import re
from typing import Any

import orjson

from harness.simulator.kernel.account import Account
from harness.simulator.kernel.faults import Fault
from harness.simulator.kernel.forms import FormError
from harness.simulator.kernel.idempotency import KEPT_SECONDS, Kept
from harness.simulator.kernel.ids import Ids
from harness.simulator.kernel.limits import Limiter
from harness.simulator.kernel.messages import Answer, Request
from harness.simulator.stripe import app_hooks, errors, keys
from harness.simulator.stripe.account import API_VERSION, StripeAccount
from harness.simulator.stripe.bodies import decode_params, is_multipart, journaled
from harness.simulator.stripe.errors import StripeError
from harness.simulator.stripe.parameters import AUTHENTICATION, check, has
from harness.simulator.stripe.routes.registry import Call, Operation, find
from harness.simulator.stripe.wire import answers, expansion
from harness.simulator.stripe.wire.answers import CORS, JSON, answered, refusal
from harness.simulator.stripe.wire.render import dump

ROOMS = (
    "customers",
    "payment_methods",
    "payments",
    "setups",
    "charges",
    "refunds",
    "disputes",
    "balance",
    "webhooks",
    "accounts",
    "catalogue",
    "checkout",
    "pages",
    "early_fraud_warnings",
    "files",
    "tokens",
)
"""Nouns; each has a module in ``routes``, which imports its rules and its wire."""

_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(\.[a-z]+)?(;\s?[a-z0-9_]+=v\d+)*")
_LONGEST_KEY = 255


page = app_hooks.page
not_simulated = app_hooks.not_simulated
control = app_hooks.control


class StripeApp:
    """The provider."""

    name = "stripe"
    max_body = 18 * 1_048_576
    idempotency_header = b"idempotency-key"
    credentials_hint = "send 'Authorization: Bearer <test secret key>'"

    def __init__(self, seed: str = "0", *, remote_webhooks: bool = False) -> None:
        self.seed = seed
        self.remote_webhooks = remote_webhooks
        self.accounts: dict[str, StripeAccount] = {}
        self._by_token: dict[str, StripeAccount] = {}
        self._by_key: dict[str, StripeAccount] = {}
        self._limiter = Limiter()
        self._ids = Ids(f"{seed}/requests")
        importlib.import_module("harness.simulator.stripe.routes.unsimulated")
        for room in ROOMS:
            importlib.import_module(f"harness.simulator.stripe.routes.{room}")

    # ---- accounts ------------------------------------------------------------------------------

    def open(self, request: Request) -> Account | Answer:
        """The account of a key; the refusals are Stripe's 401s."""
        key = keys.credentials(request)
        account = self._by_key.get(key) if key else None
        if account is None:
            try:
                account = self._open(key)
            except StripeError as error:
                return refusal(error)
        host = request.header(b"host")
        if host:
            account.base_url = f"http://{host}"
        return account

    def owner(self, request: Request) -> Account | None:
        """The account of a control call."""
        try:
            return self._open(keys.credentials(request))
        except StripeError:
            return None

    def stray(self) -> str:
        """An id for a request that belongs to no account."""
        return f"req_{self._ids.text(14)}"

    def request_id(self, account: Account) -> str:
        """As Stripe's."""
        return f"req_{account.ids.text(14)}"

    def account(self, key: str) -> StripeAccount:
        """The account that a key belongs to, made on first sight; raises ``StripeError`` 401 for what is no key."""
        return self._open(key)

    def by_token(self, token: str) -> StripeAccount | None:
        """The account that a hosted page's address names."""
        return self._by_token.get(token)

    def _open(self, key: str) -> StripeAccount:
        parsed = keys.parse(key)
        name = f"{parsed.mode}_{parsed.suffix}"
        account = self.accounts.get(name)
        if account is None:
            account = self.accounts[name] = StripeAccount(
                name,
                self.seed,
                livemode=parsed.mode == "live",
                suffix=parsed.suffix,
                remote_webhooks=self.remote_webhooks,
            )
            other = f"{'test' if account.livemode else 'live'}_{parsed.suffix}"
            account.twin = lambda: self.accounts.get(other)
            self._by_token[account.token] = account
        self._by_key[key] = account
        return account

    # ---- layers --------------------------------------------------------------------------------

    def page(self, request: Request) -> Answer | None:
        """Preflights of browsers, and hosted pages."""
        if request.method == "OPTIONS":
            return Answer(200, b"", [*CORS, (b"access-control-max-age", b"300")])
        if request.path.startswith("/v1/") or request.path.startswith("/v2/"):
            return None
        for handler in app_hooks.pages:
            answer = handler(self, request)
            if answer is not None:
                return answer
        return None

    def limited(self, account: Account) -> Answer | None:
        """429 on demand."""
        assert isinstance(account, StripeAccount)
        rate = account.settings.rate_limit
        if rate is None or self._limiter.allow(account.key, rate):
            return None
        return refusal(
            StripeError(
                "Request rate limit exceeded. Learn more about rate limits here https://docs.stripe.com/rate-limits.",
                status=429,
                code="rate_limit",
                headers={"Stripe-Rate-Limited-Reason": account.settings.rate_limit_reason},
            )
        )

    def idempotency_key(self, request: Request) -> str | Answer | None:
        """POST only, at most 255 characters."""
        if request.method != "POST":
            return None
        key = request.header(b"idempotency-key")
        if not key:
            return None
        if len(key) > _LONGEST_KEY:
            return refusal(
                StripeError(
                    f"Idempotency keys can be at most {_LONGEST_KEY} characters long, and yours was {len(key)} "
                    "characters.",
                    type=errors.IDEMPOTENCY,
                    stored=False,
                )
            )
        return key

    def idempotency_scope(self, request: Request, key: str) -> tuple[str, float]:
        """One name for the whole account, whatever the path: another path is a mismatch."""
        del request
        return key, KEPT_SECONDS

    def fingerprint(self, request: Request) -> bytes:
        """The path and the parameters, in whatever order they came."""
        form = orjson.dumps
        body = request.body if is_multipart(request) else form(request.params, option=orjson.OPT_SORT_KEYS)
        return hashlib.blake2b(request.path.encode() + b"\0" + body, digest_size=16).digest()

    def in_flight(self, key: str) -> Answer:
        """409."""
        return refusal(
            StripeError(
                "There is currently another in-progress request using this Idempotent Key (that probably means you "
                "submitted twice, and the other request is still going through): "
                f"{key}. Please try again later.",
                status=409,
                type=errors.IDEMPOTENCY,
                code="idempotency_key_in_use",
                stored=False,
            )
        )

    def mismatch(self, request: Request, key: str, kept: Kept) -> Answer:
        """400, no code."""
        if request.path != kept.path:
            rule = f"for the same endpoint they were first used for ('{request.path}' vs '{kept.path}')"
        else:
            rule = "with the same parameters they were first used with"
        return refusal(
            StripeError(
                f"Keys for idempotent requests can only be used {rule}. Try using a key other than '{key}' if you "
                "meant to execute a different request.",
                type=errors.IDEMPOTENCY,
                stored=False,
            )
        )

    def replay(self, account: Account, kept: Kept) -> Answer:
        """Byte for byte, marked as a replay."""
        headers = [
            JSON,
            (b"idempotent-replayed", b"true"),
            (b"original-request", kept.request_id.encode()),
        ]
        if kept.status >= 500:  # noqa: PLR2004 - HTTP
            headers.append((b"stripe-should-retry", b"false"))
        body = kept.body if isinstance(kept.body, bytes) else self.body_of(account, kept.body)
        return Answer(kept.status, body, headers)

    def params(self, request: Request) -> dict[str, Any] | Answer:
        """Form body, multipart body or query; JSON is what v1 does not read."""
        try:
            request.params = decode_params(request)
        except FormError as error:
            return refusal(errors.invalid(str(error), stored=False))
        return request.params

    def perform(self, account: Account, request: Request, request_id: str, key: str | None) -> Answer:
        """Execute."""
        assert isinstance(account, StripeAccount)
        account.request = (request_id, key)
        try:
            return self._perform(account, request)
        except StripeError as error:
            return refusal(error, request_id, account)
        finally:
            account.request = None

    def _perform(self, account: StripeAccount, request: Request) -> Answer:
        version = request.header(b"stripe-version")
        if version and not _VERSION.fullmatch(version):
            raise StripeError(f"Invalid Stripe API version: {version}", stored=False, extra={"request_log_url": None})
        found = find(request.method, request.path)
        if found is None:
            raise _no_route(request)
        operation, ids = found
        key = keys.credentials(request)
        publishable = key.startswith("pk_")
        if publishable or key.startswith("rk_") or account.settings.key_expired:
            keys.check(
                account,
                key,
                publishable=operation.publishable,
                resource=operation.resource,
                method=request.method,
            )
        connected = request.header(b"stripe-account")
        if connected and connected != account.id:
            raise StripeError(
                f"The provided key '{keys.masked(key)}' does not have access to account '{connected}' (or that account "
                "does not exist). Application access may have been revoked.",
                status=403,
                code="account_invalid",
                stored=False,
            )
        params = _checked(operation, request.params or {})
        paths = params.pop("expand", None)
        if paths:
            expansion.check(operation.name, paths)
        call = Call(account, request, operation, params, version or API_VERSION, publishable=publishable)
        result = operation.handler(call, *ids)
        return result if isinstance(result, Answer) else answered(result, account, paths)

    def finish(self, request: Request, answer: Answer, request_id: str, key: str | None) -> None:
        """Request id, version, key echo; CORS for what a browser asks."""
        headers = answer.headers
        if request_id:
            headers.append((b"request-id", request_id.encode()))
        version = b""
        browser = False
        for name, value in request.headers:
            if name == b"stripe-version":
                version = value
            elif name == b"origin":
                browser = True
        headers.append((b"stripe-version", version or API_VERSION.encode()))
        if key is not None:
            headers.append((b"idempotency-key", key.encode("latin-1")))
        if browser:
            headers.extend(CORS)

    def injected(self, fault: Fault) -> Answer:
        """The answer of a ``status`` fault: the fault's own body, or what Stripe would say with that status."""
        headers = [
            (name.lower().encode("latin-1"), str(value).encode("latin-1"))
            for name, value in (fault.headers or {}).items()
        ]
        if isinstance(fault.body, str):
            return Answer(fault.status, fault.body.encode(), headers or [(b"content-type", b"text/html")], stored=False)
        body = fault.body if fault.body is not None else answers.injected(fault.status)
        if fault.status == 429 and not fault.headers:  # noqa: PLR2004 - HTTP
            headers.append((b"stripe-rate-limited-reason", b"global-rate"))
        return Answer(fault.status, dump(body), [*headers, JSON], stored=False)

    def refused(self, status: int, message: str, request: Request | None = None) -> Answer:
        """A refusal of the plumbing."""
        del request
        kind = errors.API if status >= 500 else errors.INVALID_REQUEST  # noqa: PLR2004 - HTTP
        return refusal(StripeError(message, status=status, type=kind, stored=False))

    def body_of(self, account: Account, recipe: object) -> bytes:
        """A version of an object renders to the same bytes every time; error recipes are bytes already."""
        assert isinstance(account, StripeAccount)
        return answers.rendered_again(recipe, account)

    def decode(self, request: Request) -> tuple[dict[str, Any], dict[str, Any]]:
        """For the journal."""
        return journaled(request)

    def control(self, account: Account, request: Request, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """Stripe's own control calls."""
        assert isinstance(account, StripeAccount)
        try:
            for handler in app_hooks.controls:
                answer = handler(account, request.method, path, body)
                if answer is not None:
                    return answer
        except StripeError as error:
            kind = LookupError if error.status == 404 else ValueError  # noqa: PLR2004 - HTTP
            raise kind(error.message) from error
        return None


def _checked(operation: Operation, params: dict[str, Any]) -> dict[str, Any]:
    """The parameters, converted; an operation without a schema has ``expand`` and those that it names itself."""
    if has(operation.name):
        return check(operation.name, params)
    params = {name: value for name, value in params.items() if name not in AUTHENTICATION}
    unknown = [name for name in params if name not in {"expand", *operation.loose}]
    if unknown:
        raise errors.unknown_parameter(*unknown)
    if not isinstance(params.get("expand", []), list):
        raise errors.not_an_array("expand")
    return params


def _no_route(request: Request) -> StripeError:
    for finder in app_hooks.finders:
        error = finder(request.method, request.path)
        if error is not None:
            return error
    return errors.unrecognised_url(request.method, request.path)
