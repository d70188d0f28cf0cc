"""The first admin: made once, with a password given or generated, stored 0600."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from satispy.core.files import write_atomically
from satispy.core.settings import Settings
from satispy.workflows.opening import Home, open_home

ADMIN = "admin"


@dataclass(frozen=True)
class Admin:
    """The first admin.

    Attributes
    ----------
    username
        Always ``admin``.
    password
        None where it was changed since and is known to nobody but its owner.
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
    """Make the first admin where no admin exists; return what is known of it."""
    home = open_home(settings)
    stored = password_file(settings)
    if any(user.role == "admin" for user in home.users.list()):
        password = stored.read_text().removesuffix("\n") if stored.is_file() else None
        return Admin(ADMIN, password, created=False)
    given = settings.admin_password
    password = given.get_secret_value() if given else secrets.token_urlsafe(18)
    home.users.add(ADMIN, password, "admin")
    keep_admin_password(home, password)
    return Admin(ADMIN, password, created=True)


def change_password(home: Home, name: str, password: str) -> None:
    """Set a user's password; the first admin's is kept for embedded Airflow, which shares it."""
    home.users.change_password(name, password)
    if name == ADMIN:
        keep_admin_password(home, password)


def keep_admin_password(home: Home, password: str) -> None:
    """Store the first admin's password, readable by its owner alone."""
    path = password_file(home.settings)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_atomically(path, password + "\n", mode=0o600)
