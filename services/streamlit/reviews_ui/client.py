"""The API over HTTP: one method per route that the page needs, one error class per remedy.

::

    ApiError
    ├── Unreachable        no answer at all
    │   └── TooSlow        no answer in time
    ├── Refused            401: the credentials are not (or no longer) accepted
    ├── Forbidden          403: the role does not allow it
    ├── Missing            404 where the thing asked for may well not be there
    ├── Invalid            400, 413, 415, 422: what was entered is not accepted
    ├── TooManyRequests    429: wait
    ├── NotReady           503 with code not-ready: nothing is served yet
    ├── ServerFailure      any other 5xx
    └── Unexpected         anything that is not the contract: another service, another version
"""

import os
import ssl
import time
import uuid
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import httpx2 as httpx

from reviews_ui.answers import Account, Json, Prediction, Reports, Status
from reviews_ui.logs import log

T = TypeVar("T")

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 20.0
END = "-----END CERTIFICATE-----"


class ApiError(Exception):
    """The API did not give what was asked; `detail` is its own sentence, possibly empty."""

    def __init__(self, detail: str = "", *, url: str = "", retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.url = url
        self.retry_after = retry_after


class Unreachable(ApiError):
    """No answer at all."""


class TooSlow(Unreachable):
    """No answer in time."""


class Refused(ApiError):
    """The credentials are not, or no longer, accepted."""


class Forbidden(ApiError):
    """The role does not allow it."""


class Missing(ApiError):
    """What was asked for is not there; `detail` says why."""


class Invalid(ApiError):
    """What was entered is not accepted."""


class TooManyRequests(ApiError):
    """Too many requests; `retry_after` says how many seconds to wait, where the API said so."""


class NotReady(ApiError):
    """Nothing is served yet."""


class ServerFailure(ApiError):
    """The API failed inside."""


class Unexpected(ApiError):
    """The answer is not the contract."""


BY_STATUS: dict[int, type[ApiError]] = {
    400: Invalid,
    401: Refused,
    403: Forbidden,
    413: Invalid,
    415: Invalid,
    422: Invalid,
    429: TooManyRequests,
}


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


class ReviewsApi:
    """The API as one user sees it.

    Parameters
    ----------
    base_url : str
        Address of the API, such as ``http://127.0.0.1:8000``.
    username, password : str
        Sent with each request (HTTP Basic); the password appears in no message and no repr.
    transport : httpx.BaseTransport, optional
        Replaces the network, for tests.
    """

    def __init__(
        self,
        base_url: str,
        username: str,
        password: str,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.username = username
        self._auth = httpx.BasicAuth(username, password)
        self._transport = transport

    def __repr__(self) -> str:
        return f"ReviewsApi({self.base_url!r}, {self.username!r})"

    def account(self) -> Account:
        """Return who the credentials belong to."""
        return self._ask("GET", "/authentification", Account.parse)

    def status(self) -> Status:
        """Return the state of the base."""
        return self._ask("GET", "/status", Status.parse)

    def predict(self, text: str) -> tuple[Prediction, ...]:
        """Return each served family's answer for one text, families in alphabetical order."""

        def parse(body: Json) -> tuple[Prediction, ...]:
            (result,) = body["results"]
            predictions = result["predictions"]
            return tuple(Prediction.parse(name, predictions[name]) for name in sorted(predictions))

        return self._ask("POST", "/predict", parse, json={"texts": [text]})

    def reports(self, threshold: float) -> Reports:
        """Return all reports; the alert states are judged by the API against `threshold`."""
        return self._ask("GET", "/reports", Reports.parse, params={"threshold": threshold})

    def card(self, run: str) -> str:
        """Return the model card of a run, a whole page of HTML; `Missing` where it has none."""
        path = f"/models/{quote(run, safe='')}/card.html"
        response = self._send("GET", path)
        if response.status_code == 404:
            raise Missing(_code_and_detail(response)[1], url=self.base_url)
        if not response.is_success:
            raise self._error(response)
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            raise Unexpected(f"GET {path}: no HTML", url=self.base_url)
        return response.text

    def _ask(self, method: str, path: str, parse: Callable[[Json], T], **options: Any) -> T:
        response = self._send(method, path, **options)
        if response.is_success:
            try:
                return parse(response.json())
            except (KeyError, TypeError, ValueError) as error:
                raise Unexpected(f"{method} {path}: {error!r}", url=self.base_url) from error
        raise self._error(response)

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        # One connection per request: nothing stays open between two clicks, and a session that
        # the browser abandons leaves no socket. Proxies are not for the API next door.
        name, began = uuid.uuid4().hex, time.perf_counter()
        found: dict[str, object] = {"error": "failed"}
        try:
            with httpx.Client(
                base_url=self.base_url,
                auth=self._auth,
                headers={"X-Request-ID": name},
                timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
                transport=self._transport,
                trust_env=False,
                verify=_tls(),
            ) as client:
                response = client.request(method, path, **options)
                found = {"status": response.status_code}
                return response
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

    def _error(self, response: httpx.Response) -> ApiError:
        code, detail = _code_and_detail(response)
        if response.status_code == 503 and code == "not-ready":
            return NotReady(detail, url=self.base_url)
        if response.status_code >= 500:
            return ServerFailure(detail, url=self.base_url)
        kind = BY_STATUS.get(response.status_code, Unexpected)
        wait = response.headers.get("Retry-After", "")
        return kind(
            detail or f"HTTP {response.status_code}",
            url=self.base_url,
            retry_after=int(wait) if wait.isdecimal() else None,
        )


def _code_and_detail(response: httpx.Response) -> tuple[str, str]:
    try:
        body = response.json()
    except ValueError:
        return "", ""
    if not isinstance(body, dict):
        return "", ""
    detail = body.get("detail", "")
    return str(body.get("code", "")), detail if isinstance(detail, str) else ""
