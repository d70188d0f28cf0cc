"""Sign-in by OpenID Connect; its routes are there only where a provider is set."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from reviews_api.account_schemas import Token
from reviews_api.deps import OpenHome
from reviews_api.problems import refusals
from reviews_api.security import PasswordChecker
from satispy.core.errors import NotSignedIn, TooManyAttempts
from satispy.workflows import oidc
from satispy.workflows.sign_in import scopes_of

COOKIE = "satispy_oidc"
PATH = "/oidc"

ASKED_AT_ONCE, MOST_WAITING = 2, 16

T = TypeVar("T")

# A place of their own: a provider that hangs must not hold the threads that check everybody else.
_SLOTS = CapacityLimiter(ASKED_AT_ONCE)

router = APIRouter(tags=["accounts"])


@router.get(
    "/oidc/login",
    summary="Sign in at the provider of OpenID Connect",
    status_code=302,
    response_class=RedirectResponse,
    responses=refusals("not-ready", "database-lost", "too-many-attempts"),
)
async def login(request: Request, home: OpenHome) -> Response:
    """Sends the browser to the provider, which sends it back to `/oidc/callback`."""
    started, kept = await asyncio.to_thread(oidc.start, home)
    provider: oidc.Provider = request.app.state.provider
    address = await _asked(partial(provider.address, started, _callback(request)))
    answer = RedirectResponse(address, status_code=302)
    answer.set_cookie(
        COOKIE,
        kept,
        max_age=oidc.LOGIN_SECONDS,
        path=PATH,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


@router.get(
    "/oidc/callback",
    summary="The way back from the provider",
    responses=refusals("not-signed-in", "not-ready", "database-lost", "too-many-attempts"),
)
async def callback(
    request: Request,
    home: OpenHome,
    checker: PasswordChecker,
    state: str = "",
    code: str = "",
    error: str = "",
) -> Token:
    """Answers with one of our tokens, as `POST /token` does."""
    started = await asyncio.to_thread(oidc.finish, home, request.cookies.get(COOKIE, ""), state)
    if error or not code:
        raise NotSignedIn(f"the provider signed nobody in: {error[:60]!r}")
    provider: oidc.Provider = request.app.state.provider
    claims = await _asked(partial(provider.claims, code, started, _callback(request)))
    user = await checker.run(oidc.account_of(home, claims))
    request.scope.update(user=user, signed_in=True)
    issued = await asyncio.to_thread(home.tokens.issue, user)
    if issued is None:
        raise NotSignedIn("the account was closed meanwhile")
    body = Token(
        access_token=issued.text,
        token_type="bearer",  # noqa: S106 - the name of the scheme
        expires_in=issued.expires_in,
        scope=" ".join(scopes_of(user.role)),
    )
    answer = JSONResponse(body.model_dump(), headers={"Cache-Control": "no-store"})
    answer.delete_cookie(COOKIE, path=PATH)
    return answer  # type: ignore[return-value]  # FastAPI passes a response on as it is


async def _asked(work: Callable[[], T]) -> T:
    if _SLOTS.statistics().tasks_waiting >= MOST_WAITING:
        raise TooManyAttempts("too many sign-ins wait for the provider; try again", 2)
    return await run_sync(work, limiter=_SLOTS)


def _callback(request: Request) -> str:
    return str(request.url_for("callback"))
