"""API keys for machines: limited in role, scope and time, shown once, kept as a hash.

A key is ``sat_<id>_<secret>``. The secret is 256 bits of chance, so it cannot be guessed, and a
fast hash keeps it as well as a slow one would: argon2 is for passwords, which people choose.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import JSON, Column, Row, String, Table, select

from satispy.accounts.credential import Caller, Credential
from satispy.accounts.roles import SCOPES, Role, Scope, lower_of, reaches, require_role
from satispy.accounts.users import USERS, User, is_name
from satispy.core.clock import Clock
from satispy.core.database import METADATA, Database, UtcDateTime
from satispy.core.errands import Errand, at_once
from satispy.core.errors import InvalidInput, NotFound

PREFIX = "sat_"
MOST_DAYS = 366
LONGEST_NAME = 64
MOST_KEYS = 100  # of one owner that still work
USE_WRITTEN_EVERY = timedelta(minutes=1)
_SENT = re.compile(r"sat_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")
_NO_HASH = "0" * 64

API_KEYS = Table(
    "api_key",
    METADATA,
    Column("id", String(16), primary_key=True),
    Column("owner", String(64), nullable=False, index=True),
    Column("name", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("secret_hash", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(64), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
)


@dataclass(frozen=True)
class ApiKey:
    """A key as others may see it: without the secret.

    Attributes
    ----------
    scopes
        What alone it is good for; empty: all that the role may, but for accounts and keys.
    last_used_at
        To the minute; None where it was never used.
    """

    id: str
    owner: str
    name: str
    role: Role
    scopes: tuple[Scope, ...]
    created_at: datetime
    created_by: str
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class Wish:
    """The key that is asked for; `scopes` empty: all that the role may."""

    owner: str
    name: str
    role: Role
    days: int
    scopes: Sequence[str] = ()


class ApiKeys:
    """The keys of a home.

    Parameters
    ----------
    database
        Where they are kept.
    clock
        Tells the time.
    later
        Takes what a request need not wait for: when a key was last used.
    """

    def __init__(
        self, database: Database, clock: Clock, later: Callable[[Errand], None] = at_once
    ) -> None:
        self._database = database
        self._clock = clock
        self._later = later

    def add(self, wish: Wish, by: str) -> tuple[ApiKey, str]:
        """Make a key; return it and its text, which nobody can tell a second time.

        Raises
        ------
        InvalidInput
            If name, role, scopes or days will not do, or the role is above the owner's.
        NotFound
            If there is no such owner.
        """
        _check(wish)
        key_id, secret, now = secrets.token_hex(8), secrets.token_urlsafe(32), self._clock()
        row = {
            "id": key_id,
            "owner": wish.owner,
            "name": wish.name,
            "role": wish.role,
            "scopes": sorted(set(wish.scopes)),
            "secret_hash": _hashed(secret),
            "created_at": now,
            "created_by": by,
            "expires_at": now + timedelta(days=wish.days),
            "last_used_at": None,
            "revoked_at": None,
        }
        working = (
            (API_KEYS.c.owner == wish.owner)
            & API_KEYS.c.revoked_at.is_(None)
            & (API_KEYS.c.expires_at > now)
        )
        with self._database.writing() as connection:
            owner = (
                connection.execute(select(USERS).where(USERS.c.name == wish.owner)).first()
                if is_name(wish.owner)
                else None
            )
            if owner is None:
                raise NotFound(f"no user {wish.owner[:64]!r}, whose key it could be")
            if not reaches(owner.role, wish.role):
                raise InvalidInput(
                    f"expected a role not above that of '{owner.name}', {owner.role}, but received "
                    f"{wish.role}"
                )
            if len(connection.execute(select(API_KEYS.c.id).where(working)).all()) >= MOST_KEYS:
                raise InvalidInput(
                    f"'{owner.name}' has {MOST_KEYS} keys that work; revoke one first"
                )
            connection.execute(API_KEYS.insert().values(**row))
            made = connection.execute(select(API_KEYS).where(API_KEYS.c.id == key_id)).one()
        return _key(made), f"{PREFIX}{key_id}_{secret}"

    def list(self, owner: str | None = None) -> Sequence[ApiKey]:
        """Return the keys of an owner, or of everybody, newest first."""
        keys = select(API_KEYS).order_by(API_KEYS.c.created_at.desc(), API_KEYS.c.id)
        if owner is not None:
            keys = keys.where(API_KEYS.c.owner == owner)
        with self._database.reading() as connection:
            return [_key(row) for row in connection.execute(keys)]

    def revoke(self, key_id: str, *, owner: str | None = None) -> ApiKey:
        """End a key at once; it stays listed. With `owner`, only if it is theirs.

        Raises
        ------
        NotFound
            If there is no such key.
        """
        this = API_KEYS.c.id == key_id
        if owner is not None:
            this &= API_KEYS.c.owner == owner
        with self._database.writing() as connection:
            row = (
                connection.execute(select(API_KEYS).where(this)).first()
                if re.fullmatch("[0-9a-f]{16}", key_id)
                else None
            )
            if row is None:
                raise NotFound(f"no key {key_id[:40]!r}{' of yours' if owner else ''}")
            if row.revoked_at is None:
                connection.execute(API_KEYS.update().where(this).values(revoked_at=self._clock()))
            return _key(connection.execute(select(API_KEYS).where(this)).one())

    def check(self, text: str) -> Caller | None:
        """Return whose key it is, with the role that counts; None where it is none of ours.

        A key never does more than its owner may now, and nothing once the account is closed.
        """
        if (sent := _SENT.fullmatch(text)) is None:
            return None
        key_id, secret = sent.groups()
        owned = select(
            API_KEYS,
            USERS.c.role.label("owner_role"),
            USERS.c.disabled,
            USERS.c.created_at.label("owner_since"),
        ).join(USERS, USERS.c.name == API_KEYS.c.owner)
        with self._database.reading() as connection:
            row = connection.execute(owned.where(API_KEYS.c.id == key_id)).first()
        kept = _NO_HASH if row is None else row.secret_hash
        now = self._clock()
        if not hmac.compare_digest(kept, _hashed(secret)) or row is None:
            return None
        if row.disabled or row.revoked_at is not None or row.expires_at <= now:
            return None
        if row.last_used_at is None or now - row.last_used_at >= USE_WRITTEN_EVERY:
            self._later(partial(self._write_use, key_id, now))
        user = User(row.owner, lower_of(row.role, row.owner_role), False, row.owner_since)
        scopes = frozenset(row.scopes) if row.scopes else None
        return Caller(user, Credential("key", key_id, scopes, row.expires_at))

    def _write_use(self, key_id: str, at: datetime) -> None:
        used = API_KEYS.c.last_used_at
        due = (API_KEYS.c.id == key_id) & (used.is_(None) | (used <= at - USE_WRITTEN_EVERY))
        with self._database.writing() as connection:
            connection.execute(API_KEYS.update().where(due).values(last_used_at=at))


def _check(wish: Wish) -> None:
    if not wish.name.strip() or len(wish.name) > LONGEST_NAME or not wish.name.isprintable():
        raise InvalidInput(
            f"expected a name of 1 to {LONGEST_NAME} printable characters, but received "
            f"{wish.name[:LONGEST_NAME]!r}"
        )
    require_role(wish.role)
    if not 1 <= wish.days <= MOST_DAYS:
        raise InvalidInput(f"expected 1 to {MOST_DAYS} days, but received {wish.days}")
    for scope in wish.scopes:
        if scope not in SCOPES:
            raise InvalidInput(f"expected scopes of {', '.join(SCOPES)}, but received {scope!r}")
        if not reaches(wish.role, SCOPES[scope]):
            raise InvalidInput(
                f"expected scopes that a key of role {wish.role} reaches, but '{scope}' needs "
                f"{SCOPES[scope]}"
            )


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode("ascii")).hexdigest()


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(
        row.id,
        row.owner,
        row.name,
        row.role,
        tuple(row.scopes),
        row.created_at,
        row.created_by,
        row.expires_at,
        row.last_used_at,
        row.revoked_at,
    )
