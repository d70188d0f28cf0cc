"""Accounts: the first admin, made once, and what adapters ask about users.

They are opened without the base, whose libraries the supervisor would hold as long as it runs.
"""

import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from filelock import FileLock

from satispy.accounts.api_keys import ApiKeys
from satispy.accounts.passwords import require_strong
from satispy.accounts.roles import Role
from satispy.accounts.users import User, UserDirectory
from satispy.core.clock import system_clock
from satispy.core.database import Database
from satispy.core.errors import ConfigurationError, WeakPassword
from satispy.core.files import private_folder, write_atomically
from satispy.core.settings import Settings

__all__ = [
    "ADMIN",
    "Accounts",
    "Admin",
    "Role",
    "User",
    "add_user",
    "change_password",
    "change_user",
    "disable_user",
    "enable_user",
    "ensure_admin",
    "list_users",
    "open_accounts",
    "password_file",
]

ADMIN = "admin"


class Accounts(Protocol):
    """The users of a home, and its settings; an open `Home` is that too."""

    @property
    def settings(self) -> Settings:
        """Where the home lies."""

    @property
    def users(self) -> UserDirectory:
        """Its users."""

    @property
    def keys(self) -> ApiKeys:
        """Their API keys."""


@dataclass(frozen=True)
class _Accounts:
    settings: Settings
    users: UserDirectory
    keys: ApiKeys


@contextmanager
def open_accounts(settings: Settings) -> Iterator[Accounts]:
    """Open the users of a home alone: its database, migrated where needed, and not its base."""
    with closing(Database(settings.database_place)) as database:
        users, keys = UserDirectory(database, system_clock), ApiKeys(database, system_clock)
        yield _Accounts(settings, users, keys)


@dataclass(frozen=True)
class Admin:
    """An admin who may sign in.

    Attributes
    ----------
    username
        ``admin``, or another admin's name where that one is not there.
    password
        None where it is known to nobody but its owner.
    created
        Whether the account was made just now, so that the password is shown once.
    """

    username: str
    password: str | None
    created: bool


def password_file(settings: Settings) -> Path:
    """Return where the first admin's password is kept."""
    return settings.paths.secrets / "admin_password"


def ensure_admin(settings: Settings) -> Admin:
    """Make the first admin where no admin is left; return what is known of one.

    The password is stored before the account is made: a crash between the two leaves a file that
    the next start writes anew, and never an account that nobody can enter.

    Raises
    ------
    ConfigurationError
        If every admin is disabled, or SATISPY_ADMIN_PASSWORD is one that others guess.
    """
    stored = password_file(settings)
    private_folder(stored.parent)
    with FileLock(stored.with_name(".admin.lock"), mode=0o600), open_accounts(settings) as accounts:
        users = accounts.users.list()
        admins = [user.name for user in users if user.role == "admin" and not user.disabled]
        if ADMIN in admins:
            password = stored.read_text().removesuffix("\n") if stored.is_file() else None
            return Admin(ADMIN, password, created=False)
        if admins:
            return Admin(admins[0], None, created=False)
        if any(user.name == ADMIN for user in users):
            raise ConfigurationError(
                "no admin is left who may sign in; add one: satispy users add NAME --role admin"
            )
        given = settings.admin_password
        password = given.get_secret_value() if given else secrets.token_urlsafe(18)
        _require_strong_setting(password)
        keep_admin_password(settings, password)
        accounts.users.add(ADMIN, password, "admin")
        return Admin(ADMIN, password, created=True)


def _require_strong_setting(password: str) -> None:
    try:
        require_strong(password, ADMIN)
    except WeakPassword as error:
        raise ConfigurationError(f"SATISPY_ADMIN_PASSWORD: {error}") from error


def add_user(accounts: Accounts, name: str, password: str, role: Role) -> User:
    """Add a user, and return them; `InvalidInput` where name, role or password will not do."""
    return accounts.users.add(name, password, role)


def list_users(accounts: Accounts) -> list[User]:
    """Return all users by name."""
    return accounts.users.list()


def disable_user(accounts: Accounts, name: str) -> None:
    """Close an account; `NotFound` without such a user."""
    accounts.users.disable(name)


def enable_user(accounts: Accounts, name: str) -> None:
    """Open a closed account again; `NotFound` without such a user."""
    accounts.users.enable(name)


def change_user(
    accounts: Accounts,
    name: str,
    *,
    password: str | None = None,
    role: Role | None = None,
    disabled: bool | None = None,
) -> User:
    """Change an account, all at once; the first admin's password is kept for embedded Airflow.

    Tokens and remembered passwords from before are void. `NotFound`, `InvalidInput` and
    `WeakPassword` as `UserDirectory.change` raises them.
    """
    user = accounts.users.change(name, password=password, role=role, disabled=disabled)
    if name == ADMIN and password is not None:
        keep_admin_password(accounts.settings, password)
    return user


def change_password(accounts: Accounts, name: str, password: str) -> None:
    """Set a user's password; the first admin's is kept for embedded Airflow, which shares it."""
    change_user(accounts, name, password=password)


def keep_admin_password(settings: Settings, password: str) -> None:
    """Store the first admin's password, readable by its owner alone."""
    write_atomically(password_file(settings), password + "\n", mode=0o600)
