"""Ports: which are free, and who has the one that is not."""

import contextlib
import errno
import socket
from collections.abc import Iterable

import psutil

from satispy.core.errors import StackError
from satispy.stack.component import Port
from satispy.stack.processes import GONE, describe


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind((host, 0))
        number: int = listener.getsockname()[1]
    return number


def is_free(host: str, number: int) -> bool:
    """Tell whether we could listen on a port now.

    Raises
    ------
    StackError
        If the address itself is impossible or the port is reserved for root.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        # As the servers do: a port whose last connections are only fading out is free.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, number))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise StackError(
                f"cannot listen on {host}:{number}: {error.strerror}. "
                "Set SATISPY_HOST to an address of this machine and ports above 1023."
            ) from error
    return True


def holder(number: int) -> str:
    """Name the process that listens on a port, as far as we may know it."""
    with contextlib.suppress(psutil.AccessDenied):
        for connection in psutil.net_connections("tcp"):
            if connection.status != psutil.CONN_LISTEN or not connection.laddr:
                continue
            if connection.laddr.port != number:
                continue
            if connection.pid is None:
                break
            with contextlib.suppress(*GONE):
                return describe(psutil.Process(connection.pid))
    return "a process that this user may not see"


def require_free(host: str, ports: Iterable[Port]) -> None:
    """Refuse to start anything where a port is taken or named twice.

    Raises
    ------
    StackError
        Naming each taken port, its setting and who has it.
    """
    taken, twice = [], []
    seen: dict[int, str] = {}
    for port in ports:
        if other := seen.get(port.number):
            twice.append(f"{port.setting} and {other} both name port {port.number}")
        elif not is_free(port.host or host, port.number):
            taken.append(f"port {port.number} ({port.setting}) is taken by {holder(port.number)}")
        seen[port.number] = port.setting
    remedies = []
    if taken:
        remedies.append("Stop what listens there, or set another port in the variable named.")
    if twice:
        remedies.append("Give each variable a port of its own.")
    if remedies:
        raise StackError(f"nothing was started: {'; '.join(twice + taken)}. {' '.join(remedies)}")
