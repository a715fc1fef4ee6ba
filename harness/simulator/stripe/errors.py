"""How simulated Stripe says no: one exception, worded and shaped as Stripe words and shapes it.

    StripeError                 status + the fields of Stripe's ``error`` object

Raise the constructors below from state and routes; the wire turns the exception into
``{"error": {...}}`` with ``doc_url`` and ``request_log_url`` where the real API sends them.
Stripe, "Errors" and "Error codes".
"""

from __future__ import annotations

from typing import Any

INVALID_REQUEST = "invalid_request_error"
CARD = "card_error"
IDEMPOTENCY = "idempotency_error"
API = "api_error"


class StripeError(Exception):
    """An answer that is not 2xx.

    Args:
        message: the sentence for the developer (never empty on real Stripe).
        status: HTTP status.
        type: one of ``api_error``, ``card_error``, ``idempotency_error``, ``invalid_request_error``.
        code: Stripe's error code; absent from the wire when None.
        param: the offending parameter in bracket path (``items[0][price]``); absent when None.
        decline_code: the issuer's reason, for card errors.
        extra: merged into the error object (``payment_intent``, ``setup_intent``, ``charge``, ``payment_method``,
            ``advice_code``, ``network_decline_code``, ``doc_url``).
        headers: further response headers (``Stripe-Should-Retry``, ``Stripe-Rate-Limited-Reason``).
        stored: whether the idempotency layer keeps this answer: refusals before execution are not kept.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = INVALID_REQUEST,  # noqa: A002 - the name of the field on the wire
        code: str | None = None,
        param: str | None = None,
        decline_code: str | None = None,
        extra: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        stored: bool = True,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.type = type
        self.code = code
        self.param = param
        self.decline_code = decline_code
        self.extra = extra or {}
        self.headers = headers or {}
        self.stored = stored

    def body(self) -> dict[str, Any]:
        """The ``error`` object, keys in Stripe's (alphabetical) order."""
        error: dict[str, Any] = dict(self.extra)
        if self.code is not None:
            error["code"] = self.code
            error.setdefault("doc_url", f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}")
        if self.decline_code is not None:
            error["decline_code"] = self.decline_code
        if self.param is not None:
            error["param"] = self.param
        error["message"] = self.message
        error["type"] = self.type
        return {key: error[key] for key in sorted(error)}


def invalid(message: str, *, param: str | None = None, code: str | None = None, stored: bool = True) -> StripeError:
    """A 400 ``invalid_request_error`` with the given words."""
    return StripeError(message, param=param, code=code, stored=stored)


def unknown_parameter(*params: str) -> StripeError:
    """One or more parameters that the operation does not have."""
    listed = ", ".join(params)
    noun = "parameter" if len(params) == 1 else "parameters"
    return StripeError(f"Received unknown {noun}: {listed}", code="parameter_unknown", param=params[0], stored=False)


def missing_parameter(param: str) -> StripeError:
    """A required parameter is absent."""
    return StripeError(f"Missing required param: {param}.", code="parameter_missing", param=param, stored=False)


def empty_parameter(param: str) -> StripeError:
    """An empty string where the parameter cannot be unset."""
    return StripeError(
        f"You passed an empty string for '{param}'. We assume empty values are an attempt to unset a parameter; "
        f"however '{param}' cannot be unset. You should remove '{param}' from your request or supply a non-empty "
        "value.",
        code="parameter_invalid_empty",
        param=param,
        stored=False,
    )


def invalid_integer(param: str, value: object) -> StripeError:
    """Text where an integer belongs."""
    return StripeError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=param, stored=False)


def invalid_boolean(param: str, value: object) -> StripeError:
    """Text where a boolean belongs."""
    return StripeError(f"Invalid boolean: {value}", param=param, stored=False)


def invalid_value(param: str, allowed: list[str]) -> StripeError:
    """A value outside the closed set of the parameter."""
    listed = allowed[0] if len(allowed) == 1 else f"{', '.join(allowed[:-1])}, or {allowed[-1]}"
    return StripeError(f"Invalid {param}: must be one of {listed}", param=param, stored=False)


def not_a_hash(param: str) -> StripeError:
    """A scalar where an object belongs."""
    return StripeError("Invalid object", param=param, stored=False)


def not_an_array(param: str) -> StripeError:
    """A scalar where a list belongs."""
    return StripeError("Invalid array", param=param, stored=False)


def resource_missing(kind: str, id: str, param: str = "id", *, status: int = 404) -> StripeError:  # noqa: A002
    """No such object: 404 for the id in a path, 400 for a reference in a parameter.

    ``kind`` as Stripe words it: ``payment_intent``, ``customer``, ``setupintent``, ``PaymentMethod``.
    """
    return StripeError(f"No such {kind}: '{id}'", status=status, code="resource_missing", param=param)


def referenced_missing(kind: str, id: str, param: str) -> StripeError:  # noqa: A002
    """A parameter names an object that does not exist (400)."""
    return resource_missing(kind, id, param, status=400)


def unexpected_state(code: str, message: str, *, param: str | None = None, **objects: Any) -> StripeError:
    """The object is not in a state that allows the call; the rendered object travels in the error."""
    return StripeError(message, code=code, param=param, extra=objects)


def unrecognised_url(method: str, path: str) -> StripeError:
    """No such route."""
    return StripeError(
        f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at "
        "https://support.stripe.com/.",
        status=404,
        stored=False,
    )


def raw_card_data() -> StripeError:
    """Card numbers from a server: a normal account may only use tokens (402, no code)."""
    return StripeError(
        "Sending credit card numbers directly to the Stripe API is generally unsafe. We suggest you use test tokens "
        "that map to the test card you are using, see https://docs.stripe.com/testing. To enable testing raw card data "
        "APIs, see https://support.stripe.com/questions/enabling-access-to-raw-card-data-apis.",
        status=402,
        type=CARD,
    )
