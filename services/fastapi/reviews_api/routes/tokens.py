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
from satispy.workflows.sign_in import scopes_of

router = APIRouter(tags=["accounts"])

NOT_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@router.post(
    "/token",
    summary="A token for a name and a password",
    response_model=Token,
    responses={
        400: {"model": TokenRefusal, "description": "No token, and why"},
        **refusals("too-many-attempts", "database-lost"),
    },
)
async def token(
    request: Request,
    home: OpenHome,
    grant_type: Annotated[str | None, Form(description="`password`")] = None,
    username: Annotated[str | None, Form()] = None,
    password: Annotated[str | None, Form(json_schema_extra={"format": "password"})] = None,
) -> Response:
    """As OAuth 2.0 says (RFC 6749, section 4.3), in a form; other fields are not looked at.

    Send it as `Authorization: Bearer …`. It ends by itself after `expires_in` seconds, by
    `DELETE /token`, and when the account's password, role or state changes.
    """
    if grant_type is None or username is None or password is None:
        wanted = "expected the fields grant_type, username and password"
        return _refused("invalid_request", wanted)
    if grant_type != "password":
        return _refused(
            "unsupported_grant_type", f"expected password, but received {grant_type[:40]!r}"
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
    body = Token(
        access_token=issued.text,
        token_type="bearer",  # noqa: S106 - the name of the scheme
        expires_in=issued.expires_in,
        scope=" ".join(scopes_of(user.role)),
    )
    return JSONResponse(body.model_dump(), headers=NOT_KEPT)


@router.delete("/token", status_code=204, summary="End the token that is sent")
def end_token(_user: Person, caller: TheCaller, home: OpenHome) -> None:
    """The token of the `Authorization` header, and no other."""
    if caller.credential.kind != "token":
        raise InvalidInput(
            "expected the token that shall end, as 'Authorization: Bearer …', but received a "
            f"{caller.credential.kind}"
        )
    home.tokens.revoke(caller.credential)


def _refused(error: str, description: str) -> JSONResponse:
    body = {
        "error": error,
        "error_description": description,
        "code": error.replace("_", "-"),
        "detail": description,
    }
    return JSONResponse(body, status_code=400, headers=NOT_KEPT)
