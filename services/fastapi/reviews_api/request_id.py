"""The name of a request: in its answer, in the log, in the audit trail."""

import re
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Request-ID"
SENDABLE = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""What a client may name its request; anything else is named anew, so no log line can be forged."""


class RequestId:
    """Middleware, the outermost: ``scope["request_id"]``, and the same in the answer's header.

    Parameters
    ----------
    app
        The application behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Name the request, then pass it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        name = given if SENDABLE.fullmatch(given) else uuid.uuid4().hex
        scope["request_id"] = name

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = name
            await send(message)

        await self._app(scope, receive, named)
