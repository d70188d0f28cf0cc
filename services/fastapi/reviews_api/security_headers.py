"""Headers that keep a browser from doing with our answers what they are not for."""

import base64
import hashlib
import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
DOCUMENTATION = (
    "default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
FILES_OF_THE_DOCUMENTATION = "/static-offline-docs/"
PAGES = {"/docs", "/docs/oauth2-redirect"}  # of Swagger; each comes as one piece
A_YEAR = 31_536_000
_INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


class SecurityHeaders:
    """Middleware: what a route does not say for itself is the strictest there is.

    JSON needs nothing, so its policy allows nothing; the offline Swagger page may load its own
    files, and run those inline scripts that it was sent with, each named by its hash. Answers are
    kept by no cache, for nearly all of them belong to whoever signed in.

    Parameters
    ----------
    app
        The application behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add to its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_page = scope["path"] in PAGES
        start: Message | None = None

        async def guarded(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in strictest(scope).items():
                    if name != "Content-Security-Policy":
                        headers.setdefault(name, value)
                if is_page and message["status"] == 200:
                    start = message  # its policy names what is in the body
                    return
                headers.setdefault("Content-Security-Policy", NOTHING)
            elif start is not None:
                policy = DOCUMENTATION.format(scripts=_hashes(message.get("body", b"")))
                MutableHeaders(scope=start)["Content-Security-Policy"] = policy
                await send(start)
                start = None
            await send(message)

        await self._app(scope, receive, guarded)


def strictest(scope: Scope) -> dict[str, str]:
    """Return the headers of an answer that asks for nothing else."""
    headers = {
        "Content-Security-Policy": NOTHING,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if not scope["path"].startswith(FILES_OF_THE_DOCUMENTATION):
        headers["Cache-Control"] = "no-store"
    if scope.get("scheme") == "https":
        headers["Strict-Transport-Security"] = f"max-age={A_YEAR}"
    return headers


def _hashes(page: bytes) -> str:
    return " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'"
        for script in _INLINE.findall(page)
    )
