"""Homes for the benchmarks: new ones, served by the real API, used from processes of their own."""

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from satispy.core.settings import Settings, repository
from satispy.stack.addresses import api_url
from satispy.stack.components import api_command, shared_environment
from satispy.stack.ports import free_port
from satispy.workflows.accounts import Role, add_user, open_accounts

USER, PASSWORD = "bench", "bench-password"
HTTP_CLIENTS = Path(__file__).with_name("http_clients.py")

Figures = dict[str, Any]


@contextmanager
def new_home(folder: Path, server: Any = None) -> Iterator[Settings]:
    """Give a home that is not there yet, on a database of `server` if given; remove it then."""
    with ExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory(dir=folder))
        url = stack.enter_context(server.database()) if server else None
        yield Settings(home=Path(home), database_url=url, api_port=free_port())


@contextmanager
def running_api(settings: Settings, role: Role | None) -> Iterator[int]:
    """Serve a home to a user of this role as the stack does; yield the process id.

    None where the user is there already.
    """
    if role is not None:
        with open_accounts(settings) as accounts:
            add_user(accounts, USER, PASSWORD, role)
    process = subprocess.Popen(
        api_command(settings),
        env=shared_environment(settings, os.environ),
        cwd=repository(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not answers(settings):
            if process.poll() is not None:
                raise RuntimeError(f"the API ended with {process.returncode}")
            time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def answers(settings: Settings) -> bool:
    """Tell whether the API is alive."""
    try:
        with urlopen(f"{api_url(settings)}/health", timeout=5):  # noqa: S310  our own
            return True
    except URLError:
        return False


def clients(what: str, settings: Settings, *rest: str) -> Figures:
    """Run `http_clients.py`."""
    command = [sys.executable, HTTP_CLIENTS, what, str(settings.api_port), USER, PASSWORD, *rest]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    found: Figures = json.loads(done.stdout)
    return found


def apart(function: Callable[..., Any], *arguments: object) -> Any:
    """Call a function in a new process, which remembers no peak but its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def peak_mib(process: int) -> float:
    """Return the most memory that a process has held (VmHWM)."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
