"""A small provider of OpenID Connect over real HTTP, which tests can make lie."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "satispy", "between the two of us"


class FakeProvider:
    """Signs in whomever the test says, and checks what a provider checks."""

    def __init__(self) -> None:
        self.issuer = ""
        self.key = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
        self.signing: Any = self.key
        self.algorithm = "RS256"
        self.lies: dict[str, Any] = {}
        self.asked: dict[str, str] = {}

    def sign_in(self, address: str) -> str:
        """Do what a person does at the address that our API redirected to; return a code."""
        parts = urlsplit(address)
        self.asked = {name: value[0] for name, value in parse_qs(parts.query).items()}
        assert address.startswith(f"{self.issuer}/authorize?")
        assert self.asked["response_type"] == "code"
        assert self.asked["client_id"] == CLIENT
        assert self.asked["code_challenge_method"] == "S256"
        return "the code"

    def answer(self, path: str, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.lies.get("discovered", self.issuer),
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            }
        if path == "/keys":
            return 200, {"keys": [self.key.as_dict(private=False)]}
        pair = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            path != "/token"
            or form.get("code") != "the code"
            or challenge != self.asked["code_challenge"]
            or form.get("redirect_uri") != self.asked["redirect_uri"]
            or authorization != f"Basic {pair}"
        ):
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "4711",
            "exp": now + 300,
            "iat": now,
            "nonce": self.asked["nonce"],
            "preferred_username": "zoe",
            "groups": ["reviewers"],
        } | self.lies
        missing = {name for name, value in claims.items() if value is None and name != "groups"}
        claims = {name: value for name, value in claims.items() if name not in missing}
        header = {"alg": self.algorithm, "kid": "first"}
        text = jwt.encode(header, claims, self.signing, algorithms=[self.algorithm])
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": text}


def secret_key() -> OctKey:
    """Return the client's secret as a key: what an attacker hopes that we accept."""
    return OctKey.import_key(SECRET)


@contextmanager
def provider() -> Iterator[FakeProvider]:
    """Run it on this machine."""
    fake = FakeProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            form = parse_qs(self.rfile.read(length).decode())
            status, body = fake.answer(
                urlsplit(self.path).path,
                {name: value[0] for name, value in form.items()},
                self.headers.get("Authorization", ""),
            )
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET

        def log_message(self, *_arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        fake.issuer = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield fake
        finally:
            server.shutdown()
            thread.join()
