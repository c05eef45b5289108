"""Errors as problem documents (RFC 9457): what was expected, what was found, and never a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from console.failures import HeldBack, NothingRecorded, NotResumable, NotUnderstood, PrefectNotReached, ResumedOrNot
from desk.errors import ConfigError, DeskError, LedgerError, WrittenOrNot

_DOCUMENTED: dict[str, Any] = {
    "description": "What was expected and what was found (RFC 9457).",
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "detail"],
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                },
            }
        }
    },
}
_TOO_OFTEN: dict[str, Any] = {
    **_DOCUMENTED,
    "description": "Too many calls of this token or session, or from this address; the API's limits are settings.",
    "headers": {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}},
}
RESPONSES: dict[int | str, dict[str, Any]] = {"default": _DOCUMENTED, 422: _DOCUMENTED, 429: _TOO_OFTEN}
"""What the OpenAPI document says of every operation that does not go well."""

_STATUSES = (
    (NotUnderstood, HTTPStatus.UNPROCESSABLE_ENTITY),
    (NothingRecorded, HTTPStatus.NOT_FOUND),
    (NotResumable, HTTPStatus.CONFLICT),
    (HeldBack, HTTPStatus.CONFLICT),
    (PrefectNotReached, HTTPStatus.SERVICE_UNAVAILABLE),
    (ResumedOrNot, HTTPStatus.SERVICE_UNAVAILABLE),
    (ConfigError, HTTPStatus.SERVICE_UNAVAILABLE),
    (WrittenOrNot, HTTPStatus.SERVICE_UNAVAILABLE),
    (LedgerError, HTTPStatus.SERVICE_UNAVAILABLE),
    (DeskError, HTTPStatus.INTERNAL_SERVER_ERROR),
)


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """Return the reply that something went wrong."""
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": int(status), "detail": detail}
    return Response(orjson.dumps(body), status, headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Answer every error of an app with a problem document."""
    app.add_exception_handler(DeskError, _desk_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _wrong_words)
    app.add_exception_handler(Exception, _bug)


@contextmanager
def refusing() -> Iterator[None]:
    """Answer 409 where what is asked for does not go with what is configured or kept; nothing is broken then.

    Raises:
        HTTPException: in place of a ConfigError.
    """
    try:
        yield
    except ConfigError as error:
        raise HTTPException(HTTPStatus.CONFLICT, str(error)) from error


async def _desk_error(_request: Request, error: Exception) -> Response:
    return problem(next(status for kind, status in _STATUSES if isinstance(error, kind)), str(error))


async def _http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException), error
    return problem(error.status_code, error.detail, dict(error.headers or {}))


async def _wrong_words(_request: Request, error: Exception) -> Response:
    # Without what was sent: it may be secret.
    assert isinstance(error, RequestValidationError), error
    told = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "; ".join(told))


async def _bug(_request: Request, _error: Exception) -> Response:
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "this should not happen; the log of the server says more")
