"""Calls to PayPal: through its official SDK where the SDK has them, beside it on the same token where it has not.

What is explicit here because the SDK's ways are not ours:

- the SDK is synchronous, so calls run in a small pool of threads, each with a timeout and all attempts with a deadline;
- it sends ``PayPal-Request-Id`` only when told to, so a call that moves money cannot be made without one here, and
  every repetition of the call repeats it;
- it drops a token only once it has expired: a 401 makes us throw the token away and repeat the call once;
- it asks for a token in each thread of a cold start and hides why it got none: tokens are fetched here, one at a time;
- its models lose zeros and unknown fields, and its exceptions cannot always be printed: what counts is the answer as
  it came in, which is kept beside the call.

Sources: PayPal, "Authentication", "Idempotency", "Rate limiting guidelines"; the SDK's own code.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import msgspec
import requests
from paypalserversdk.configuration import Configuration, Environment, Server  # type: ignore[import-untyped]
from paypalserversdk.exceptions.api_exception import ApiException  # type: ignore[import-untyped]
from paypalserversdk.http.auth.o_auth_2 import ClientCredentialsAuthCredentials  # type: ignore[import-untyped]
from paypalserversdk.http.http_call_back import HttpCallBack  # type: ignore[import-untyped]
from paypalserversdk.paypal_serversdk_client import PaypalServersdkClient  # type: ignore[import-untyped]
from requests.adapters import HTTPAdapter

from reference_impl import logs
from reference_impl.gateways.errors import GatewayError, NotFound, OutcomeUnknown, Refused
from reference_impl.settings import Settings

LIVE, SANDBOX = "https://api-m.paypal.com", "https://api-m.sandbox.paypal.com"
LONGEST_REQUEST_ID = 108
"""PayPal, "Orders v2", ``PayPal-Request-Id``."""
BUSY, KEY_REFUSED, NO_TOKEN = "rate_limited", "key_refused", "no_token"

_THREADS = 8
_SKEW_SECONDS = 60
"""A token is renewed this long before it expires; an ``int``, or the SDK's own comparison fails."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 2.0
_UNAUTHORISED, _FORBIDDEN, _MISSING, _CONFLICT, _TIMEOUT, _TOO_MANY, _SERVER = 401, 403, 404, 409, 408, 429, 500
_STILL_RUNNING = frozenset({"ORDER_COMPLETION_IN_PROGRESS", "PREVIOUS_REQUEST_IN_PROGRESS"})

_log = logs.get("paypal")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came in: ``text`` is the body, every zero and unknown field in it."""

    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def data(self) -> dict[str, Any]:
        """The body as plain data; empty for an empty body. Raises ``OutcomeUnknown`` for what is no JSON object."""
        if not self.text.strip():
            return {}
        try:
            found = msgspec.json.decode(self.text)
        except msgspec.MsgspecError:
            raise OutcomeUnknown("PayPal's answer cannot be read", code="unreadable") from None
        if not isinstance(found, dict):
            raise OutcomeUnknown("PayPal's answer is not an object", code="unreadable")
        return found


class _NoToken(Exception):  # noqa: N818 - reads as what it is
    """The token endpoint gave no token; ``status`` is what it answered, 0 where it did not."""

    def __init__(self, status: int) -> None:
        super().__init__(f"no token: {status}")
        self.status = status


class _At(Configuration):  # type: ignore[misc]  # the SDK is not typed
    """The SDK's configuration with an address of ours: the one hook that it has for that."""

    def __init__(self, base_url: str, **options: Any) -> None:
        self._base_url = base_url
        super().__init__(**options)

    def get_base_uri(self, server: Any = Server.DEFAULT) -> str:
        """The address of the API, of which the SDK knows only one."""
        del server
        return self._base_url


class _Keeping(HttpCallBack):  # type: ignore[misc]  # the SDK is not typed
    """Keeps the raw answer of the call that a thread is making."""

    def __init__(self) -> None:
        self._of_thread = threading.local()

    def on_before_request(self, request: Any) -> None:
        """A new call: whatever was answered before belongs to another one."""
        del request
        self._of_thread.answer = None

    def on_after_response(self, response: Any) -> None:
        """Keep the answer as it came in."""
        text = response.text if isinstance(response.text, str) else ""
        self._of_thread.answer = Answer(int(response.status_code), text, dict(response.headers or {}))

    def taken(self) -> Answer | None:
        """The answer of this thread's call, once."""
        answer: Answer | None = getattr(self._of_thread, "answer", None)
        self._of_thread.answer = None
        return answer


