"""A token for a name and a password, and its end."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from reviews_api.account_schemas import Token, TokenRefusal
from reviews_api.deps import OpenHome
from reviews_api.problems import refusals
from reviews_api.security import Person, TheCaller, by_password
from satispy.core.errors import InvalidInput
from satispy.workflows.accounts import User
from satispy.workflows.sign_in import IssuedToken, scopes_of

router = APIRouter(tags=["accounts"])

NOT_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@router.post(
    "/token",
    summary="A token for a name and a password, or for a token",
    response_model=Token,
    responses={
        400: {"model": TokenRefusal, "description": "No token, and why"},
        **refusals("too-many-attempts", "database-lost"),
    },
)
async def token(
    request: Request,
    home: OpenHome,
    grant_type: Annotated[str | None, Form(description="`password` or `refresh_token`")] = None,
    username: Annotated[str | None, Form()] = None,
    password: Annotated[str | None, Form(json_schema_extra={"format": "password"})] = None,
    refresh_token: Annotated[str | None, Form(description="A token that is still good")] = None,
) -> Response:
    """As OAuth 2.0 says (RFC 6749, sections 4.3 and 6), in a form; other fields are not looked at.

    Send it as `Authorization: Bearer …`. It ends by itself after `expires_in` seconds, by
    `DELETE /token`, and when the account's password, role or state changes. While it is good it can
    be sent as `refresh_token` for a fresh one, for 12 hours after the password was given.
    """
    if grant_type == "refresh_token" and refresh_token is not None:
        fresh = await asyncio.to_thread(home.tokens.renewed, refresh_token)
        if fresh is None:
            return _refused("invalid_grant", "the token is good no more: sign in again")
        return _given(*fresh)
    if grant_type is None or username is None or password is None:
        wanted = "expected grant_type, with username and password or with refresh_token"
        return _refused("invalid_request", wanted)
    if grant_type != "password":
        return _refused(
            "unsupported_grant_type",
            f"expected password or refresh_token, but received {grant_type[:40]!r}",
        )
    try:
        user = await by_password(request.scope, username, password)
    except HTTPException as error:
        if error.status_code != 401:
            raise
        return _refused("invalid_grant", error.detail)
    issued = await asyncio.to_thread(home.tokens.issue, user)
    if issued is None:
        return _refused("invalid_grant", "the account was closed meanwhile")
    return _given(user, issued)


@router.delete("/token", status_code=204, summary="End the token that is sent")
def end_token(_user: Person, caller: TheCaller, home: OpenHome) -> None:
    """The token of the `Authorization` header, and no other."""
    if caller.credential.kind != "token":
        raise InvalidInput(
            "expected the token that shall end, as 'Authorization: Bearer …', but received a "
            f"{caller.credential.kind}"
        )
    home.tokens.revoke(caller.credential)


def _given(user: User, issued: IssuedToken) -> Response:
    body = Token(
        access_token=issued.text,
        token_type="bearer",  # noqa: S106 - the name of the scheme
        expires_in=issued.expires_in,
        scope=" ".join(scopes_of(user.role)),
    )
    return JSONResponse(body.model_dump(), headers=NOT_KEPT)


def _refused(error: str, description: str) -> JSONResponse:
    body = {
        "error": error,
        "error_description": description,
        "code": error.replace("_", "-"),
        "detail": description,
    }
    return JSONResponse(body, status_code=400, headers=NOT_KEPT)
