"""The real Streamlit, serving the page as `make up` does."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2 as httpx
import pytest

from ui.visitor import APP

READY_SECONDS = 60


@contextmanager
def page_running(root: Path, api_url: str, folder: Path) -> Iterator[str]:
    """Yield the address of a page that asks the API at `api_url`.

    It runs in another folder, to prove that the settings beside the script are found.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url, log = f"http://127.0.0.1:{port}", folder / "page.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", root / APP, "--server.port", str(port)],
            cwd=folder,
            env={**os.environ, "SATISPY_API_URL": api_url},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_until_healthy(url, process, log)
            yield url
        finally:
            process.terminate()
            process.wait(30)


def wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{url}/_stcore/health", trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"the page did not start within {READY_SECONDS} s: {log.read_text()}")