class PayPalClient:
    """The merchant's REST app at PayPal."""

    def __init__(self, settings: Settings) -> None:
        self.base = settings.paypal_api_base.rstrip("/") or (LIVE if settings.live else SANDBOX)
        self._id = settings.paypal_client_id
        self._secret = settings.paypal_client_secret.get_secret_value()
        self._timeout = settings.paypal_timeout_seconds
        self._attempts = settings.paypal_max_network_retries + 1
        self._deadline = self._attempts * settings.paypal_timeout_seconds + 5.0
        self._session = requests.Session()
        # A proxy in the environment must not see calls to a simulator on this machine.
        self._session.trust_env = not settings.paypal_api_base
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=_THREADS))
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="paypal")
        self._keeping = _Keeping()
        self._token_lock = threading.Lock()
        self._token: Any = None
        self._sdk, self._generation = self._new_sdk(), 0

    # calls

    async def sdk(self, call: Callable[[Any], Any], *, key: str | None = None, moves_money: bool = False) -> Answer:
        """Make one call of the SDK, with its repetitions.

        ``key`` is the request id that ``call`` sends. Raises our own errors, never the SDK's.
        """
        if moves_money and not key:
            raise ValueError("a call that moves money needs a request id")
        return await self._run(lambda: self._through_sdk(call), repeatable=bool(key) or not moves_money)

    async def beside(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        files: Any = None,
        repeatable: bool | None = None,
    ) -> Answer:
        """Make one call of those that the SDK has not: webhooks and disputes.

        A call that is not ``repeatable`` (by default, anything but a GET) is made once.
        """
        again = method == "GET" if repeatable is None else repeatable
        return await self._run(
            lambda: self._plain(method, path, params=params, content=content, headers=headers, files=files),
            repeatable=again,
        )

    async def close(self) -> None:
        """Close connections; calls that are under way are left to their own time limit."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._session.close()

    # in a thread of the pool

    async def _run(self, once: Callable[[], Answer], *, repeatable: bool) -> Answer:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._deadline):
                return await loop.run_in_executor(self._pool, lambda: self._repeat(once, repeatable=repeatable))
        except TimeoutError:
            raise OutcomeUnknown("PayPal did not answer in time") from None

    def _repeat(self, once: Callable[[], Answer], *, repeatable: bool) -> Answer:
        for attempt in range(1, self._attempts + 1):
            try:
                return self._with_token(once)
            except OutcomeUnknown as error:
                hopeless = error.code in {BUSY, KEY_REFUSED}
                if hopeless or not repeatable or attempt == self._attempts:
                    raise
                time.sleep(min(_FIRST_PAUSE * 2 ** (attempt - 1), _LONGEST_PAUSE))
        raise AssertionError("a call is attempted at least once")

    def _with_token(self, once: Callable[[], Answer]) -> Answer:
        """One attempt; after a 401 one more, with a new token."""
        generation = self._generation
        answer = self._attempt(once)
        if answer.status == _UNAUTHORISED:
            self._renew(generation)
            answer = self._attempt(once)
        trouble = translate(answer)
        if trouble is not None:
            raise trouble
        return answer

    @staticmethod
    def _attempt(once: Callable[[], Answer]) -> Answer:
        try:
            return once()
        except _NoToken as error:
            raise _without_token(error.status) from None
        except requests.RequestException as error:
            # Sent or not, done or not: nobody knows.
            raise OutcomeUnknown(f"PayPal did not answer ({type(error).__name__})") from None

    def _through_sdk(self, call: Callable[[Any], Any]) -> Answer:
        self._keeping.taken()
        try:
            call(self._sdk)
        except (_NoToken, requests.RequestException):
            raise
        except Exception as error:  # noqa: BLE001 - the SDK's own, and its stumbles over bodies it did not expect
            answer = self._keeping.taken()
            if answer is None:
                # No request was sent: the SDK had no token that it took for valid.
                _log.warning("paypal.sdk_failed", error=type(error).__name__)
                raise _NoToken(0) from None
            return answer
        return self._keeping.taken() or Answer(204, "", {})

    def _plain(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None,
        content: bytes | None,
        headers: Mapping[str, str] | None,
        files: Any,
    ) -> Answer:
        token = self._valid_token(self._sdk.oauth_2)
        sent = {"Authorization": f"Bearer {token.access_token}", "Accept": "application/json", **(headers or {})}
        if content is not None:
            sent.setdefault("Content-Type", "application/json")
        answer = self._session.request(
            method,
            f"{self.base}{path}",
            params=params,
            data=content,
            files=files,
            headers=sent,
            timeout=self._timeout,
            allow_redirects=False,
        )
        return Answer(answer.status_code, answer.text, dict(answer.headers))

    # tokens

    def _new_sdk(self) -> Any:
        credentials = ClientCredentialsAuthCredentials(
            o_auth_client_id=self._id,
            o_auth_client_secret=self._secret,
            o_auth_token_provider=lambda _last, manager: self._valid_token(manager),
            o_auth_clock_skew=_SKEW_SECONDS,
        )
        configuration = _At(
            self.base,
            environment=Environment.PRODUCTION if self.base == LIVE else Environment.SANDBOX,
            http_client_instance=self._session,
            http_call_back=self._keeping,
            timeout=self._timeout,
            max_retries=0,
            client_credentials_auth_credentials=credentials,
        )
        return PaypalServersdkClient(config=configuration)

    def _valid_token(self, manager: Any) -> Any:
        """The token, fetched now by the first who needs one; everybody else waits for that."""
        with self._token_lock:
            if self._token is None or manager.is_token_expired(self._token):
                self._token = None
                try:
                    token = manager.fetch_token()
                except ApiException as error:
                    raise _NoToken(int(error.response_code or 0)) from None
                except requests.RequestException:
                    raise _NoToken(0) from None
                except Exception as error:  # noqa: BLE001 - an answer that is no token at all
                    _log.warning("paypal.token_unreadable", error=type(error).__name__)
                    raise _NoToken(0) from None
                if not getattr(token, "access_token", None):
                    raise _NoToken(0)
                self._token = token
            return self._token

    def _renew(self, generation: int) -> None:
        """Throw the token away, and the SDK's client with the copy in it; once, however many threads were refused."""
        with self._token_lock:
            if self._generation == generation:
                self._token = None
                self._sdk, self._generation = self._new_sdk(), generation + 1


