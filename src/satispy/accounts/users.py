"""Users in the database, their passwords as argon2id hashes (RFC 9106)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Any

from argon2.exceptions import VerifyMismatchError
from sqlalchemy import Boolean, Column, Connection, Row, String, Table, func, select

from satispy.accounts.passwords import nobodys_hash, password_hasher, require_strong
from satispy.accounts.roles import Role, require_role
from satispy.core.clock import Clock
from satispy.core.database import METADATA, Database, UtcDateTime
from satispy.core.errands import Errand, at_once
from satispy.core.errors import InvalidInput, NotFound

USERS = Table(
    "users",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("password_hash", String(255), nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)
LONGEST_NAME = 64


@dataclass(frozen=True)
class User:
    """A user as others may see them: without the hash."""

    name: str
    role: Role
    disabled: bool
    created_at: datetime


class UserDirectory:
    """The users of one home.

    Parameters
    ----------
    database
        Where they are kept.
    clock
        Tells when an account was made or changed.
    later
        Takes what a sign-in need not wait for: a hash of an earlier cost is made anew.
    """

    def __init__(
        self, database: Database, clock: Clock, later: Callable[[Errand], None] = at_once
    ) -> None:
        self._database = database
        self._clock = clock
        self._later = later
        self._hasher = password_hasher()

    def add(self, name: str, password: str, role: Role) -> User:
        """Add a user, and return them.

        Raises
        ------
        InvalidInput
            If the name is taken, blank or holds a colon (HTTP Basic cannot carry one), or the role
            is unknown.
        WeakPassword
            If the password is short or known.
        """
        if not is_name(name):
            raise InvalidInput(
                f"expected a name of 1 to {LONGEST_NAME} printable characters without ':', but "
                f"received {name!r}"
            )
        require_role(role)
        now = self._clock()
        row = {
            "name": name,
            "role": role,
            "password_hash": self._hash(password, name),
            "disabled": False,
            "created_at": now,
            "changed_at": now,
        }
        with self._database.writing() as connection:
            if connection.execute(select(USERS.c.name).where(USERS.c.name == name)).first():
                raise InvalidInput(f"user '{name}' exists; change the password with users passwd")
            connection.execute(USERS.insert().values(**row))
        return User(name, role, disabled=False, created_at=now)

    def change(
        self,
        name: str,
        *,
        password: str | None = None,
        role: Role | None = None,
        disabled: bool | None = None,
    ) -> User:
        """Change an account, all at once; tokens and remembered passwords from before are void.

        Parameters
        ----------
        name
            Whose account.
        password, role, disabled
            What it shall be; None leaves it.

        Returns
        -------
        User
            The user as they are now.

        Raises
        ------
        NotFound
            If there is no such user.
        InvalidInput
            If the role is unknown, or nobody could administer any more.
        WeakPassword
            If the password is short or known.
        """
        values: dict[str, object] = {}
        if password is not None:
            values["password_hash"] = self._hash(password, name)
        if role is not None:
            require_role(role)
            values["role"] = role
        if disabled is not None:
            values["disabled"] = disabled
        with self._database.writing() as connection:
            before = _open_admins(connection)
            if values and is_name(name):
                values["changed_at"] = self._clock()
                connection.execute(USERS.update().where(USERS.c.name == name).values(**values))
            row = _row(connection, name)
            if row is None:
                known = ", ".join(connection.execute(select(USERS.c.name)).scalars()) or "none"
                raise NotFound(f"no user {name[:LONGEST_NAME]!r}; known are: {known}")
            if before and not _open_admins(connection):
                raise InvalidInput(
                    f"'{name}' is the last admin who may sign in; add another one first: "
                    "satispy users add NAME --role admin"
                )
        return _user(row)

    def change_password(self, name: str, password: str) -> None:
        """Set a new password; `NotFound` without such a user."""
        self.change(name, password=password)

    def disable(self, name: str) -> None:
        """Close an account; it stays listed. `InvalidInput` for the last admin."""
        self.change(name, disabled=True)

    def enable(self, name: str) -> None:
        """Open a closed account again; `NotFound` without such a user."""
        self.change(name, disabled=False)

    def list(self) -> list[User]:
        """Return all users by name."""
        with self._database.reading() as connection:
            rows = connection.execute(select(USERS).order_by(USERS.c.name)).all()
        return [_user(row) for row in rows]

    def changed_at(self, name: str) -> datetime | None:
        """Return when the account was last changed, None for unknown or disabled ones."""
        with self._database.reading() as connection:
            row = _row(connection, name)
        return None if row is None or row.disabled else row.changed_at

    def authenticate(self, name: str, password: str) -> User | None:
        """Return the user if name and password are right and the account is open.

        An unknown name costs as much time as a wrong password: a hash is verified either way.
        """
        with self._database.reading() as connection:
            row = _row(connection, name)
        try:
            self._hasher.verify(self._nobody if row is None else row.password_hash, password)
        except VerifyMismatchError:
            return None
        if row is None or row.disabled:
            return None
        if self._hasher.check_needs_rehash(row.password_hash):
            self._later(partial(self._renew, name, password, row.password_hash))
        return _user(row)

    @cached_property
    def _nobody(self) -> str:
        """A hash to verify against where there is no such user."""
        return nobodys_hash()

    def _hash(self, password: str, name: str) -> str:
        require_strong(password, name)
        return self._hasher.hash(password)

    def _renew(self, name: str, password: str, old: str) -> None:
        """Hash the same password at today's cost; no change of the account, so nothing is void."""
        fresh = self._hasher.hash(password)
        same = (USERS.c.name == name) & (USERS.c.password_hash == old)
        with self._database.writing() as connection:
            connection.execute(USERS.update().where(same).values(password_hash=fresh))


def is_name(name: str) -> bool:
    """Return whether a user may be called so."""
    fits = bool(name.strip()) and len(name) <= LONGEST_NAME
    return fits and ":" not in name and name.isprintable()


def _row(connection: Connection, name: str) -> Row[Any] | None:
    if not is_name(name):  # PostgreSQL does not even take the question where NUL is in it
        return None
    return connection.execute(select(USERS).where(USERS.c.name == name)).first()


def _user(row: Row[Any]) -> User:
    return User(row.name, row.role, row.disabled, row.created_at)


def _open_admins(connection: Connection) -> int:
    rule = (USERS.c.role == "admin") & ~USERS.c.disabled
    return connection.execute(select(func.count()).select_from(USERS).where(rule)).scalar_one()
