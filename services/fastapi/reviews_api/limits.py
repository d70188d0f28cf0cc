"""A limit on what a request may carry, counted as it arrives."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reviews_api.errors import problem


class BodyLimit:
    """Middleware that answers 413 as soon as a body exceeds `largest` bytes.

    Bytes are counted, for a Content-Length may lie or be absent.
    """

    def __init__(self, app: ASGIApp, largest: int) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, counting its body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        received = 0
        answered = False

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._largest:
                raise _TooLong
            return message

        async def noted(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            if _declared(scope) > self._largest:
                raise _TooLong
            await self._app(scope, counted, noted)
        except _TooLong:
            if answered:
                raise
            detail = (
                f"expected a request of at most {self._largest} bytes, but received a larger one; "
                "split the file, or raise SATISPY_MAX_UPLOAD_MB"
            )
            refusal = problem(413, "too-large", detail, {"Connection": "close"})
            await refusal(scope, receive, send)


class _TooLong(Exception):
    pass


def _declared(scope: Scope) -> int:
    value = dict(scope["headers"]).get(b"content-length", b"0")
    return int(value) if value.isdigit() else 0
