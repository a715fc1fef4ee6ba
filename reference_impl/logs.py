"""Structured logs: one JSON object a line on standard error, redacted before it is written.

Our own code logs through ``logs.get``; what libraries say through ``logging`` takes the same way and the same
redaction. Exceptions are reduced to their type, their (redacted) message and where they were raised.
"""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Any

import structlog

from reference_impl import redaction

_FRAMES = 6
_MESSAGE = 500


def configure(process: str, level: str = "info") -> None:
    """Send every log line of this process to standard error as JSON."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _exceptions,
        _redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(default=str)],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper(), logging.INFO)),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.bind_contextvars(process=process)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(default=str),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    # The access log would write whole URLs, and these libraries log requests and parameters when they are asked to be
    # chatty.
    for name in ("uvicorn.access", "httpx", "httpcore", "stripe", "sqlalchemy.engine"):
        logging.getLogger(name).setLevel(logging.ERROR)


def get(name: str) -> Any:
    """The logger of a part: ``logs.get("webhooks").warning("webhook.refused", reason="stale")``."""
    return structlog.get_logger(part=name)


def _redact(_logger: Any, _method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return {
        key: value if key in {"timestamp", "level", "_record", "_from_structlog"} else redaction.clean(value, key)
        for key, value in line.items()
    }


def _exceptions(_logger: Any, _method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Put type, message and place of an exception in the line; never its locals, parameters or chained causes."""
    found = line.pop("exc_info", None)
    if found is True or (isinstance(found, tuple) and found[0] is None):
        found = sys.exc_info()
    error = found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        line["error"] = type(error).__name__
        line["message"] = str(error)[:_MESSAGE]
        line["where"] = [f"{frame.filename.rsplit('site-packages/', 1)[-1]}:{frame.lineno}" for frame in frames]
    return line
