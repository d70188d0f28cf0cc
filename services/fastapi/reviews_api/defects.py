"""A defect becomes an answer while it is still inside the other middlewares."""

import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reviews_api.errors import INTERNAL, problem

log = logging.getLogger(__name__)


class Defects:
    """Middleware around all that may fail: 500 as every refusal, the traceback in the log alone.

    Starlette answers defects outside of all middlewares, where the answer would have no
    X-Request-ID and nobody would count or record it.

    Parameters
    ----------
    app
        The application behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; answer 500 where that fails before an answer has begun."""
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:  # logged with its traceback, and answered
            if scope["type"] != "http" or begun:
                raise
            scope["defect"] = type(error).__name__
            log.exception("a defect; request %s", scope.get("request_id"))
            await problem(500, "internal", INTERNAL)(scope, receive, send)
