"""A provider of OpenID Connect: found by discovery, asked for a code, its ID token verified.

Authorization code with PKCE (RFC 7636) and a nonce, as OpenID Connect Core 1.0 says. Loaded only
where a provider is set.
"""

import base64
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2 as httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from satispy.core.clock import Clock
from satispy.core.errors import NotReady, NotSignedIn

ALGORITHMS = ["RS256", "ES256", "PS256"]
"""Signatures with a public key alone: never `none`, never one that our secret could make."""
LEEWAY_SECONDS = 60
KEPT_SECONDS = 3600.0
FAILED_SECONDS = 5.0
"""How long a provider that did not answer is not asked again."""

PATIENCE_SECONDS = 10.0
LONGEST_ANSWER = 200_000
AT_HOME = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True)
class Client:
    """What we are to the provider."""

    issuer: str
    client_id: str
    client_secret: str


@dataclass(frozen=True)
class Started:
    """A sign-in under way; the browser brings it back in a signed cookie."""

    state: str
    nonce: str
    verifier: str


class Provider:
    """Speaks to one provider.

    Parameters
    ----------
    client
        Who we are there.
    clock
        Judges whether an ID token is over.
    now
        Seconds, for how long discovery is kept.
    """

    def __init__(
        self, client: Client, clock: Clock, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._clock = clock
        self._now = now
        self._found: tuple[dict[str, Any], KeySet, float] | None = None
        self._failed: tuple[str, float] | None = None

    def address(self, started: Started, redirect_uri: str) -> str:
        """Return where the browser is sent to sign in."""
        digest = hashlib.sha256(started.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid profile email",
            "state": started.state,
            "nonce": started.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        endpoint = self._discovered()[0]["authorization_endpoint"]
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    def claims(self, code: str, started: Started, redirect_uri: str) -> dict[str, Any]:
        """Change a code for an ID token; return what it says once it is verified.

        Raises
        ------
        NotSignedIn
            If the provider does not take the code, or the ID token is not good.
        NotReady
            If the provider does not answer.
        """
        answer = self._ask(
            "POST",
            self._discovered()[0]["token_endpoint"],
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri,
                "code_verifier": started.verifier,
            },
            auth=(self._client.client_id, self._client.client_secret),
        )
        text = answer.get("id_token")
        if not isinstance(text, str):
            raise NotSignedIn("expected an ID token from the provider, but it sent none")
        return self._verified(text, started.nonce)

    def _verified(self, text: str, nonce: str) -> dict[str, Any]:
        expected = jwt.JWTClaimsRegistry(
            now=int(self._clock().timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self._client.issuer},
            aud={"essential": True, "value": self._client.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            token = self._decoded(text)
            expected.validate(token.claims)
        except (JoseError, ValueError, RecursionError) as error:
            raise NotSignedIn(f"the ID token of the provider is not good: {error}") from error
        claims = token.claims
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (several or "azp" in claims) and claims.get("azp") != self._client.client_id:
            raise NotSignedIn("the ID token was issued to another client (azp)")
        return claims

    def _decoded(self, text: str) -> jwt.Token:
        try:
            return jwt.decode(text, self._discovered()[1], algorithms=ALGORITHMS)
        except (JoseError, ValueError):  # it may have changed its keys since
            self._found = None
            return jwt.decode(text, self._discovered()[1], algorithms=ALGORITHMS)

    def _discovered(self) -> tuple[dict[str, Any], KeySet]:
        found = self._found  # another thread may drop it meanwhile
        if found is not None and self._now() < found[2]:
            return found[0], found[1]
        failed = self._failed
        if failed is not None and self._now() < failed[1]:
            raise NotReady(failed[0])
        try:
            document, keys = self._discover()
        except NotReady as error:
            self._failed = (str(error), self._now() + FAILED_SECONDS)
            raise
        self._failed = None
        self._found = (document, keys, self._now() + KEPT_SECONDS)
        return document, keys

    def _discover(self) -> tuple[dict[str, Any], KeySet]:
        issuer = self._client.issuer
        document = self._ask("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if document.get("issuer") != issuer:
            raise NotReady(
                f"expected the provider {issuer}, but it calls itself "
                f"{str(document.get('issuer'))[:100]!r}; set SATISPY_OIDC_ISSUER to that"
            )
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            require_safe(str(document.get(name)))
        keys = self._ask("GET", document["jwks_uri"])
        try:
            found = KeySet.import_key_set({"keys": keys["keys"]})
        except (JoseError, KeyError, TypeError, ValueError) as error:
            raise NotReady(f"the keys of the provider cannot be read: {error!r}") from error
        return document, found

    def _ask(self, method: str, url: str, **options: Any) -> dict[str, Any]:
        require_safe(url)
        try:
            with httpx.Client(timeout=PATIENCE_SECONDS, follow_redirects=False) as client:
                response = client.request(method, url, **options)
        except httpx.RequestError as error:
            raise NotReady(f"the provider does not answer: {error!r}") from error
        try:
            body = response.json() if len(response.content) <= LONGEST_ANSWER else None
        except ValueError:
            body = None
        if not response.is_success or not isinstance(body, dict):
            told = body.get("error") if isinstance(body, dict) else None
            message = f"the provider answered {response.status_code}: {str(told)[:100]!r}"
            raise NotSignedIn(message) if method == "POST" else NotReady(message)
        return body


def require_safe(url: str) -> None:
    """Refuse an address of a provider that others could listen to; `NotReady` then."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in AT_HOME):
        raise NotReady(f"expected an https address of the provider, but received {url[:100]!r}")
