"""Who asks, and by what: the answer of every check of a token or key."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from satispy.accounts.roles import Scope
from satispy.accounts.users import User


@dataclass(frozen=True)
class Credential:
    """What a user showed.

    Attributes
    ----------
    kind
        ``password``, ``token`` or ``key``.
    id
        Which token or key, for the audit trail; None for a password.
    scopes
        What alone it is good for; None: all that the role may.
    expires_at
        When a token ends.
    """

    kind: Literal["password", "token", "key"]
    id: str | None = None
    scopes: frozenset[Scope] | None = None
    expires_at: datetime | None = None


PASSWORD = Credential("password")


@dataclass(frozen=True)
class Caller:
    """A user, with the role that counts for this request, and what they showed."""

    user: User
    credential: Credential
