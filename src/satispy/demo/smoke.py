"""A contract test of a platform that runs: the cases of `smoke.jsonl`, over every route.

It leaves nothing behind: files are tried dry, and the two API keys that stand for a viewer and a
user are revoked in the end. What it predicts is counted as any prediction is.
"""

import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx

from satispy.core.errors import StackError

CASES = Path(__file__).with_name("smoke.jsonl")
PROBLEM = "application/problem+json"
ROLES = ("viewer", "user")
LONGEST_QUOTED = 300


@dataclass(frozen=True)
class Case:
    """One question, and the answer that is promised.

    Attributes
    ----------
    name
        What it is about.
    caller
        ``nobody``, ``viewer``, ``user`` or ``admin``.
    method, path
        What is asked; `path` may hold ``{run}`` and ``{upload}``, of which the platform has some.
    expect
        The status.
    code
        The code of the refusal; None where it is none, or none of our form.
    has
        Names that the JSON answer has.
    sent
        Headers and body, as HTTPX takes them.
    """

    name: str
    caller: str
    method: str
    path: str
    expect: int
    code: str | None
    has: tuple[str, ...]
    sent: dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """A case, and what is wrong with its answer; empty where nothing is."""

    case: Case
    wrong: str


def read_cases(path: Path = CASES) -> list[Case]:
    """Return the cases of a file, one JSON object per line."""
    return [_case(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def _case(told: Mapping[str, Any]) -> Case:
    sent: dict[str, Any] = {"headers": told.get("headers", {})}
    if "json" in told:
        sent["json"] = told["json"]
    if "text" in told:
        sent["content"] = told["text"]
    if "form" in told:
        sent["data"] = told["form"]
    if "csv" in told:
        sent["files"] = {"file": ("smoke.csv", told["csv"].encode(), "text/csv")}
    method, path = told["ask"].split(" ", 1)
    return Case(
        name=told["name"],
        caller=told["as"],
        method=method,
        path=path,
        expect=told["expect"],
        code=told.get("code"),
        has=tuple(told.get("has", ())),
        sent=sent,
    )


def play(
    url: str,
    username: str,
    password: str,
    cases: list[Case],
    verify: ssl.SSLContext | bool = True,
) -> Iterator[Outcome]:
    """Ask every case, one after the other.

    Raises
    ------
    StackError
        If the platform does not answer at all, does not know the admin, or serves no model yet.
    """
    with httpx.Client(base_url=url, timeout=60, trust_env=False, verify=verify) as client:
        try:
            admin = httpx.BasicAuth(username, password)
            places = _places(client, admin)
            with _keys(client, admin) as keys:
                callers = {"nobody": None, "admin": admin, **keys}
                for case in cases:
                    yield Outcome(case, _ask(client, case, places, callers[case.caller]))
        except httpx.TransportError as error:
            raise StackError(
                f"expected the API at {url}, but it does not answer: {error}"
            ) from error


class _Bearer(httpx.Auth):
    """Sends an API key."""

    def __init__(self, key: str) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
        """Put the key into a request."""
        request.headers["Authorization"] = f"Bearer {self._key}"
        yield request


def _places(client: httpx.Client, admin: httpx.Auth) -> dict[str, str]:
    """Return a run and an upload to ask about."""
    serving = _good(client.get("/status", auth=admin))["serving"]
    uploads = _good(client.get("/uploads", auth=admin))["items"]
    if not serving or not uploads:
        raise StackError(
            "expected a platform on which models serve, but it has none yet; upload a file and "
            "retrain first (satispy tour does)"
        )
    return {"{run}": str(next(iter(serving.values()))), "{upload}": uploads[0]["upload_id"]}


@contextmanager
def _keys(client: httpx.Client, admin: httpx.Auth) -> Iterator[dict[str, httpx.Auth]]:
    """Lend one API key per role while the block runs."""
    lent: list[str] = []
    try:
        keys: dict[str, httpx.Auth] = {}
        for role in ROLES:
            wish = {"name": f"satispy smoke, {role}", "role": role, "days": 1}
            made = _good(client.post("/keys", json=wish, auth=admin), 201)
            lent.append(made["id"])
            keys[role] = _Bearer(made["key"])
        yield keys
    finally:
        for key in lent:
            client.delete(f"/keys/{key}", auth=admin)


def _good(response: httpx.Response, expected: int = 200) -> dict[str, Any]:
    if response.status_code != expected:
        raise StackError(
            f"expected HTTP {expected} of {response.request.method} {response.request.url}, but "
            f"received {response.status_code}: {response.text[:LONGEST_QUOTED]}"
        )
    found: dict[str, Any] = response.json()
    return found


def _ask(
    client: httpx.Client, case: Case, places: Mapping[str, str], auth: httpx.Auth | None
) -> str:
    """Return what is wrong with the answer to a case; empty where nothing is."""
    path = case.path
    for name, place in places.items():
        path = path.replace(name, place)
    response = client.request(case.method, path, auth=auth, **case.sent)
    if response.status_code != case.expect:
        told = " ".join(response.text[:LONGEST_QUOTED].split())
        return f"expected HTTP {case.expect}, but received {response.status_code}: {told}"
    if case.code is not None:
        kind = response.headers.get("content-type", "")
        if kind != PROBLEM:
            return f"expected a refusal as {PROBLEM}, but received {kind}"
        if (code := response.json().get("code")) != case.code:
            return f"expected the code {case.code}, but received {code}"
    if case.has and (missing := sorted(set(case.has) - set(response.json()))):
        return f"expected {', '.join(missing)} in the answer, but it has {sorted(response.json())}"
    if not response.headers.get("x-request-id"):
        return "expected an X-Request-ID, but there is none"
    return ""
