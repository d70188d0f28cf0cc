"""What happens before a body is read: who sends it, and how much it may be."""

from collections.abc import Collection, Mapping

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reviews_api.errors import http_refusal, refusal
from reviews_api.security import asked_for, sign_in
from satispy.core.errors import SatispyError

FOR_STRANGERS = {("POST", "/token")}
"""Requests whose body is the credential itself."""
READS_NO_BODY = {"GET", "HEAD", "OPTIONS"}


class BodyGate:
    """Middleware: a body is read only from a known sender, and only up to a limit.

    Without it FastAPI would receive and parse a body first and ask for credentials afterwards, so
    that anyone could fill memory and disk. Bytes are counted as they arrive, for a Content-Length
    may lie or be absent.

    Parameters
    ----------
    app
        The application behind the gate.
    limits
        Largest body in bytes for the paths that differ.
    otherwise
        Largest body in bytes for every other path.
    origins
        Of other sites whose pages may send something.
    """

    def __init__(
        self,
        app: ASGIApp,
        limits: Mapping[str, int],
        otherwise: int,
        origins: Collection[str] = (),
    ) -> None:
        self._app = app
        self._limits = limits
        self._otherwise = otherwise
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 401, 403, 413, 415 or 429 in its place."""
        if scope["type"] != "http" or scope["method"] in READS_NO_BODY:
            await self._app(scope, receive, send)
            return
        largest = self._limits.get(scope["path"], self._otherwise)
        headers = Headers(scope=scope)
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > largest:
                raise _too_long(largest)
            return message

        try:
            self._require_own_page(headers)
            if (scope["method"], scope["path"]) not in FOR_STRANGERS:
                caller = await sign_in(scope)
                if (requirement := asked_for(scope)) is not None:
                    requirement.check(caller)
            if _declared(headers) > largest:
                raise _too_long(largest)
            if headers.get("content-encoding", "identity").lower() != "identity":
                raise HTTPException(
                    415,
                    "expected a body as it is, but received one with Content-Encoding "
                    f"{headers['content-encoding'][:40]!r}; send it uncompressed",
                )
        except HTTPException as error:
            await http_refusal(error, {"Connection": "close"})(scope, receive, send)
            return
        except SatispyError as error:  # the users cannot be read: out here no handler would tell
            answer = refusal(error, {"Connection": "close"}, signed_in=False)
            await answer(scope, receive, send)
            return
        await self._app(scope, counted, send)

    def _require_own_page(self, headers: Headers) -> None:
        """Refuse what another site's page sends; the browser would add a password it remembers."""
        foreign = headers.get("sec-fetch-site") in {"cross-site", "same-site"}
        if foreign and headers.get("origin") not in self._origins:
            raise HTTPException(
                403,
                "expected a request of this site, or of one that SATISPY_CORS_ORIGINS names, but a "
                f"browser sent it for {headers.get('origin', 'another')[:100]!r}",
            )


def _too_long(largest: int) -> HTTPException:
    # FastAPI lets an HTTPException through while it parses a body; any other becomes a 400.
    return HTTPException(
        413,
        f"expected a request of at most {largest} bytes, but received a larger one; "
        "split the file, or raise SATISPY_MAX_UPLOAD_MB",
    )


def _declared(headers: Headers) -> int:
    value = headers.get("content-length", "0")
    return int(value) if value.isascii() and value.isdigit() else 0
