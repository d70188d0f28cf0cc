"""The API as `satispy api` and the stack start it: a process of its own, with TLS and a proxy."""

import os
import socket
import ssl
import stat
import subprocess

import httpx2 as httpx
import pytest

from certificates import write_certificate
from reviews_ui.api import accounts
from reviews_ui.api import connection as page
from satispy.core.settings import load_settings, repository
from satispy.stack.addresses import api_url
from satispy.stack.components import api_command, shared_environment
from satispy.stack.ports import free_port
from satispy.stack.tls import trust


@pytest.fixture
def served(home, tmp_path, monkeypatch):
    """Serve the home over TLS to a proxy on this machine; return its settings."""
    certificate, key = write_certificate(tmp_path)
    for name, value in {
        "TLS_CERT": certificate,
        "TLS_KEY": key,
        "TRUSTED_PROXIES": "127.0.0.1",
        "API_PORT": free_port(),
        "SIGN_IN_FAILURES": 3,
    }.items():
        monkeypatch.setenv(f"SATISPY_{name}", str(value))
    settings = load_settings()
    log = tmp_path / "api.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            api_command(settings),
            env=shared_environment(settings, os.environ),
            cwd=repository(),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            with httpx.Client(trust_env=False, verify=trust(settings)) as client:
                while True:
                    assert process.poll() is None, log.read_text()
                    try:
                        client.get(f"{api_url(settings)}/health")
                        break
                    except httpx.ConnectError:
                        continue
            yield settings
        finally:
            process.terminate()
            process.wait()
    assert "Traceback" not in log.read_text()


@pytest.fixture
def ask(served):
    with httpx.Client(
        base_url=api_url(served), verify=trust(served), trust_env=False, timeout=30
    ) as client:
        yield client.get


def test_it_speaks_tls_believes_its_proxy_and_hides_what_it_is(served, ask, user, monkeypatch):
    answer = ask("/status", auth=user)
    assert answer.status_code == 200
    assert answer.headers["Strict-Transport-Security"]
    assert "Server" not in answer.headers

    for number in range(3):
        far = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
        assert ask("/status", auth=("alice", f"wrong {number}"), headers=far).status_code == 401
    assert ask("/status", auth=("alice", "wrong"), headers=far).status_code == 429
    # The proxy appends; what stands before was said by the client, and changes nothing.
    far = {"X-Forwarded-For": "203.0.113.10, 198.51.100.7"}
    assert ask("/status", auth=("alice", "wrong"), headers=far).status_code == 429
    far = {"X-Forwarded-For": "198.51.100.8"}
    assert ask("/status", auth=("alice", "wrong"), headers=far).status_code == 401
    assert ask("/status", auth=user).status_code == 200

    page._tls.cache_clear()
    stranger = page.Connection(api_url(served))
    given = accounts.token(stranger, *user)
    who = accounts.account(stranger.with_token(given.text))
    page._tls.cache_clear()
    assert who.username == "alice"

    # Nobody else's certificate will do, not even for the page next door.
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{api_url(served)}/health", trust_env=False)

    with (
        socket.create_connection(("127.0.0.1", served.api_port), timeout=30) as plain,
        _wrapped(plain) as connection,
    ):
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 40_000)
        assert connection.recv(65_536).startswith(b"HTTP/1.1 431 ")

    for path in (served.paths.database, *served.paths.clean_data.glob("satispy.sqlite3-*")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def _wrapped(plain):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # what is trusted is asked above
    return context.wrap_socket(plain)
