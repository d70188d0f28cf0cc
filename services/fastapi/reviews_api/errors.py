"""The one table from our errors to HTTP status codes, and the shape of every refusal."""

import logging
from collections.abc import Mapping
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from reviews_api.schemas import Problem
from reviews_api.security_headers import strictest
from satispy.core import errors
from satispy.core.files import disk_explained

log = logging.getLogger(__name__)

STATUS: dict[type[errors.SatispyError], int] = {
    errors.DuplicateUpload: 409,
    errors.KeyReused: 409,
    errors.VersionErased: 410,
    errors.TooLarge: 413,
    errors.UnsupportedFile: 415,
    errors.InvalidInput: 422,
    errors.NotFound: 404,
    errors.NotSignedIn: 401,
    errors.TooManyAttempts: 429,
    errors.NotReady: 503,
    errors.Busy: 503,
    errors.BaseDamaged: 503,
    errors.StorageFull: 507,
    errors.ArtifactDamaged: 503,
    errors.SatispyError: 500,
}

FOR_STRANGERS: dict[type[errors.SatispyError], str] = {
    errors.DatabaseLost: "the database cannot be reached",
    errors.NotReady: "not ready: the base cannot be read, or no model serves",
    errors.BaseDamaged: "the base cannot be read",
    errors.ArtifactDamaged: "a model cannot be read",
    errors.Busy: "others hold the lock",
    errors.SatispyError: "it cannot be answered",
}
"""What those who are not signed in are told of our failures: no host, user or path."""

RESPONSES: dict[int | str, dict[str, Any]] = {
    401: {"model": Problem, "description": "No credentials, or wrong ones"},
    403: {"model": Problem, "description": "The role does not suffice"},
    422: {"model": Problem, "description": "The input cannot be read as what was expected"},
    429: {"model": Problem, "description": "Too many sign-ins failed; Retry-After says how long"},
}

WITH_PASSWORDS = ("/users", "/token")
"""Beginnings of the paths whose input is not repeated: a misplaced password would be shown."""

WITHOUT_RUN: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "No run of this name, or one from before"},
    503: {"model": Problem, "description": "The run's files are damaged"},
}


def status_of(error: errors.SatispyError) -> int:
    """Return the status code of an error: that of its nearest ancestor in the table."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def problem(
    status: int,
    code: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
    summary: Mapping[str, Any] | None = None,
) -> JSONResponse:
    """Return a refusal in the one shape that all have."""
    found = Problem.model_validate({"code": code, "detail": detail, "summary": summary})
    body = found.model_dump(exclude_none=True)
    return JSONResponse(body, status_code=status, headers=headers)


def refusal(
    error: errors.SatispyError, headers: Mapping[str, str] | None = None, *, signed_in: bool
) -> JSONResponse:
    """Return the answer to an error of ours; the log keeps what was our failure."""
    status, detail = status_of(error), str(error)
    if status >= 500:
        log.warning("answered %d %s: %s", status, error.code, detail)
        if not signed_in:
            said = next(
                FOR_STRANGERS[kind] for kind in type(error).__mro__ if kind in FOR_STRANGERS
            )
            detail = f"{said}; the log says more"
    summary = error.summary if isinstance(error, errors.TooManyBadRows) else None
    again = {"Retry-After": "5"} if isinstance(error, errors.Busy | errors.DatabaseLost) else {}
    if isinstance(error, errors.TooManyAttempts):
        again = {"Retry-After": str(error.retry_after)}
    return problem(status, error.code, detail, {**(headers or {}), **again}, summary)


def install_error_handlers(app: FastAPI) -> None:
    """Give every refusal of the application the same shape."""

    @app.exception_handler(errors.SatispyError)
    async def _ours(request: Request, error: errors.SatispyError) -> JSONResponse:
        return refusal(error, signed_in="user" in request.scope)

    @app.exception_handler(Exception)
    async def _defect(request: Request, _error: Exception) -> JSONResponse:
        # Starlette raises it again after this answer, so the log keeps the traceback. It asks this
        # handler outside of every middleware of ours.
        headers = strictest(request.scope)
        return problem(500, "internal", "a defect of the service; its log says more", headers)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        if (full := _full_disk(error)) is not None:
            return refusal(full, signed_in="user" in request.scope)
        headers = dict(error.headers) if error.headers else None
        return problem(
            error.status_code, CODES.get(error.status_code, "http"), error.detail, headers
        )

    @app.exception_handler(RequestValidationError)
    async def _validation(request: Request, error: RequestValidationError) -> JSONResponse:
        shown = not request.url.path.startswith(WITH_PASSWORDS)
        sentences = (_sentence(item, shown=shown) for item in error.errors())
        return problem(422, "invalid-input", "; ".join(sentences))


CODES = {
    400: "bad-request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    415: "unsupported-file",
}


def _full_disk(error: HTTPException) -> errors.StorageFull | None:
    """Return what FastAPI tells as a 400: no room for the body that is spooled to disk."""
    if not isinstance(error.__cause__, OSError):
        return None
    try:
        with disk_explained(Path(gettempdir())):
            raise error.__cause__
    except errors.StorageFull as full:
        return full
    except OSError:
        return None


def _sentence(item: dict[str, Any], *, shown: bool) -> str:
    if item["type"] == "json_invalid":
        return f"expected JSON, but it breaks off or is wrong at character {item['loc'][-1]}"
    place = ".".join(str(part) for part in item["loc"] if part != "body") or "body"
    if item["type"] == "missing":
        return f"expected '{place}', but it was not sent"
    expected = f"{place}: {item['msg'].removeprefix('Value error, ')}"
    if not shown:
        return expected
    received = repr(item.get("input"))
    return f"{expected}, but received {received[:60]}{'…' if len(received) > 60 else ''}"
