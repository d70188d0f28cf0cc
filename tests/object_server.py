"""An S3 server of the test's own: moto's, in a process of its own environment."""

import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

from requires import missing

SERVER = Path(__file__).resolve().parents[1] / ".venv-moto" / "bin" / "moto_server"
KEY_ID, KEY = "reviews", "of no worth: moto asks for none"


@contextmanager
def object_server() -> Iterator[str]:
    """Yield the address of a server; it forgets everything in the end."""
    if not SERVER.exists():
        missing("an S3 server", "run python3 tools/bootstrap.py moto")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(
        [SERVER, "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            _wait_for(server, address)
            yield address
        finally:
            server.terminate()


def make_bucket(address: str, name: str) -> str:
    """Make a bucket; return its address as the settings name it."""
    request = urllib.request.Request(f"{address}/{name}", method="PUT")  # noqa: S310 - http, ours
    urllib.request.urlopen(request, timeout=30).close()  # noqa: S310 - http, ours
    return f"s3://{name}"


def options_of(server: str, **more: object) -> dict[str, object]:
    """Return what `ObjectStore` is to know of the server."""
    return {
        "endpoint": server,
        "client_options": {"allow_http": True},
        "access_key_id": KEY_ID,
        "secret_access_key": KEY,
        **more,
    }


def _wait_for(server: "subprocess.Popen[bytes]", address: str) -> None:
    while server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 - http, ours
        except (URLError, ConnectionError):
            continue
        return
    raise RuntimeError(f"{SERVER} ended with {server.returncode} before it answered")
