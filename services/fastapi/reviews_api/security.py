"""Who asks, by which credential, and whether that suffices for a route.

A name and a password (HTTP Basic, RFC 7617), a token of `POST /token` or an API key (both as
bearer, RFC 6750). Each route names its lowest role once, by one of the aliases at the end.
"""

import asyncio
import base64
import hashlib
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Annotated, Any, TypeVar, cast

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer, OAuth2PasswordBearer
from fastapi.security.http import HTTPBase
from starlette.datastructures import Headers
from starlette.routing import BaseRoute, Match
from starlette.types import Scope as AsgiScope

from reviews_api.client_address import client_address
from reviews_api.guard import SignInGuard
from reviews_api.problems import refuses
from satispy.workflows.accounts import User
from satispy.workflows.opening import Home
from satispy.workflows.sign_in import PASSWORD, Caller, Role, reaches

Answer = TypeVar("Answer")

REMEMBERED_SECONDS = 60
MOST_REMEMBERED = 1024

BASIC = 'Basic realm="satispy", charset="UTF-8"'
BEARER = 'Bearer realm="satispy"'
ACCOUNT = "account"
"""The scope of what only a person does: accounts, passwords, keys. No API key has it."""

# For the Authorize button of the OpenAPI page; the header itself is read by `sign_in`.
_basic = HTTPBase(
    scheme="basic",
    scheme_name="HTTPBasic",
    description="User and password of the API",
    auto_error=False,
)
_token = OAuth2PasswordBearer(
    tokenUrl="token",
    scheme_name="Token",
    description="A token of `POST /token`",
    auto_error=False,
)
_key = HTTPBearer(
    scheme_name="APIKey", description="A key of `POST /keys`: `sat_…`", auto_error=False
)


