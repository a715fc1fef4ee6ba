"""Turning exceptions into answers: one shape, one sentence, nothing of what was sent and nothing of our insides."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from starlette.exceptions import HTTPException

from reference_impl import database, logs
from reference_impl.errors import ApiError
from reference_impl.gateways.errors import OutcomeUnknown, Refused

_log = logs.get("api")
_SENTENCES = {
    400: "The request could not be read; send JSON as /openapi.json describes it.",
    404: "There is nothing here.",
    405: "That method is not used here.",
}
_AWAY = "The shop cannot reach its database; nothing was changed. Please try again in a moment."
_PROVIDER_AWAY = "The payment provider does not answer; nothing was decided. Please try again in a moment."


def install(app: FastAPI) -> None:
    """Let an app answer every exception in our shape."""
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(OutcomeUnknown, _provider_away)
    app.add_exception_handler(Refused, _provider_refused)
    for kind in (SQLAlchemyError, *database.AWAY):
        app.add_exception_handler(kind, _database)
    app.add_exception_handler(Exception, _unexpected)


def body(code: str, message: str) -> dict[str, Any]:
    """The shape of every error."""
    return {"error": {"code": code, "message": message}}


async def _api_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)
    return JSONResponse(body(error.code, error.message), error.status, error.headers)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    """Name the field, by our own name for it, and never show what stood in it."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    kind = first["type"]
    if kind == "json_invalid":
        return JSONResponse(body("invalid_json", _SENTENCES[400]), 400)
    if kind == "extra_forbidden":
        message = "The request has a field that is not known here; see /openapi.json for those that are."
        return JSONResponse(body("unknown_field", message), 422)
    where = ".".join(str(part) for part in first["loc"][1:]) or "body"
    return JSONResponse(
        body("invalid_request", f"The field {where!r} is missing or not as /openapi.json describes it."), 422
    )


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = {400: "bad_request", 404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "refused")
    sentence = _SENTENCES.get(error.status_code, "The request was refused.")
    return JSONResponse(body(code, sentence), error.status_code, dict(error.headers or {}))


async def _provider_away(_request: Request, error: Exception) -> JSONResponse:
    _log.warning("provider.away", error=str(error))
    return JSONResponse(body("provider_unavailable", _PROVIDER_AWAY), 503, {"Retry-After": "2"})


async def _provider_refused(_request: Request, error: Exception) -> JSONResponse:
    _log.error("provider.refused", error=str(error))
    return JSONResponse(body("provider_refused", "The payment provider refused; nothing was changed."), 502)


async def _database(request: Request, error: Exception) -> JSONResponse:
    if not database.is_away(error) and not (isinstance(error, DBAPIError) and error.connection_invalidated):
        return await _unexpected(request, error)
    _log.error("database.away", error=type(error).__name__)
    return JSONResponse(body("database_unavailable", _AWAY), 503, {"Retry-After": "2"})


async def _unexpected(_request: Request, error: Exception) -> JSONResponse:
    _log.error("request.failed", exc_info=error)
    return JSONResponse(
        body("internal_error", "Something went wrong here; it was written down. Nothing was charged twice."), 500
    )
