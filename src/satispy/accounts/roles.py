"""Roles in their order, and the scopes that an API key may be limited to."""

from typing import Literal, get_args

from satispy.core.errors import InvalidInput

Role = Literal["viewer", "user", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
"""From the lowest to the highest; each may do all that those before it may."""

Scope = Literal["read", "predict", "comment", "upload"]
SCOPES: dict[Scope, Role] = {
    "read": "viewer",
    "predict": "user",
    "comment": "user",
    "upload": "admin",
}
"""What a key may be limited to, and the lowest role that may do it."""


def reaches(role: Role, lowest: Role) -> bool:
    """Return whether a role may do what the lowest one that is asked for may."""
    return ROLES.index(role) >= ROLES.index(lowest)


def lower_of(one: Role, other: Role) -> Role:
    """Return the role that may do less."""
    return min(one, other, key=ROLES.index)


def scopes_of(role: Role) -> tuple[Scope, ...]:
    """Return the scopes that a role reaches."""
    return tuple(scope for scope, lowest in SCOPES.items() if reaches(role, lowest))


def require_role(role: str) -> None:
    """Raise `InvalidInput` unless there is such a role."""
    if role not in ROLES:
        raise InvalidInput(f"expected a role of {', '.join(ROLES)}, but received {role!r}")
