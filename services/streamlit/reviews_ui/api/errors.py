"""One error class per remedy.

::

    ApiError
    ├── Unreachable        no answer at all
    │   └── TooSlow        no answer in time
    ├── Refused            401: the credentials are not (or no longer) accepted
    ├── Forbidden          403: the role does not allow it
    ├── Missing            404 where the thing asked for may well not be there
    ├── Conflict           409: it was done or decided already
    ├── Invalid            400, 413, 415, 422: what was entered is not accepted
    ├── TooManyRequests    429: wait
    ├── NotReady           503 with code not-ready: nothing is served yet
    ├── AirflowAway        502, 503 with code airflow-…: the API is there, Airflow is not
    ├── ServerFailure      any other 5xx
    │   └── Damaged        503 with code artifact-damaged: this one thing cannot be read, others can
    └── Unexpected         anything that is not the contract: another service, another version
"""

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """The API did not give what was asked; `detail` is its own sentence, possibly empty.

    `code` is its word for programs, `summary` what it says of a file with too many bad rows.
    """

    def __init__(
        self,
        detail: str = "",
        *,
        url: str = "",
        retry_after: int | None = None,
        code: str = "",
        summary: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.url = url
        self.retry_after = retry_after
        self.code = code
        self.summary = summary


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


class Conflict(ApiError):
    """It was done, decided or sent already; `detail` says what stands."""


class Invalid(ApiError):
    """What was entered is not accepted."""


class TooManyRequests(ApiError):
    """Too many requests; `retry_after` says how many seconds to wait, where the API said so."""


class NotReady(ApiError):
    """Nothing is served yet."""


class AirflowAway(ApiError):
    """The API is there, but Airflow, which retrains, does not answer or does not let it in."""


class ServerFailure(ApiError):
    """The API failed inside."""


class Damaged(ServerFailure):
    """What was asked for cannot be read any more; `detail` says which file."""


class Unexpected(ApiError):
    """The answer is not the contract."""


BY_STATUS: dict[int, type[ApiError]] = {
    400: Invalid,
    401: Refused,
    403: Forbidden,
    404: Missing,
    409: Conflict,
    413: Invalid,
    415: Invalid,
    422: Invalid,
    429: TooManyRequests,
}
BY_CODE: dict[str, type[ApiError]] = {
    "artifact-damaged": Damaged,
    "not-ready": NotReady,
    "airflow-away": AirflowAway,
    "airflow-refused": AirflowAway,
}


def error_kind(status: int, code: str) -> type[ApiError]:
    """Return the error of a refusal: by its code where that tells more, else by its status."""
    if status == 404 and code != "not-found":
        return Unexpected  # not our API's word: another service stands there
    if status >= 500:
        return BY_CODE.get(code, ServerFailure)
    return BY_STATUS.get(status, Unexpected)
