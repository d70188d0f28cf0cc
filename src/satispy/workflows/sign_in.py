"""Tokens and API keys of a home, and the secrets that it keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from satispy.accounts.api_keys import MOST_DAYS, ApiKey, ApiKeys, Wish
from satispy.accounts.credential import PASSWORD, Caller, Credential
from satispy.accounts.roles import ROLES, SCOPES, Role, Scope, reaches, scopes_of
from satispy.accounts.signing_keys import SigningKey, SigningKeys
from satispy.accounts.tokens import IssuedToken
from satispy.core.clock import Clock, system_clock
from satispy.core.errors import InvalidInput
from satispy.core.settings import LONGEST_TOKEN_MINUTES, Settings

__all__ = [
    "MOST_DAYS",
    "PASSWORD",
    "ROLES",
    "SCOPES",
    "ApiKey",
    "ApiKeys",
    "Caller",
    "Credential",
    "IssuedToken",
    "KeptSecret",
    "KeyHolder",
    "Role",
    "Scope",
    "SigningKey",
    "SigningKeys",
    "Wish",
    "kept_secrets",
    "keys_of",
    "make_key",
    "reaches",
    "revoke_key",
    "scopes_of",
    "signing_keys",
]


class KeyHolder(Protocol):
    """What has API keys: an open `Home`, or the accounts alone."""

    @property
    def keys(self) -> ApiKeys:
        """Its keys."""


@dataclass(frozen=True)
class KeptSecret:
    """A file in ``secrets/``: what it is called and since when, never what is in it."""

    name: str
    changed_at: datetime
    mode: int


def signing_keys(settings: Settings, clock: Clock = system_clock) -> SigningKeys:
    """Return the keys that sign the tokens of a home."""
    file = settings.paths.secrets / "signing_keys.json"
    return SigningKeys(file, clock, timedelta(minutes=LONGEST_TOKEN_MINUTES))


def kept_secrets(settings: Settings) -> list[KeptSecret]:
    """Return the files in ``secrets/`` by name."""
    folder = settings.paths.secrets
    files = sorted(path for path in folder.glob("[!.]*") if path.is_file())
    return [_kept(path) for path in files]


def make_key(home: KeyHolder, wish: Wish, by: Caller | None) -> tuple[ApiKey, str]:
    """Make an API key; return it and its text, which is told this once.

    Parameters
    ----------
    home
        Where it counts.
    wish
        What it shall be.
    by
        Who makes it; None for whoever runs the command line, who holds the database anyway.

    Raises
    ------
    InvalidInput
        If it would do more than its maker or its owner may, or cannot be so.
    NotFound
        If there is no such owner.
    """
    if by is None:
        return home.keys.add(wish, "command line")
    if not reaches(by.user.role, wish.role):
        raise InvalidInput(
            f"expected a role not above your own, {by.user.role}, but received {wish.role}"
        )
    return home.keys.add(wish, by.user.name)


def keys_of(home: KeyHolder, by: Caller | None) -> Sequence[ApiKey]:
    """Return the keys that somebody may see: an admin all, others their own."""
    return home.keys.list(_only(by))


def revoke_key(home: KeyHolder, key_id: str, by: Caller | None) -> ApiKey:
    """End a key at once: an admin any, others their own; `NotFound` otherwise."""
    return home.keys.revoke(key_id, owner=_only(by))


def _only(by: Caller | None) -> str | None:
    return None if by is None or by.user.role == "admin" else by.user.name


def _kept(path: Path) -> KeptSecret:
    found = path.stat()
    changed_at = datetime.fromtimestamp(found.st_mtime, UTC)
    return KeptSecret(path.name, changed_at, found.st_mode & 0o777)
