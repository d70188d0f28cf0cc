"""Accounts, for admins; and one's own password."""

from functools import partial

from fastapi import APIRouter, HTTPException, Request

from reviews_api.account_schemas import (
    Account,
    AccountChange,
    Accounts,
    NewAccount,
    PasswordChange,
)
from reviews_api.deps import OpenHome
from reviews_api.problems import refusals
from reviews_api.security import AccountAdmin, PasswordChecker, Person, by_password
from satispy.workflows.accounts import add_user, change_password, change_user, list_users

router = APIRouter(tags=["accounts"])


@router.post("/users", status_code=201, summary="Add a user", responses=refusals("weak-password"))
async def add(
    request: NewAccount, _user: AccountAdmin, home: OpenHome, checker: PasswordChecker
) -> Account:
    """A taken name, a weak password: 422."""
    password = request.password.get_secret_value()
    made = await checker.run(partial(add_user, home, request.name, password, request.role))
    return Account.model_validate(made)


@router.get("/users", summary="All users")
def listed(_user: AccountAdmin, home: OpenHome) -> Accounts:
    return Accounts.model_validate({"items": list_users(home)}, from_attributes=True)


@router.patch(
    "/users/{name:path}",
    summary="Change role, state or password of a user",
    responses=refusals("not-found", "weak-password"),
)
async def change(
    name: str, request: AccountChange, _user: AccountAdmin, home: OpenHome, checker: PasswordChecker
) -> Account:
    """All at once, or nothing. The user's tokens end; the last admin stays one."""
    password = None if request.password is None else request.password.get_secret_value()
    wish = partial(change_user, password=password, role=request.role, disabled=request.disabled)
    return Account.model_validate(await checker.run(partial(wish, home, name)))


@router.post(
    "/users/me/password",
    status_code=204,
    summary="Change one's own password",
    responses=refusals("weak-password"),
)
async def change_own(
    request: PasswordChange,
    user: Person,
    home: OpenHome,
    checker: PasswordChecker,
    received: Request,
) -> None:
    """All tokens of the account end, the one that is sent too; API keys go on."""
    try:
        await by_password(received.scope, user.name, request.old.get_secret_value())
    except HTTPException as error:
        if error.status_code != 401:
            raise
        raise HTTPException(403, "the old password is wrong; nothing was changed") from error
    await checker.run(partial(change_password, home, user.name, request.new.get_secret_value()))
