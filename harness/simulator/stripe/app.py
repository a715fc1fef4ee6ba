"""Simulated Stripe as a provider: keys, versions, idempotency wording, and the execution of one call.

Sources: Stripe, "API keys", "Errors", "Idempotent requests", "Versioning"; recorded scenarios 03 and 09 of test mode.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import importlib
import re
from typing import Any

import orjson
from msgspec import Struct

from harness.simulator.kernel.account import Account
from harness.simulator.kernel.faults import Fault
from harness.simulator.kernel.forms import FormError, UploadedFile, parse_form, parse_multipart, parse_query
from harness.simulator.kernel.idempotency import Kept
from harness.simulator.kernel.messages import Answer, Request
from harness.simulator.stripe import app_hooks, errors
from harness.simulator.stripe.account import API_VERSION, StripeAccount
from harness.simulator.stripe.errors import StripeError
from harness.simulator.stripe.limits import Limiter
from harness.simulator.stripe.parameters import AUTHENTICATION, check, has
from harness.simulator.stripe.routes.registry import Call, Listing, Operation, find
from harness.simulator.stripe.wire.render import dump, expand, render

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

_KEY = re.compile(r"(sk|rk|pk)_(test|live)_([A-Za-z0-9_]{1,247})")
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(\.[a-z]+)?(;\s?[a-z0-9_]+=v\d+)*")
_JSON_TYPE = (b"content-type", b"application/json")
_LONGEST_KEY = 255


page = app_hooks.page
not_simulated = app_hooks.not_simulated
control = app_hooks.control


class StripeApp:
    """The provider."""

    name = "stripe"
    max_body = 18 * 1_048_576

    def __init__(self, seed: str = "0", *, remote_webhooks: bool = False) -> None:
        self.seed = seed
        self.remote_webhooks = remote_webhooks
        self.accounts: dict[str, StripeAccount] = {}
        self._by_token: dict[str, StripeAccount] = {}
        self._by_key: dict[str, StripeAccount] = {}
        self._limiter = Limiter()
        importlib.import_module("harness.simulator.stripe.routes.unsimulated")
        for room in ROOMS:
            importlib.import_module(f"harness.simulator.stripe.routes.{room}")

    # ---- accounts ------------------------------------------------------------------------------

    def open(self, request: Request) -> Account | Answer:
        """The account of a key; the refusals are Stripe's 401s."""
        key = _credentials(request)
        account = self._by_key.get(key) if key else None
        if account is None:
            try:
                account = self._open(key)
            except StripeError as error:
                return _refusal(error)
        host = request.header(b"host")
        if host:
            account.base_url = f"http://{host}"
        return account

    def owner(self, request: Request) -> Account | None:
        """The account of a control call."""
        try:
            return self._open(_credentials(request))
        except StripeError:
            return None

    def account(self, key: str) -> StripeAccount:
        """The account that a key belongs to, made on first sight; raises ``StripeError`` 401 for what is no key."""
        return self._open(key)

    def by_token(self, token: str) -> StripeAccount | None:
        """The account that a hosted page's address names."""
        return self._by_token.get(token)

    def _open(self, key: str | None) -> StripeAccount:
        if not key:
            raise _no_key()
        parsed = _KEY.fullmatch(key)
        if parsed is None:
            raise StripeError(
                f"Invalid API Key provided: {masked(key)}",
                status=401,
                stored=False,
                headers={"WWW-Authenticate": 'Basic realm="Stripe"'},
            )
        name = f"{parsed[2]}_{parsed[3]}"
        account = self.accounts.get(name)
        if account is None:
            account = self.accounts[name] = StripeAccount(
                name, self.seed, livemode=parsed[2] == "live", suffix=parsed[3], remote_webhooks=self.remote_webhooks
            )
            self._by_token[account.token] = account
        self._by_key[key] = account
        return account

    # ---- layers --------------------------------------------------------------------------------

    def page(self, request: Request) -> Answer | None:
        """Preflights of browsers, and hosted pages."""
        if request.method == "OPTIONS":
            return Answer(200, b"", [*_CORS, (b"access-control-max-age", b"300")])
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
        return _refusal(
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
            return _refusal(
                StripeError(
                    f"Idempotency keys can be at most {_LONGEST_KEY} characters long, and yours was {len(key)} "
                    "characters.",
                    type=errors.IDEMPOTENCY,
                    stored=False,
                )
            )
        return key

    def fingerprint(self, request: Request) -> bytes:
        """The path and the parameters, in whatever order they came."""
        form = orjson.dumps
        body = request.body if _is_multipart(request) else form(request.params, option=orjson.OPT_SORT_KEYS)
        return hashlib.blake2b(request.path.encode() + b"\0" + body, digest_size=16).digest()

    def in_flight(self, key: str) -> Answer:
        """409."""
        return _refusal(
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
        return _refusal(
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
            _JSON_TYPE,
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
            request.params = _decode_params(request)
        except FormError as error:
            return _refusal(errors.invalid(str(error), stored=False))
        return request.params

    def perform(self, account: Account, request: Request, request_id: str, key: str | None) -> Answer:
        """Execute."""
        assert isinstance(account, StripeAccount)
        account.request = (request_id, key)
        try:
            return self._perform(account, request)
        except StripeError as error:
            return _refusal(error, request_id, account)
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
        key = _credentials(request)
        publishable = key.startswith("pk_")
        if publishable and not operation.publishable:
            raise _secret_key_required()
        if account.settings.key_expired:
            raise StripeError(
                f"Expired API Key provided: {masked(key)}", status=401, code="api_key_expired", stored=False
            )
        if key.startswith("rk_"):
            _check_permission(account, key, operation.resource, request.method)
        connected = request.header(b"stripe-account")
        if connected and connected != account.id:
            raise StripeError(
                f"The provided key '{masked(key)}' does not have access to account '{connected}' (or that account does "
                "not exist). Application access may have been revoked.",
                status=403,
                code="account_invalid",
                stored=False,
            )
        params = _checked(operation, request.params or {})
        paths = params.pop("expand", None)
        call = Call(account, request, operation, params, version or API_VERSION, publishable=publishable)
        result = operation.handler(call, *ids)
        return result if isinstance(result, Answer) else _rendered(result, account, paths)

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
            headers.extend(_CORS)

    def injected(self, fault: Fault) -> Answer:
        """The answer of a ``status`` fault: the fault's own body, or what Stripe would say with that status."""
        headers = [
            (name.lower().encode("latin-1"), str(value).encode("latin-1"))
            for name, value in (fault.headers or {}).items()
        ]
        if isinstance(fault.body, str):
            return Answer(fault.status, fault.body.encode(), headers or [(b"content-type", b"text/html")], stored=False)
        body = fault.body if fault.body is not None else {"error": _fault_error(fault.status)}
        return Answer(fault.status, dump(body), [*headers, _JSON_TYPE], stored=False)

    def refused(self, status: int, message: str, request: Request | None = None) -> Answer:
        """A refusal of the plumbing."""
        del request
        kind = errors.API if status >= 500 else errors.INVALID_REQUEST  # noqa: PLR2004 - HTTP
        return _refusal(StripeError(message, status=status, type=kind, stored=False))

    def body_of(self, account: Account, recipe: object) -> bytes:
        """A version of an object renders to the same bytes every time; error recipes are bytes already."""
        assert isinstance(account, StripeAccount)
        return dump(render(recipe, account))

    def decode(self, request: Request) -> tuple[dict[str, Any], dict[str, Any]]:
        """For the journal."""
        try:
            query = parse_query(request.query)
        except FormError:
            query = {"_raw": request.query.decode("latin-1")}
        if request.params is not None and request.body:
            return query, {name: _journaled(value) for name, value in request.params.items()}
        return query, {"_raw": request.body.decode("utf-8", "replace")} if request.body else {}

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


_CORS = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD, PUT, PATCH, POST, DELETE"),
    (
        b"access-control-allow-headers",
        b"Authorization, Content-Type, Idempotency-Key, Stripe-Version, Stripe-Account, X-Stripe-Client-User-Agent",
    ),
    (
        b"access-control-expose-headers",
        b"Request-Id, Stripe-Manage-Version, Stripe-Should-Retry, X-Stripe-External-Auth-Required",
    ),
]


def _rendered(result: Any, account: StripeAccount, paths: list[str] | None) -> Answer:
    """The answer of what an operation returned; an object is its own recipe unless references were expanded in it."""
    recipe = None
    if isinstance(result, Listing):
        body = {
            "object": "list",
            "data": [render(item, account) for item in result.page.items],
            "has_more": result.page.has_more,
            "url": result.url,
        }
    elif isinstance(result, dict):
        body = result
    else:
        body = render(result, account)
        recipe = result
    if paths:
        body = expand(body, paths, account)
        recipe = None
    return Answer(200, dump(body), [_JSON_TYPE], recipe=recipe)


def _journaled(value: Any) -> Any:
    """A parameter as the journal shows it: an upload by what is known of it."""
    if isinstance(value, UploadedFile):
        return {"filename": value.filename, "content_type": value.content_type, "size": len(value.content)}
    return value


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


def masked(key: str) -> str:
    """A key as Stripe repeats it: the prefix, stars, the last four characters."""
    prefix = re.match(r"(?:sk|rk|pk)_(?:test|live)_", key)
    start = prefix[0] if prefix else key[:0]
    rest = key[len(start) :]
    tail = rest[-4:] if len(rest) > 8 else rest[-1:] if len(rest) > 1 else ""  # noqa: PLR2004 - short ones keep nothing
    return f"{start}{'*' * (len(rest) - len(tail))}{tail}"


def _credentials(request: Request) -> str:
    """The key of a call, from its header or (browsers) its parameters; empty where there is none."""
    if request.credentials is None:
        header = request.header(b"authorization")
        request.credentials = (_key_in_parameters(request) if header is None else _key_in_header(header)) or ""
    return request.credentials


def _key_in_header(header: str) -> str:
    scheme, _, rest = header.partition(" ")
    rest = rest.strip()
    if scheme.lower() == "bearer":
        return rest
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest, validate=True).decode("latin-1").partition(":")[0]
        except (binascii.Error, ValueError):
            return rest
    return header


def _key_in_parameters(request: Request) -> str | None:
    """Browsers send ``key=pk_...`` in the form or the query."""
    try:
        params = request.params if request.params is not None else _decode_params(request)
    except FormError:
        return None
    key = params.get("key")
    return key if isinstance(key, str) else None


def _decode_params(request: Request) -> dict[str, Any]:
    query = parse_query(request.query) if request.query else {}
    if request.method in {"GET", "DELETE", "HEAD"}:
        return query
    if _is_multipart(request):
        fields, files = parse_multipart(request.body, request.header(b"content-type") or "")
        return {**query, **fields, **files}
    if not request.body:
        return query
    content_type = request.header(b"content-type") or ""
    if content_type.startswith("application/json"):
        raise FormError(
            "Invalid request: this endpoint reads application/x-www-form-urlencoded, and the body was sent as "
            "application/json."
        )
    return {**query, **parse_form(request.body)}


def _is_multipart(request: Request) -> bool:
    return (request.header(b"content-type") or "").startswith("multipart/form-data")


def _refusal(error: StripeError, request_id: str = "", account: StripeAccount | None = None) -> Answer:
    body = error.body()
    if account is not None:
        body = {name: render(value, account) if isinstance(value, Struct) else value for name, value in body.items()}
    if "request_log_url" in body and body["request_log_url"] is None:
        del body["request_log_url"]
    elif request_id and account is not None:
        mode = "" if account.livemode else "test/"
        body["request_log_url"] = f"https://dashboard.stripe.com/{account.id}/{mode}workbench/logs?object={request_id}"
    headers = [_JSON_TYPE, *((n.lower().encode(), v.encode("latin-1")) for n, v in error.headers.items())]
    return Answer(error.status, dump({"error": body}), headers, stored=error.stored)


def _no_key() -> StripeError:
    return StripeError(
        "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer "
        "auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://docs.stripe.com/api#authentication for "
        "details, or we can help at https://support.stripe.com/.",
        status=401,
        stored=False,
        headers={"WWW-Authenticate": 'Basic realm="Stripe"'},
    )


def _secret_key_required() -> StripeError:
    return StripeError(
        "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of "
        "your API keys at https://dashboard.stripe.com/account/apikeys.",
        status=401,
        code="secret_key_required",
        stored=False,
    )


def _check_permission(account: StripeAccount, key: str, resource: str, method: str) -> None:
    right = account.settings.permissions.get(resource, "write")
    needed = "read" if method in {"GET", "HEAD"} else "write"
    if right in {"write", needed}:
        return
    name = f"rak_{resource.removesuffix('s')}_{needed}"
    raise StripeError(
        f"The provided key '{masked(key)}' does not have the required permissions for this endpoint on account "
        f"'{account.id}'. Having the '{name}' permission would allow this request to continue.",
        status=403,
        code="more_permissions_required",
        stored=False,
    )


def _no_route(request: Request) -> StripeError:
    for finder in app_hooks.finders:
        error = finder(request.method, request.path)
        if error is not None:
            return error
    return errors.unrecognised_url(request.method, request.path)


def _fault_error(status: int) -> dict[str, Any]:
    if status == 429:  # noqa: PLR2004 - HTTP
        return {"code": "rate_limit", "message": "Request rate limit exceeded.", "type": errors.INVALID_REQUEST}
    if status == 409:  # noqa: PLR2004 - HTTP
        return {
            "code": "lock_timeout",
            "message": "This object cannot be accessed right now because another API request or Stripe process is "
            "currently accessing it.",
            "type": errors.INVALID_REQUEST,
        }
    if status >= 500:  # noqa: PLR2004 - HTTP
        return {
            "message": "An unknown error occurred while processing the request.",
            "type": errors.API,
        }
    return {"message": f"The request failed with status {status}.", "type": errors.INVALID_REQUEST}
