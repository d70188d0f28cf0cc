"""API keys for machines."""

from fastapi import APIRouter, Response

from reviews_api.account_schemas import FreshKey, Key, Keys, NewKey
from reviews_api.deps import OpenHome
from reviews_api.problems import refusals
from reviews_api.routes.tokens import NOT_KEPT
from reviews_api.security import Person, TheCaller
from satispy.core.errors import InvalidInput
from satispy.workflows.sign_in import Wish, keys_of, make_key, revoke_key

router = APIRouter(tags=["accounts"])


@router.post(
    "/keys",
    status_code=201,
    summary="Make an API key",
    responses=refusals("not-found"),
)
def add_key(
    request: NewKey, user: Person, caller: TheCaller, home: OpenHome, response: Response
) -> FreshKey:
    """For a machine: it does not more than its role, scopes and owner may, and no accounts.

    The key itself is in this answer and nowhere else.
    """
    if request.owner not in (None, user.name) and user.role != "admin":
        raise InvalidInput("expected a key of your own, but received another owner; ask an admin")
    owner, role = request.owner or user.name, request.role or user.role
    wish = Wish(owner, request.name, role, request.days, request.scopes)
    key, text = make_key(home, wish, by=caller)
    response.headers.update(NOT_KEPT)
    return FreshKey.model_validate({**vars(key), "key": text})


@router.get("/keys", summary="The API keys")
def list_keys(_user: Person, caller: TheCaller, home: OpenHome) -> Keys:
    """An admin sees all, others their own; those that ended too."""
    return Keys.model_validate({"items": keys_of(home, caller)}, from_attributes=True)


@router.delete(
    "/keys/{key_id}",
    summary="End an API key",
    responses=refusals("not-found"),
)
def end_key(key_id: str, _user: Person, caller: TheCaller, home: OpenHome) -> Key:
    """At once, and for good; it stays listed."""
    return Key.model_validate(revoke_key(home, key_id, by=caller))
