"""HTTP Basic against the users of the home."""

import asyncio
import base64
import binascii
import hmac
import secrets
import time
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPBasic, HTTPBasicCredentials

from satispy.accounts.users import User, UserDirectory

REMEMBERED_SECONDS = 60
MOST_REMEMBERED = 1024


class Utf8Basic(HTTPBasic):
    """HTTP Basic with names and passwords in UTF-8 (RFC 7617); FastAPI's own reads ASCII alone."""

    async def __call__(self, request: Request) -> HTTPBasicCredentials | None:  # type: ignore[override]
        """Return what the request carries, or None."""
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            name, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return HTTPBasicCredentials(username=name, password=password) if colon else None


# The scheme keeps its parent's name in the OpenAPI page.
_basic = Utf8Basic(scheme_name="HTTPBasic", description="User and password of the API")


class Credentials:
    """Checks a name and a password; a right pair is remembered for a minute.

    argon2 is slow by design and would set the pace of every request. What is remembered is an HMAC
    under a key of this process, never the password; it is void as soon as the account changes.
    """

    def __init__(self, users: UserDirectory, now: Callable[[], float] = time.monotonic) -> None:
        self._users = users
        self._now = now
        self._key = secrets.token_bytes(32)
        self._known: dict[bytes, tuple[User, datetime, float]] = {}

    async def check(self, name: str, password: str) -> User | None:
        """Return the user, or None."""
        mark = hmac.digest(self._key, f"{name}\0{password}".encode(), "sha256")
        changed_at = self._users.changed_at(name)
        known = self._known.get(mark)
        if known is not None and known[1] == changed_at and self._now() < known[2]:
            return known[0]
        self._known.pop(mark, None)
        user = await asyncio.to_thread(self._users.authenticate, name, password)
        if user is not None and changed_at is not None:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[mark] = (user, changed_at, self._now() + REMEMBERED_SECONDS)
        return user


async def current_user(
    request: Request, given: Annotated[HTTPBasicCredentials | None, Depends(_basic)]
) -> User:
    """Return who asks; 401 without right credentials."""
    ask = {"WWW-Authenticate": 'Basic realm="satispy", charset="UTF-8"'}
    if given is None:
        raise HTTPException(401, "expected a name and a password (HTTP Basic)", ask)
    checker: Credentials = request.app.state.credentials
    user = await checker.check(given.username, given.password)
    if user is None:
        raise HTTPException(401, "name or password is wrong, or the account is disabled", ask)
    return user


async def current_admin(user: Annotated[User, Depends(current_user)]) -> User:
    """Return who asks; 403 unless it is an admin."""
    if user.role != "admin":
        raise HTTPException(403, f"expected an admin, but '{user.name}' has the role {user.role}")
    return user


AnyUser = Annotated[User, Depends(current_user)]
AdminUser = Annotated[User, Depends(current_admin)]
