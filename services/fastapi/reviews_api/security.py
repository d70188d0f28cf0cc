"""HTTP Basic against the users of the home."""

import asyncio
import base64
import hashlib
import secrets
import time
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.security.http import HTTPBase

from reviews_api.problems import refuses
from satispy.workflows.accounts import User
from satispy.workflows.opening import Home

REMEMBERED_SECONDS = 60
MOST_REMEMBERED = 1024
VERIFIED_AT_ONCE = 2  # each takes 64 MiB and a core for a while, by design of argon2

# For the Authorize button of the OpenAPI page; the header itself is read by `_pair`.
_basic = HTTPBase(
    scheme="basic",
    scheme_name="HTTPBasic",
    description="User and password of the API",
    auto_error=False,
)


class Credentials:
    """Checks a name and a password; a right pair is remembered for a minute.

    argon2 is slow by design and would set the pace of every request. What is remembered is a
    keyed BLAKE2b (RFC 7693) under a key of this process, never the password; it is void as soon as
    the account changes.
    """

    def __init__(self, home: Home, now: Callable[[], float] = time.monotonic) -> None:
        self._users = home.users
        self._now = now
        self._key = secrets.token_bytes(32)
        self._known: dict[bytes, tuple[User, datetime, float]] = {}
        self._slots = asyncio.Semaphore(VERIFIED_AT_ONCE)

    async def check(self, name: str, password: str) -> User | None:
        """Return the user, or None."""
        # hmac.digest lets go of the interpreter lock, and under load is long in getting it back.
        mark = hashlib.blake2b(f"{name}\0{password}".encode(), key=self._key).digest()
        changed_at = await asyncio.to_thread(self._users.changed_at, name)
        if (known := self._remembered(mark, changed_at)) is not None:
            return known
        async with self._slots:
            # Whoever held the slot may have asked the same: many clients, one account.
            if (known := self._remembered(mark, changed_at)) is not None:
                return known
            self._known.pop(mark, None)
            user = await asyncio.to_thread(self._users.authenticate, name, password)
        if user is not None and changed_at is not None:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[mark] = (user, changed_at, self._now() + REMEMBERED_SECONDS)
        return user

    def _remembered(self, mark: bytes, changed_at: datetime | None) -> User | None:
        user, since, until = self._known.get(mark, (None, None, 0.0))
        return user if since == changed_at and self._now() < until else None


async def authenticated(app: FastAPI, header: str | None) -> User:
    """Return whose credentials an Authorization header carries.

    Raises
    ------
    HTTPException
        401 without right credentials.
    """
    ask = {"WWW-Authenticate": 'Basic realm="satispy", charset="UTF-8"'}
    pair = _pair(header or "")
    if pair is None:
        raise HTTPException(401, "expected a name and a password (HTTP Basic)", ask)
    checker: Credentials = app.state.credentials
    user = await checker.check(*pair)
    if user is None:
        raise HTTPException(401, "name or password is wrong, or the account is disabled", ask)
    return user


@refuses("unauthenticated", "database-lost")
async def current_user(request: Request, _shown: Annotated[object, Depends(_basic)]) -> User:
    """Return who asks; 401 without right credentials."""
    known = request.scope.get("user")  # where `BodyGate` asked before us
    if isinstance(known, User):
        return known
    user = await authenticated(request.app, request.headers.get("authorization"))
    request.scope["user"] = user  # whom a refusal may tell more than a stranger
    return user


@refuses("forbidden")
async def current_admin(user: Annotated[User, Depends(current_user)]) -> User:
    """Return who asks; 403 unless it is an admin."""
    require_admin(user)
    return user


def require_admin(user: User) -> None:
    """Raise 403 unless the user is an admin."""
    if user.role != "admin":
        raise HTTPException(403, f"expected an admin, but '{user.name}' has the role {user.role}")


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


AnyUser = Annotated[User, Depends(current_user)]
AdminUser = Annotated[User, Depends(current_admin)]
