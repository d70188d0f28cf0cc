"""Who signs in, and for how long."""

from dataclasses import dataclass

from reviews_ui.api.connection import Connection, Json
from reviews_ui.api.errors import Invalid, Refused

ROLES = ("viewer", "user", "admin")


@dataclass(frozen=True)
class Account:
    """Who is signed in."""

    username: str
    role: str

    @classmethod
    def parse(cls, body: Json) -> "Account":
        """Read the answer of ``GET /authentification``."""
        return cls(str(body["username"]), str(body["role"]))

    def may(self, role: str) -> bool:
        """Return whether this account may do what asks for `role`; an unknown role may nothing."""
        return self.role in ROLES and ROLES.index(self.role) >= ROLES.index(role)


@dataclass(frozen=True)
class Token:
    """A token, and how many seconds it is good for."""

    text: str
    seconds: int

    @classmethod
    def parse(cls, body: Json) -> "Token":
        """Read the answer of ``POST /token``."""
        return cls(str(body["access_token"]), int(body["expires_in"]))

    def __repr__(self) -> str:
        return f"Token(seconds={self.seconds})"


def token(api: Connection, username: str, password: str) -> Token:
    """Return a token for a name and a password (RFC 6749, section 4.3).

    Raises
    ------
    Refused
        Where they are wrong.
    """
    form = {"grant_type": "password", "username": username, "password": password}
    return _granted(api, form)


def renewed(api: Connection, old: Token) -> Token:
    """Return a fresh token for one that is still good (RFC 6749, section 6).

    Raises
    ------
    Refused
        Where it is good no more, or the sign-in behind it was too long ago.
    """
    return _granted(api, {"grant_type": "refresh_token", "refresh_token": old.text})


def _granted(api: Connection, form: dict[str, str]) -> Token:
    try:
        return api.ask("POST", "/token", Token.parse, data=form)
    except Invalid as error:  # OAuth answers 400 where HTTP would say 401
        raise Refused(error.detail, url=error.url) from error


def account(api: Connection) -> Account:
    """Return whose token the connection carries."""
    return api.ask("GET", "/authentification", Account.parse)


def end(api: Connection) -> None:
    """End the token that the connection carries."""
    api.send("DELETE", "/token")