class Credentials:
    """Checks a name and a password; a right pair is remembered for a minute.

    argon2 is slow by design and would set the pace of every request. What is remembered is a
    keyed BLAKE2b (RFC 7693) under a key of this process, never the password; it is void as soon as
    the account changes.
    """

    def __init__(
        self, home: Home, guard: SignInGuard, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._users = home.users
        self._guard = guard
        self._now = now
        self._key = secrets.token_bytes(32)
        self._known: dict[bytes, tuple[User, datetime, float]] = {}

    async def check(
        self, name: str, password: str, address: str, freshly: Callable[[], None] = lambda: None
    ) -> User | None:
        """Return the user, or None; `TooManyAttempts` where the guard lets nobody try.

        `freshly` is called where the pair is right and was not remembered: somebody signs in.
        """
        # hmac.digest lets go of the interpreter lock, and under load is long in getting it back.
        try:
            text = f"{name}\0{password}".encode()
        except UnicodeEncodeError:  # no account has half a character in its name or password
            return None
        mark = hashlib.blake2b(text, key=self._key).digest()
        if mark in self._known:  # else a refusal would cost this question too
            changed_at = await asyncio.to_thread(self._users.changed_at, name)
            if (known := self._remembered(mark, changed_at)) is not None:
                return known
            self._known.pop(mark, None)

        def verify() -> tuple[User, datetime] | None:
            changed_at = self._users.changed_at(name)
            user = self._users.authenticate(name, password)
            return None if user is None or changed_at is None else (user, changed_at)

        found = await self._guard.attempt(name, address, verify, mark=mark)
        if found is None:
            return None
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[mark] = (*found, self._now() + REMEMBERED_SECONDS)
        freshly()
        return found[0]

    async def run(self, work: Callable[[], Answer]) -> Answer:
        """Do what hashes a password, while no more of it is done at once than is verified."""
        return await self._guard.run(work)

    def _remembered(self, mark: bytes, changed_at: datetime | None) -> User | None:
        user, since, until = self._known.get(mark, (None, None, 0.0))
        return user if since == changed_at and self._now() < until else None


async def sign_in(scope: AsgiScope) -> Caller:
    """Return who sends a request, and remember it in ``scope["user"]`` and ``scope["caller"]``.

    Raises
    ------
    HTTPException
        401 without a right credential.
    """
    known = scope.get("caller")  # where `BodyGate` asked before us
    if isinstance(known, Caller):
        return known
    header = Headers(scope=scope).get("authorization", "")
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        caller = await _by_bearer(scope["app"], value.strip())
    elif (pair := _pair(header)) is not None:
        caller = Caller(await by_password(scope, *pair), PASSWORD)
    else:
        raise unauthenticated("expected a name and a password (HTTP Basic), a token or an API key")
    scope["caller"], scope["user"] = caller, caller.user  # whom a refusal may tell more
    return caller


async def by_password(scope: AsgiScope, name: str, password: str) -> User:
    """Return the user of a name and a password.

    Raises
    ------
    HTTPException
        401 where they are wrong.
    TooManyAttempts
        If too many were wrong.
    """
    checker: Credentials = scope["app"].state.credentials
    user = await checker.check(
        name, password, client_address(scope), lambda: scope.update(signed_in=True)
    )
    if user is None:
        raise unauthenticated("name or password is wrong, or the account is disabled")
    scope["user"] = user  # whom the audit trail and the log name
    return user


async def _by_bearer(app: FastAPI, text: str) -> Caller:
    home: Home = app.state.home
    check = home.keys.check if text.startswith("sat_") else home.tokens.check
    caller = await asyncio.to_thread(check, text)
    if caller is None:
        raise unauthenticated(
            "the token or key is wrong, expired or revoked, or the account changed; ask for a new "
            "one: POST /token",
            error="invalid_token",
        )
    return caller


def unauthenticated(detail: str, *, error: str = "") -> HTTPException:
    """Return a 401 that names both ways to sign in (RFC 9110), and what was wrong (RFC 6750)."""
    bearer = f'{BEARER}, error="{error}"' if error else BEARER
    return HTTPException(401, detail, {"WWW-Authenticate": f"{BASIC}, {bearer}"})


@refuses("unauthenticated", "forbidden", "too-many-attempts", "database-lost")
class Requires:
    """The dependency of every route that is not open: its lowest role, and its scope.

    Parameters
    ----------
    role
        The lowest role that may.
    scope
        What an API key must be good for; None: one that is not limited to scopes.
    """

    def __init__(self, role: Role, scope: str | None = None) -> None:
        self.role = role
        self.scope = scope

    async def __call__(
        self,
        request: Request,
        _shown: Annotated[object, Depends(_basic)],
        _too: Annotated[object, Depends(_token)],
        _as_well: Annotated[object, Depends(_key)],
    ) -> User:
        """Return who asks; 401 without a right credential, 403 if it does not suffice."""
        caller = await sign_in(request.scope)
        self.check(caller)
        return caller.user

    def check(self, caller: Caller) -> None:
        """Raise 403 unless a caller's role and credential suffice."""
        user, credential = caller.user, caller.credential
        if not reaches(user.role, self.role):
            raise HTTPException(
                403,
                f"expected the role {self.role}, but '{user.name}' has the role {user.role}",
            )
        if credential.kind != "key":
            return
        if self.scope == ACCOUNT:
            raise HTTPException(
                403, "expected a person, by password or token: an API key manages no accounts"
            )
        if credential.scopes is not None and self.scope not in credential.scopes:
            good_for = ", ".join(sorted(credential.scopes))
            raise HTTPException(
                403,
                f"expected a key with the scope {self.scope or '(none: not limited)'}, but this "
                f"one is good for {good_for} alone",
                {"WWW-Authenticate": f'{BEARER}, error="insufficient_scope"'},
            )


def api_routes(routes: Iterable[BaseRoute]) -> Iterator[APIRoute]:
    """Return the routes of an application, also those that came in a router."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif (router := getattr(route, "original_router", None)) is not None:
            yield from api_routes(router.routes)


def requirement_of(route: APIRoute) -> Requires | None:
    """Return what a route asks for; None for one that is open to everybody."""

    def search(dependant: Dependant) -> Requires | None:
        if isinstance(dependant.call, Requires):
            return dependant.call
        return next(filter(None, map(search, dependant.dependencies)), None)

    return search(route.dependant)


def asked_for(scope: AsgiScope) -> Requires | None:
    """Return what the route of a request asks for, before it is routed."""
    for route in api_routes(scope["app"].routes):
        if route.matches(cast("dict[str, Any]", scope))[0] is Match.FULL:
            return requirement_of(route)
    return None


async def _checker(request: Request) -> Credentials:
    return cast(Credentials, request.app.state.credentials)


async def _caller(request: Request) -> Caller:
    return await sign_in(request.scope)


def _pair(header: str) -> tuple[str, str] | None:
    """Read name and password, in UTF-8 (RFC 7617; FastAPI's own reader knows ASCII alone)."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:  # neither base64 nor UTF-8
        return None
    # No account has NUL in its name, and PostgreSQL does not even take the question.
    return (name, password) if colon and "\0" not in name else None


ReaderUser = Annotated[User, Depends(Requires("viewer", "read"))]
PredictingUser = Annotated[User, Depends(Requires("user", "predict"))]
CommentingUser = Annotated[User, Depends(Requires("user", "comment"))]
UploadingUser = Annotated[User, Depends(Requires("admin", "upload"))]
AdminUser = Annotated[User, Depends(Requires("admin"))]

Person = Annotated[User, Depends(Requires("viewer", ACCOUNT))]
AccountAdmin = Annotated[User, Depends(Requires("admin", ACCOUNT))]
TheCaller = Annotated[Caller, Depends(_caller)]
"""Who asks and by what; stands beside one of the others, which says who may."""
PasswordChecker = Annotated[Credentials, Depends(_checker)]
