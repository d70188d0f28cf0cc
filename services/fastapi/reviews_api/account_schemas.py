"""What goes in and out about accounts, tokens and keys."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from satispy.workflows.sign_in import MOST_DAYS, Role, Scope

_PASSWORD = "10 to 1024 characters; refused where it is among the first that anybody tries"  # noqa: S105 - a description


class Account(BaseModel):
    """A user: everything but the password."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    role: Role
    disabled: bool
    created_at: datetime


class Accounts(BaseModel):
    """All users, by name."""

    items: list[Account]


class NewAccount(BaseModel):
    """A user to be."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=200, description="1 to 64 printable characters without ':'")
    password: SecretStr = Field(description=_PASSWORD)
    role: Role = "user"


class AccountChange(BaseModel):
    """What shall become of an account; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    role: Role | None = None
    disabled: bool | None = None
    password: SecretStr | None = Field(None, description=_PASSWORD)


class PasswordChange(BaseModel):
    """A new password of one's own."""

    model_config = ConfigDict(extra="forbid")

    old: SecretStr
    new: SecretStr = Field(description=_PASSWORD)


class Token(BaseModel):
    """An access token, as RFC 6749 shapes it."""

    access_token: str
    token_type: Literal["bearer"]
    expires_in: int = Field(description="Seconds")
    scope: str = Field(description="What the role may do, words apart by spaces")


class TokenRefusal(BaseModel):
    """Why there is no token: in RFC 6749's words, and in those of all our refusals."""

    error: Literal["invalid_request", "invalid_grant", "unsupported_grant_type"]
    error_description: str
    code: str
    detail: str


class NewKey(BaseModel):
    """An API key to be."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=200, description="What it is for; 1 to 64 printable characters")
    role: Role | None = Field(
        None, description="Not above yours or the owner's; your own where it is left out"
    )
    scopes: list[Scope] = Field(
        default=[], max_length=10, description="What alone it is good for; empty: all of its role"
    )
    days: int = Field(90, ge=1, le=MOST_DAYS, description="Days until it ends")
    owner: str | None = Field(
        None, max_length=200, description="Whose key it is; only an admin makes one for another"
    )


class Key(BaseModel):
    """An API key: everything but the key itself."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    owner: str
    name: str
    role: Role
    scopes: list[Scope]
    created_at: datetime
    created_by: str
    expires_at: datetime
    last_used_at: datetime | None = Field(description="To the minute")
    revoked_at: datetime | None


class FreshKey(Key):
    """An API key just made."""

    key: str = Field(description="Sent as `Authorization: Bearer …`; shown this once")


class Keys(BaseModel):
    """API keys, newest first."""

    items: list[Key]
