"""Is a Celery worker at work? ``python -m satispy.stack.worker_health``, in its container.

A worker that lives holds a connection to Redis. Celery's own `inspect ping` says more, and takes
seconds of a processor each time; this takes a twentieth of one, and the standard library.
"""

import socket
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

BROKER = Path("/run/secrets/airflow_broker_url")
SECONDS = 4.0
OURS = b"name=satispy-health"


def connections(broker: str) -> list[str]:
    """Return what Redis says of each connection that comes from this machine, but for ours.

    Parameters
    ----------
    broker
        As ``redis://:password@host:port/0``.

    Raises
    ------
    OSError
        If Redis does not answer, or does not let us in.
    """
    url = urlsplit(broker)
    wanted = (
        *(("AUTH", unquote(url.password or "")), ("CLIENT", "SETNAME", "satispy-health")),
        ("CLIENT", "LIST"),
    )
    with socket.create_connection((str(url.hostname), url.port or 6379), SECONDS) as redis:
        redis.sendall(b"".join(map(command, wanted)))
        here = redis.getsockname()[0]
        answers = redis.makefile("rb")
        for words in wanted[:-1]:
            if (said := answers.readline()) != b"+OK\r\n":
                raise OSError(f"expected OK of Redis to {words[0]}, but it says {said[:60]!r}")
        length = int(answers.readline().removeprefix(b"$"))
        listed = answers.read(length).splitlines()
    mark = f" addr={here}:".encode()
    return [line.decode() for line in listed if mark in line and OURS not in line]


def command(words: tuple[str, ...]) -> bytes:
    """Return a command as Redis reads it."""
    parts = [f"${len(word.encode())}\r\n{word}\r\n" for word in words]
    return f"*{len(words)}\r\n{''.join(parts)}".encode()


def main() -> int:
    """Return 0 where the worker is connected."""
    try:
        found = connections(BROKER.read_text(encoding="utf-8").strip())
    except OSError as error:
        sys.stdout.write(f"Redis cannot be asked: {error}\n")
        return 1
    if not found:
        sys.stdout.write("expected a connection of the worker to Redis, but there is none\n")
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
