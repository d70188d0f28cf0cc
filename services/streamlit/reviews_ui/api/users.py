"""Accounts, as an admin keeps them."""

from dataclasses import dataclass
from urllib.parse import quote

from reviews_ui.api.connection import Connection, Json


@dataclass(frozen=True)
class User:
    """An account: everything but the password."""

    name: str
    role: str
    disabled: bool
    created_at: str

    @classmethod
    def parse(cls, body: Json) -> "User":
        """Read an account."""
        return cls(
            str(body["name"]), str(body["role"]), bool(body["disabled"]), str(body["created_at"])
        )


def users(api: Connection) -> tuple[User, ...]:
    """Return all accounts, by name."""

    def parse(body: Json) -> tuple[User, ...]:
        return tuple(User.parse(item) for item in body["items"])

    return api.ask("GET", "/users", parse)


def add(api: Connection, name: str, password: str, role: str) -> User:
    """Make an account.

    Raises
    ------
    reviews_ui.api.errors.Invalid
        Where the name is taken, or the password is one that anybody would try.
    """
    wish = {"name": name, "password": password, "role": role}
    return api.ask("POST", "/users", User.parse, json=wish)


def change(api: Connection, name: str, **changes: str | bool) -> User:
    """Change `role`, `disabled` or `password` of an account; its tokens end."""
    return api.ask("PATCH", f"/users/{quote(name, safe='')}", User.parse, json=changes)
