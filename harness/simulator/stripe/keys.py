"""API keys: where a call carries its key, what keys look like, what each kind may do. Stripe, "API keys"."""

from __future__ import annotations

import base64
import binascii
import re
from typing import NamedTuple

from harness.simulator.kernel.forms import FormError
from harness.simulator.kernel.messages import Request
from harness.simulator.stripe.account import StripeAccount
from harness.simulator.stripe.bodies import decode_params
from harness.simulator.stripe.errors import StripeError

_KEY = re.compile(r"(sk|rk|pk)_(test|live)_([A-Za-z0-9_]{1,247})")
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="Stripe"'}


class Key(NamedTuple):
    """A well-formed key: ``sk``, ``rk`` or ``pk``; ``test`` or ``live``; and what names the account."""

    kind: str
    mode: str
    suffix: str


def parse(key: str) -> Key:
    """Read a key; raises ``StripeError`` (401) for no key and for what is no key."""
    if not key:
        raise _no_key()
    parsed = _KEY.fullmatch(key)
    if parsed is None:
        raise StripeError(f"Invalid API Key provided: {masked(key)}", status=401, stored=False, headers=_CHALLENGE)
    return Key(parsed[1], parsed[2], parsed[3])


def credentials(request: Request) -> str:
    """The key of a call, from its header or (browsers) its parameters; empty where there is none."""
    if request.credentials is None:
        header = request.header(b"authorization")
        request.credentials = (_in_parameters(request) if header is None else _in_header(header)) or ""
    return request.credentials


def check(account: StripeAccount, key: str, *, publishable: bool, resource: str, method: str) -> None:
    """Refuse what a key may not do.

    Args:
        account: that the key belongs to.
        key: as it was sent.
        publishable: whether the operation is open to browsers.
        resource: first part of the path, such as ``payment_intents``.
        method: HTTP method.

    Raises:
        StripeError: 401 for an expired key or a publishable one, 403 for a right that a restricted key lacks.
    """
    if key.startswith("pk_") and not publishable:
        raise _secret_key_required()
    if account.settings.key_expired:
        raise StripeError(f"Expired API Key provided: {masked(key)}", status=401, code="api_key_expired", stored=False)
    if key.startswith("rk_"):
        _check_permission(account, key, resource, method)


def masked(key: str) -> str:
    """A key as Stripe repeats it: the prefix, stars, the last four characters."""
    prefix = re.match(r"(?:sk|rk|pk)_(?:test|live)_", key)
    start = prefix[0] if prefix else key[:0]
    rest = key[len(start) :]
    tail = rest[-4:] if len(rest) > 8 else rest[-1:] if len(rest) > 1 else ""  # noqa: PLR2004 - short ones keep nothing
    return f"{start}{'*' * (len(rest) - len(tail))}{tail}"


def _in_header(header: str) -> str:
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


def _in_parameters(request: Request) -> str | None:
    """Browsers send ``key=pk_...`` in the form or the query."""
    try:
        params = request.params if request.params is not None else decode_params(request)
    except FormError:
        return None
    key = params.get("key")
    return key if isinstance(key, str) else None


def _no_key() -> StripeError:
    return StripeError(
        "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer "
        "auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://docs.stripe.com/api#authentication for "
        "details, or we can help at https://support.stripe.com/.",
        status=401,
        stored=False,
        headers=_CHALLENGE,
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