def request_id(key: str) -> str:
    """An idempotency key as PayPal takes one: 108 characters at most."""
    if len(key) <= LONGEST_REQUEST_ID:
        return key
    return f"{key[:40]}:{hashlib.sha256(key.encode()).hexdigest()}"


def translate(answer: Answer) -> GatewayError | None:
    """What an answer means for us, ``None`` for a success.

    Branches on PayPal's ``issue`` and on the status, never on its sentences, which it may change.
    """
    status = answer.status
    if status < 300:  # noqa: PLR2004 - where success ends
        return None
    name, issue = _name_and_issue(answer)
    code = issue or name
    words = f"PayPal answered {code or status}"
    if status in {_UNAUTHORISED, _FORBIDDEN}:
        # Nothing happened, but nothing is wrong with the payment either: it goes on once the app is put right.
        _log.error("paypal.credentials_refused", status=status, code=code)
        return OutcomeUnknown("PayPal refuses our credentials", code=KEY_REFUSED)
    if status == _TOO_MANY:
        return OutcomeUnknown(words, code=BUSY)
    if status in {_TIMEOUT, _CONFLICT} or status >= _SERVER or issue in _STILL_RUNNING:
        return OutcomeUnknown(words, code=issue or f"http_{status}")
    if status == _MISSING:
        return NotFound(words, code=code)
    return Refused(words, code=code or f"http_{status}")


def _name_and_issue(answer: Answer) -> tuple[str | None, str | None]:
    found: Any = None
    with contextlib.suppress(msgspec.MsgspecError):
        found = msgspec.json.decode(answer.text)
    if not isinstance(found, dict):
        return None, None
    details = found.get("details")
    first = details[0] if isinstance(details, list) and details and isinstance(details[0], dict) else {}
    return _word(found.get("name") or found.get("error")), _word(first.get("issue"))


def _word(value: Any) -> str | None:
    return value[:80] if isinstance(value, str) and value else None


def _without_token(status: int) -> OutcomeUnknown:
    """Nothing was sent without a token; the operation stays to be done."""
    if status == _TOO_MANY:
        return OutcomeUnknown("PayPal is too busy to give a token", code=BUSY)
    if status in {400, _UNAUTHORISED, _FORBIDDEN}:
        _log.error("paypal.credentials_refused", status=status, code="token")
        return OutcomeUnknown("PayPal refuses our credentials", code=KEY_REFUSED)
    return OutcomeUnknown("PayPal gave no token", code=NO_TOKEN)
