"""The one shape of every refusal, RFC 9457, and how our errors and FastAPI's come to it."""

import logging
from collections.abc import Mapping
from pathlib import Path
from tempfile import gettempdir
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from reviews_api.language import prefers_french
from reviews_api.problems import BY_STATUS, PROBLEM_JSON, PROBLEMS
from reviews_api.request_id import HEADER
from reviews_api.schemas import Problem
from reviews_api.security_headers import strictest
from satispy.core import errors
from satispy.core.files import disk_explained

log = logging.getLogger(__name__)

FOR_STRANGERS: dict[type[errors.SatispyError], str] = {
    errors.DatabaseLost: "the database cannot be reached",
    errors.StoreLost: "the object store cannot be reached",
    errors.NotReady: "not ready: the base cannot be read, or no model serves",
    errors.BaseDamaged: "the base cannot be read",
    errors.ArtifactDamaged: "a model cannot be read",
    errors.Busy: "others hold the lock",
    errors.SatispyError: "it cannot be answered",
}
"""What those who are not signed in are told of our failures: no host, user or path."""

LATER = (errors.Busy, errors.DatabaseLost, errors.StoreLost, errors.AirflowAway)
INTERNAL = "a defect of the service; its log says more"
SECRET = ("password", "secret", "token")
"""What a field may be called whose content is not said back."""

WITH_PASSWORDS = ("/users", "/token")
"""Beginnings of the paths whose input is not repeated: a misplaced password would be shown."""


class ProblemResponse(Response):
    """A refusal as RFC 9457 writes it; what depends on the request is added as it is sent."""

    media_type = PROBLEM_JSON

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        headers: Mapping[str, str] | None,
        summary: Mapping[str, Any] | None,
    ) -> None:
        super().__init__(status_code=status, headers=headers)
        self.code = code
        self._given = headers
        said = detail.encode(errors="backslashreplace").decode()  # JSON may bring half a character
        self._facts = {"code": code, "status": status, "detail": said, "summary": summary}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        kind = PROBLEMS[self.code]
        french = prefers_french(Headers(scope=scope).get("accept-language", ""))
        name = scope.get("request_id", "-")  # `RequestId` is the outermost
        scope["problem"] = self.code
        body = Problem.model_validate(
            {
                **self._facts,
                "type": kind.type,
                "title": kind.titre if french else kind.title,
                "instance": quote(scope["path"], safe="/:@!$&'()*+,;=-._~"),
                "request_id": name,
            }
        ).model_dump(exclude_none=True)
        headers = {"Vary": "Accept-Language", HEADER: name, **(self._given or {})}
        await JSONResponse(body, self.status_code, headers, PROBLEM_JSON)(scope, receive, send)


def problem(
    status: int,
    code: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
    summary: Mapping[str, Any] | None = None,
) -> ProblemResponse:
    """Return a refusal in the one shape that all have; `code` stands in `PROBLEMS`."""
    return ProblemResponse(status, code, detail, headers, summary)


def refusal(
    error: errors.SatispyError, headers: Mapping[str, str] | None = None, *, signed_in: bool
) -> ProblemResponse:
    """Return the answer to an error of ours; the log keeps what was our failure."""
    status, detail = PROBLEMS[error.code].status, str(error)
    if status >= 500:
        log.warning("answered %d %s: %s", status, error.code, detail)
        if not signed_in:
            said = next(
                FOR_STRANGERS[kind] for kind in type(error).__mro__ if kind in FOR_STRANGERS
            )
            detail = f"{said}; the log says more"
    summary = error.summary if isinstance(error, errors.TooManyBadRows) else None
    again = {"Retry-After": "5"} if isinstance(error, LATER) else {}
    if isinstance(error, errors.TooManyAttempts):
        again = {"Retry-After": str(error.retry_after)}
    return problem(status, error.code, detail, {**(headers or {}), **again}, summary)


def http_refusal(error: HTTPException, headers: Mapping[str, str] | None = None) -> ProblemResponse:
    """Return the answer to what HTTP itself, the router or a check of ours refuses."""
    status = error.status_code
    code = BY_STATUS.get(status, "bad-request" if status < 500 else "internal")
    return problem(status, code, str(error.detail), {**(error.headers or {}), **(headers or {})})


def install_error_handlers(app: FastAPI) -> None:
    """Give every refusal of the application the same shape."""

    @app.exception_handler(errors.SatispyError)
    async def _ours(request: Request, error: errors.SatispyError) -> ProblemResponse:
        return refusal(error, signed_in="user" in request.scope)

    @app.exception_handler(Exception)
    async def _defect(request: Request, _error: Exception) -> ProblemResponse:
        # Starlette raises it again after this answer, so the log keeps the traceback. It asks this
        # handler outside of every middleware of ours.
        return problem(500, "internal", INTERNAL, strictest(request.scope))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> ProblemResponse:
        if (full := _full_disk(error)) is not None:
            return refusal(full, signed_in="user" in request.scope)
        return http_refusal(error)

    @app.exception_handler(RequestValidationError)
    async def _validation(request: Request, error: RequestValidationError) -> ProblemResponse:
        shown = not request.url.path.startswith(WITH_PASSWORDS)
        sentences = (_sentence(item, shown=shown) for item in error.errors())
        return problem(422, "invalid-input", "; ".join(sentences))


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


def _sentence(item: dict[str, Any], *, shown: bool = True) -> str:
    if item["type"] == "json_invalid":
        return f"expected JSON, but it breaks off or is wrong at character {item['loc'][-1]}"
    place = ".".join(str(part) for part in item["loc"] if part != "body") or "body"
    if item["type"] == "missing":
        return f"expected '{place}', but it was not sent"
    expected = f"{place}: {item['msg'].removeprefix('Value error, ')}"
    if not shown or any(word in place.lower() for word in SECRET):
        return expected
    received = repr(item.get("input"))
    return f"{expected}, but received {received[:60]}{'…' if len(received) > 60 else ''}"
