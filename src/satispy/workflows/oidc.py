"""Sign-in by OpenID Connect: a provider says who somebody is, and we give one of our tokens.

Whoever comes this way has an account here, so that it can be seen, disabled and audited. Its name
ends in `@oidc`: no name that a provider chooses becomes that of a local account.
"""

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from satispy.accounts.oidc import Client, Provider, Started, require_safe
from satispy.accounts.roles import ROLES, Role
from satispy.accounts.users import User
from satispy.core.clock import Clock
from satispy.core.errors import ConfigurationError, NotReady, NotSignedIn
from satispy.core.settings import Settings, listed
from satispy.workflows.audit import Act
from satispy.workflows.opening import Home
from satispy.workflows.sign_in import signing_keys

__all__ = ["LOGIN_SECONDS", "Provider", "Started", "account_of", "finish", "provider_of", "start"]

AUDIENCE = "satispy-oidc-login"  # never that of a token
LOGIN_SECONDS = 600
MARK = "@oidc"


def provider_of(settings: Settings, clock: Clock) -> Provider:
    """Return the provider that the settings name; `ConfigurationError` unless all are set."""
    issuer, client, secret = (
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret,
    )
    if not (issuer and client and secret and roles_by_group(settings)):
        raise ConfigurationError(
            "expected SATISPY_OIDC_ISSUER with SATISPY_OIDC_CLIENT_ID, SATISPY_OIDC_CLIENT_SECRET "
            "and SATISPY_OIDC_ROLES (as group=role,group=role)"
        )
    try:
        require_safe(issuer)
    except NotReady as error:
        raise ConfigurationError(f"SATISPY_OIDC_ISSUER: {error}") from error
    return Provider(Client(issuer, client, secret.get_secret_value()), clock)


def start(home: Home) -> tuple[Started, str]:
    """Return a new sign-in, and the same as a signed text for the browser to bring back."""
    started = Started(*(secrets.token_urlsafe(32) for _ in range(3)))
    key = signing_keys(home.settings, home.clock).current()
    until = home.clock() + timedelta(seconds=LOGIN_SECONDS)
    claims = {**asdict(started), "aud": AUDIENCE, "exp": int(until.timestamp())}
    header = {"alg": "HS256", "kid": key.id}
    return started, jwt.encode(header, claims, OctKey.import_key(key.secret))


def finish(home: Home, kept: str, state: str) -> Started:
    """Return the sign-in that a browser brings back; `NotSignedIn` if it began another one."""
    keys = signing_keys(home.settings, home.clock)

    def find(token: Any) -> OctKey:
        named = keys.find(str(token.headers().get("kid")))
        if named is None:
            raise JoseError("unknown kid")
        return OctKey.import_key(named.secret)

    expected = jwt.JWTClaimsRegistry(
        now=int(home.clock().timestamp()),
        aud={"essential": True, "value": AUDIENCE},
        exp={"essential": True},
    )
    try:
        claims = jwt.decode(kept, find, algorithms=["HS256"]).claims
        expected.validate(claims)
        started = Started(claims["state"], claims["nonce"], claims["verifier"])
    except (JoseError, KeyError, ValueError, RecursionError) as error:
        raise NotSignedIn("expected a sign-in that began here: ask GET /oidc/login") from error
    if not hmac.compare_digest(started.state.encode(), state.encode()):
        raise NotSignedIn("this is the answer to another sign-in: ask GET /oidc/login again")
    return started


def roles_by_group(settings: Settings) -> dict[str, Role]:
    """Return the role of each group.

    Raises
    ------
    ConfigurationError
        If what is set does not read ``group=role,group=role``.
    """
    roles: dict[str, Role] = {}
    for entry in listed(settings.oidc_roles):
        group, _, role = entry.rpartition("=")
        if not group or role not in ROLES:
            raise ConfigurationError(
                f"SATISPY_OIDC_ROLES: expected group=role with a role of {', '.join(ROLES)}, but "
                f"received {entry!r}"
            )
        roles[group] = ROLES[ROLES.index(role)]
    return roles


def role_of(settings: Settings, claims: Mapping[str, Any]) -> Role | None:
    """Return the highest role of the groups that the provider names; `*` is everybody's."""
    given = claims.get(settings.oidc_role_claim)
    if not isinstance(given, str | list):
        given = []
    groups = {given} if isinstance(given, str) else {one for one in given if isinstance(one, str)}
    known = roles_by_group(settings)
    reached = [role for group, role in known.items() if group == "*" or group in groups]
    return max(reached, key=ROLES.index, default=None)


def account_of(home: Home, claims: Mapping[str, Any]) -> Callable[[], User]:
    """Return what makes the account of these claims, or brings its role up to date.

    It hashes a password that nobody knows where the account is new, so it wants a slot.

    Raises
    ------
    NotSignedIn
        If the provider names nobody, no group has a role, or the account is disabled.
    """
    name = claims.get(home.settings.oidc_name_claim)
    role = role_of(home.settings, claims)
    if not isinstance(name, str) or not name:
        raise NotSignedIn(f"the provider names nobody in '{home.settings.oidc_name_claim}'")
    if role is None:
        raise NotSignedIn(
            f"no group of '{name}' has a role here; ask an admin (SATISPY_OIDC_ROLES)"
        )

    def made() -> User:
        own = f"{name}{MARK}"
        known = next((user for user in home.users.list() if user.name == own), None)
        if known is None or (known.role != role and not known.disabled):
            act = Act(own, role, "OpenID Connect", "", "oidc.account", f"{own}: {role}")
            home.audit.record(act).result()  # what cannot be recorded does not take place
        if known is None:
            return home.users.add(own, secrets.token_urlsafe(32), role)
        if known.disabled:
            raise NotSignedIn(f"the account '{own}' is disabled")
        return known if known.role == role else home.users.change(own, role=role)

    return made
