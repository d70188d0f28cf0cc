"""Users in the database, their passwords as argon2id hashes (RFC 9106)."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal, get_args

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import Boolean, Column, String, Table, select

from satispy.core.clock import Clock
from satispy.core.database import METADATA, Database, UtcDateTime
from satispy.core.errors import InvalidInput, NotFound

Role = Literal["admin", "user"]

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
SHORTEST_PASSWORD = 8


@dataclass(frozen=True)
class User:
    """A user as others may see them: without the hash."""

    name: str
    role: Role
    disabled: bool
    created_at: datetime


class UserDirectory:
    """The users of one home."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._hasher = PasswordHasher()

    def add(self, name: str, password: str, role: Role) -> None:
        """Add a user.

        Raises
        ------
        InvalidInput
            If the name is taken, blank or holds a colon (HTTP Basic cannot carry one), the role is
            unknown, or the password is too short.
        """
        if not name.strip() or ":" in name or len(name) > 64 or not name.isprintable():
            raise InvalidInput(
                f"expected a name of 1 to 64 printable characters without ':', but received "
                f"{name!r}"
            )
        if role not in get_args(Role):
            raise InvalidInput(
                f"expected a role of {', '.join(get_args(Role))}, but received {role!r}"
            )
        now = self._clock()
        row = {
            "name": name,
            "role": role,
            "password_hash": self._hash(password),
            "disabled": False,
            "created_at": now,
            "changed_at": now,
        }
        with self._database.writing() as connection:
            if connection.execute(select(USERS.c.name).where(USERS.c.name == name)).first():
                raise InvalidInput(f"user '{name}' exists; change the password with users passwd")
            connection.execute(USERS.insert().values(**row))

    def change_password(self, name: str, password: str) -> None:
        """Set a new password; `NotFound` without such a user."""
        self._change(name, password_hash=self._hash(password))

    def disable(self, name: str) -> None:
        """Close an account; it stays listed.

        Raises
        ------
        NotFound
            If there is no such user.
        InvalidInput
            If nobody could administer any more.
        """
        admins = {user.name for user in self.list() if user.role == "admin" and not user.disabled}
        if admins == {name}:
            raise InvalidInput(
                f"'{name}' is the last admin who may sign in; add another one first: "
                "satispy users add NAME --role admin"
            )
        self._change(name, disabled=True)

    def enable(self, name: str) -> None:
        """Open a closed account again; `NotFound` without such a user."""
        self._change(name, disabled=False)

    def list(self) -> list[User]:
        """Return all users by name."""
        with self._database.reading() as connection:
            rows = connection.execute(select(USERS).order_by(USERS.c.name)).all()
        return [User(row.name, row.role, row.disabled, row.created_at) for row in rows]

    def changed_at(self, name: str) -> datetime | None:
        """Return when the account was last changed, None for unknown or disabled ones."""
        with self._database.reading() as connection:
            row = connection.execute(select(USERS).where(USERS.c.name == name)).first()
        return None if row is None or row.disabled else row.changed_at

    def authenticate(self, name: str, password: str) -> User | None:
        """Return the user if name and password are right and the account is open.

        An unknown name costs as much time as a wrong password: a hash is verified either way.
        """
        with self._database.reading() as connection:
            row = connection.execute(select(USERS).where(USERS.c.name == name)).first()
        try:
            self._hasher.verify(self._nobody if row is None else row.password_hash, password)
        except VerifyMismatchError:
            return None
        if row is None or row.disabled:
            return None
        return User(row.name, row.role, row.disabled, row.created_at)

    @cached_property
    def _nobody(self) -> str:
        """A hash to verify against where there is no such user."""
        return self._hasher.hash("nobody")

    def _hash(self, password: str) -> str:
        if len(password) < SHORTEST_PASSWORD:
            raise InvalidInput(
                f"expected a password of at least {SHORTEST_PASSWORD} characters, but received "
                f"{len(password)}"
            )
        return self._hasher.hash(password)

    def _change(self, name: str, **values: object) -> None:
        change = USERS.update().where(USERS.c.name == name)
        with self._database.writing() as connection:
            done = connection.execute(change.values(**values, changed_at=self._clock()))
            if done.rowcount == 0:
                known = ", ".join(connection.execute(select(USERS.c.name)).scalars()) or "none"
                raise NotFound(f"no user '{name}'; known are: {known}")
