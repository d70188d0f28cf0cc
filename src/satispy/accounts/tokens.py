"""Bearer tokens: JWTs (RFC 7519) that are short-lived, signed, and can be revoked.

The algorithm is HS256 and no other, whatever a header says (RFC 8725). A token names the state of
the account that it was made for; the next change of password, role or state makes it void. What
remains to be asked of the database is one indexed statement, and no argon2.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from sqlalchemy import Column, String, Table, delete, exists, select

from satispy.accounts.credential import Caller, Credential
from satispy.accounts.signing_keys import SigningKeys
from satispy.accounts.users import USERS, User
from satispy.core.clock import Clock
from satispy.core.database import METADATA, Database, UtcDateTime

ALGORITHMS = ["HS256"]
TYPE = "JWT"
ISSUER = "satispy"
AUDIENCE = "satispy-api"
LONGEST_TOKEN = 2048
LONGEST_SESSION = timedelta(hours=12)
"""How long after a password was given tokens can be renewed without it."""

REVOKED_TOKENS = Table(
    "revoked_token",
    METADATA,
    Column("jti", String(64), primary_key=True),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)


@dataclass(frozen=True)
class IssuedToken:
    """A token, told once, and how many seconds it lives."""

    text: str
    expires_in: int


class Tokens:
    """Makes, checks and revokes the tokens of a home.

    Parameters
    ----------
    database
        Holds the accounts, and which tokens were revoked.
    keys
        What signs.
    clock
        Tells the time.
    lifetime
        How long a token is good for.
    """

    def __init__(
        self, database: Database, keys: SigningKeys, clock: Clock, lifetime: timedelta
    ) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock
        self._lifetime = lifetime

    def issue(self, user: User) -> IssuedToken | None:
        """Return a token for a user who has just proved who they are; None if closed meanwhile."""
        return self._issued(user, int(self._clock().timestamp()))

    def renewed(self, text: str) -> tuple[User, IssuedToken] | None:
        """Return the user of a token that is still good, and a fresh one.

        The new one remembers when the password was given; after `LONGEST_SESSION` there is none.
        None also where the old one is forged, over, revoked or void.
        """
        caller, claims = self.check(text), self._verified(text)
        if caller is None or claims is None:
            return None
        age = self._clock().timestamp() - claims["auth_time"]
        if age >= LONGEST_SESSION.total_seconds():
            return None
        issued = self._issued(caller.user, claims["auth_time"])
        return None if issued is None else (caller.user, issued)

    def _issued(self, user: User, auth_time: int) -> IssuedToken | None:
        with self._database.reading() as connection:
            row = connection.execute(select(USERS).where(USERS.c.name == user.name)).first()
        if row is None or row.disabled:
            return None
        key, now = self._keys.current(), int(self._clock().timestamp())
        seconds = int(self._lifetime.total_seconds())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": row.name,
            "iat": now,
            "nbf": now,
            "exp": now + seconds,
            "auth_time": auth_time,  # as in RFC 9068
            "jti": secrets.token_urlsafe(16),
            "account": _state(row.changed_at),
        }
        header = {"alg": ALGORITHMS[0], "kid": key.id, "typ": TYPE}
        text = jwt.encode(header, claims, OctKey.import_key(key.secret), algorithms=ALGORITHMS)
        return IssuedToken(text, seconds)

    def check(self, text: str) -> Caller | None:
        """Return whose token it is; None where it is forged, over, revoked or void."""
        claims = self._verified(text)
        if claims is None:
            return None
        revoked = exists().where(REVOKED_TOKENS.c.jti == claims["jti"]).label("revoked")
        with self._database.reading() as connection:
            row = connection.execute(
                select(USERS, revoked).where(USERS.c.name == claims["sub"])
            ).first()
        if row is None or row.disabled or row.revoked:
            return None
        if _state(row.changed_at) != claims["account"]:
            return None
        until = datetime.fromtimestamp(claims["exp"], UTC)
        user = User(row.name, row.role, row.disabled, row.created_at)
        return Caller(user, Credential("token", claims["jti"], expires_at=until))

    def revoke(self, token: Credential) -> None:
        """End a token that `check` has found good; those that are over anyway are forgotten."""
        now = self._clock()
        known = select(REVOKED_TOKENS.c.jti).where(REVOKED_TOKENS.c.jti == token.id)
        with self._database.writing() as connection:
            connection.execute(delete(REVOKED_TOKENS).where(REVOKED_TOKENS.c.expires_at < now))
            if connection.execute(known).first() is None:
                row = {"jti": token.id, "expires_at": token.expires_at}
                connection.execute(REVOKED_TOKENS.insert().values(**row))

    def _verified(self, text: str) -> dict[str, Any] | None:
        """Return the claims of a token that one of our keys signed and whose time it is."""
        if len(text) > LONGEST_TOKEN or not text.isascii():
            return None
        expected = jwt.JWTClaimsRegistry(
            now=int(self._clock().timestamp()),
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": AUDIENCE},
            sub={"essential": True},
            iat={"essential": True},
            nbf={"essential": True},
            exp={"essential": True},
            auth_time={"essential": True},
            jti={"essential": True},
            account={"essential": True},
        )
        try:
            token = jwt.decode(text, self._key, algorithms=ALGORITHMS)
            expected.validate(token.claims)
        except (JoseError, RecursionError):  # the latter: JSON nested a thousand deep
            return None
        return token.claims if token.header.get("typ") == TYPE else None

    def _key(self, token: Any) -> OctKey:
        """Return the key that a header names, which anybody can write, so it may be unknown."""
        named = self._keys.find(str(token.headers().get("kid")))
        if named is None:
            raise JoseError("unknown kid")
        return OctKey.import_key(named.secret)


def _state(changed_at: datetime) -> int:
    """Return the state of an account as a number: the microsecond of its last change."""
    return int(changed_at.timestamp() * 1_000_000)
