"""Every request is seen: one log line, counted, and traced where somebody wants traces."""

import asyncio
import json
import logging
import re
import time
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.datastructures import Headers
from starlette.routing import BaseRoute, Mount, compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reviews_api.client_address import client_address
from reviews_api.metrics import DURATION, REFUSALS, REQUESTS
from satispy.core.logs import bound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from satispy.core.otel import Traces

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
UNMATCHED = "unmatched"
GONE = 499
"""Status, in log and figures, of a request that was given up before it was answered."""

LONGEST_PATH = 200
LARGEST_PROBLEM = 65_536
_CODE = re.compile(r"[a-z][a-z-]{0,39}")

log = logging.getLogger(__name__)


class Observing:
    """Middleware: looks at each request, and changes none.

    A defect passes through here as an exception, before Starlette answers 500 for it.

    Parameters
    ----------
    app
        The application behind it.
    now
        Seconds that only grow.
    """

    def __init__(self, app: ASGIApp, now: Callable[[], float] = time.perf_counter) -> None:
        self._app = app
        self._now = now
        self._templates: list[tuple[re.Pattern[str], str]] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, then say what became of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, answer, path = self._now(), _Answer(send), scope["path"]
        bound(request_id=scope.get("request_id"))
        with _span(scope) as tell:
            try:
                await self._app(scope, receive, answer)
            except asyncio.CancelledError:
                answer.status = answer.status or GONE
                raise
            except Exception:  # noted, and raised again
                answer.status = answer.status or 500
                answer.code = answer.code or "internal"
                raise
            finally:
                status = answer.status or GONE
                route = self._route(scope, path)
                took = self._now() - began
                tell(route, status)
                _count(scope["method"], route, status, answer.code, took)
                _log(scope, path, route, status, answer.code, took)

    def _route(self, scope: Scope, path: str) -> str:
        """Return the template of the route, also where the request did not get to it."""
        found = getattr(scope.get("route"), "path", None)
        if isinstance(found, str):
            return found
        if self._templates is None:
            self._templates = _templates(scope["app"])
        return next((shown for regex, shown in self._templates if regex.match(path)), UNMATCHED)


class _Answer:
    """Passes an answer on, and remembers its status and, of a refusal, its code."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.code: str | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif self.status >= 400 and self.code is None:
            self.code = _code_in(message.get("body", b""))
        await self._send(message)


def _code_in(body: bytes) -> str | None:
    """Return the code of a problem; our answers alone are asked, so the codes are few."""
    if not body.startswith(b"{") or len(body) > LARGEST_PROBLEM:
        return None
    try:
        code = json.loads(body).get("code")
    except ValueError:
        return None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else None


def _templates(app: FastAPI) -> list[tuple[re.Pattern[str], str]]:
    def template(route: BaseRoute) -> tuple[re.Pattern[str], str]:
        shown = str(getattr(route, "path", ""))
        inside = f"{shown}/{{path:path}}" if isinstance(route, Mount) else shown
        return compile_path(inside)[0], shown

    return [template(one.original_route) for one in iter_route_contexts(app.routes)]


@contextmanager
def _span(scope: Scope) -> "Iterator[Callable[[str, int], None]]":
    traces: Traces | None = getattr(scope["app"].state, "traces", None)
    if traces is None:
        yield lambda _route, _status: None
        return
    method = _method(scope["method"])
    with traces.request(method, Headers(scope=scope).get("traceparent")) as opened:
        name, place = scope.get("request_id", ""), opened.get_span_context()
        bound(request_id=name, trace_id=f"{place.trace_id:032x}")
        opened.set_attributes({"http.request.method": method, "satispy.request_id": name})

        def tell(route: str, status: int) -> None:
            opened.update_name(f"{method} {route}")
            opened.set_attributes({"http.route": route, "http.response.status_code": status})
            if "defect" in scope:
                traces.mark_failed(opened, scope["defect"])

        yield tell


def _count(method: str, route: str, status: int, code: str | None, took: float) -> None:
    shown = _method(method)
    REQUESTS.labels(shown, route, str(status)).inc()
    DURATION.labels(shown, route).observe(took)
    if status >= 400:
        REFUSALS.labels(code or "none").inc()


def _log(scope: Scope, path: str, route: str, status: int, code: str | None, took: float) -> None:
    fields = {
        "user": getattr(scope.get("user"), "name", None),
        "method": scope["method"],
        "route": route,
        "path": path[:LONGEST_PATH] if path != route else None,
        "status": status,
        "code": code,
        "duration_ms": round(1000 * took, 2),
        "client": client_address(scope),
    }
    level = logging.INFO if status < 500 else logging.ERROR if status == 500 else logging.WARNING
    log.log(level, "request", extra=fields)


def _method(given: str) -> str:
    return given if given in METHODS else "other"
