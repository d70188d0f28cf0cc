"""What carries questions to the API and answers back: addresses, credentials, time limits."""

import os
import ssl
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import httpx2 as httpx

from reviews_ui.api.errors import TooSlow, Unexpected, Unreachable, error_kind
from reviews_ui.logs import log

T = TypeVar("T")
Json = Mapping[str, Any]

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 20.0
END = "-----END CERTIFICATE-----"


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """Believe the usual authorities; or, where it is set, nothing but the API's own certificate."""
    file = os.environ.get("SATISPY_TLS_CERT")
    if not file:
        return ssl.create_default_context()
    first, end, _issuers = Path(file).read_text(encoding="ascii").partition(END)
    context = ssl.create_default_context(cadata=first + end)
    context.check_hostname = False  # asked at 127.0.0.1, which stands in no certificate
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # it need not be its own issuer
    return context


class Connection:
    """The API as one visitor reaches it.

    Parameters
    ----------
    base_url : str
        Address of the API, such as ``http://127.0.0.1:8000``.
    username : str, optional
        Who asks, for the log.
    token : str, optional
        Sent with each request as bearer (RFC 6750); appears in no message and no repr.
    language : str, optional
        In which the API shall title its refusals.
    transport : httpx.BaseTransport, optional
        Replaces the network, for tests.
    """

    def __init__(
        self,
        base_url: str,
        username: str = "",
        token: str | None = None,
        language: str = "fr",
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.username = username
        self.language = language
        self._token = token
        self._transport = transport

    def __repr__(self) -> str:
        return f"Connection({self.base_url!r}, {self.username!r})"

    def with_token(self, token: str) -> "Connection":
        """Return the same connection under another token."""
        return Connection(self.base_url, self.username, token, self.language, self._transport)

    def ask(
        self,
        method: str,
        path: str,
        parse: Callable[[Json], T],
        *,
        seconds: float = ANSWER_SECONDS,
        **options: Any,
    ) -> T:
        """Return the parsed answer.

        Raises
        ------
        reviews_ui.api.errors.ApiError
            One class per remedy; `Unexpected` where `parse` raises KeyError, TypeError or
            ValueError, so that the page never works on half an answer.
        """
        response = self.send(method, path, seconds=seconds, **options)
        try:
            return parse(response.json())
        except (KeyError, TypeError, ValueError) as error:
            raise Unexpected(f"{method} {path}: {error!r}", url=self.base_url) from error

    def send(
        self, method: str, path: str, *, seconds: float = ANSWER_SECONDS, **options: Any
    ) -> httpx.Response:
        """Return the whole answer of a request that was accepted; else raise as `ask` does."""
        with self.stream(method, path, seconds=seconds, **options) as response:
            response.read()
            return response

    @contextmanager
    def stream(
        self, method: str, path: str, *, seconds: float = ANSWER_SECONDS, **options: Any
    ) -> Iterator[httpx.Response]:
        """Yield the answer of a request that was accepted, while its body still comes."""
        name = uuid.uuid4().hex
        headers = {
            "X-Request-ID": name,
            "Accept-Language": self.language,
            **({"Authorization": f"Bearer {self._token}"} if self._token else {}),
            **options.pop("headers", {}),
        }
        found: dict[str, object] = {"error": "failed"}
        began = time.perf_counter()
        # One connection per request: nothing stays open between two clicks, and a session that
        # the browser abandons leaves no socket. Proxies are not for the API next door.
        try:
            with (
                httpx.Client(
                    base_url=self.base_url,
                    timeout=httpx.Timeout(seconds, connect=CONNECT_SECONDS),
                    transport=self._transport,
                    trust_env=False,
                    verify=_tls(),
                ) as client,
                client.stream(method, path, headers=headers, **options) as response,
            ):
                found = {"status": response.status_code}
                if not response.is_success:
                    response.read()
                    self._refuse(response)
                yield response
        except httpx.TimeoutException as error:
            found = {"error": "too slow"}
            raise TooSlow(url=self.base_url) from error
        except (httpx.TransportError, httpx.InvalidURL) as error:
            found = {"error": "unreachable"}
            raise Unreachable(url=self.base_url) from error
        finally:
            took = round(1000 * (time.perf_counter() - began), 2)
            asked = {"request_id": name, "user": self.username, "method": method, "path": path}
            log.info("asked the API", extra={**asked, **found, "duration_ms": took})

    def _refuse(self, response: httpx.Response) -> None:
        code, detail, summary = _told(response)
        wait = response.headers.get("Retry-After", "")
        raise error_kind(response.status_code, code)(
            detail or f"HTTP {response.status_code}",
            url=self.base_url,
            retry_after=int(wait) if wait.isdecimal() else None,
            code=code,
            summary=summary,
        )


def _told(response: httpx.Response) -> tuple[str, str, Json | None]:
    """Return code, detail and summary of a refusal, as far as it has them."""
    try:
        body = response.json()
    except ValueError:
        return "", "", None
    if not isinstance(body, dict):
        return "", "", None
    detail, summary = body.get("detail", ""), body.get("summary")
    return (
        str(body.get("code", "")),
        detail if isinstance(detail, str) else "",
        summary if isinstance(summary, dict) else None,
    )
