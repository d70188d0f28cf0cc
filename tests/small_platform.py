"""A small platform of its own: database, API and page from the compose file, and away again."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from running_platform import Platform
from tool_module import load

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ("postgres:16", "python:3.12-slim-bookworm")
SERVICES = ("database", "prepare", "api", "page")


def require_engine() -> None:
    """Skip where no Docker engine answers: it is not ours to install, not even in CI."""
    if not shutil.which("docker"):
        pytest.skip("needs a Docker engine: there is no docker")
    told = subprocess.run(["docker", "info"], capture_output=True, text=True, check=False)
    if told.returncode != 0:
        pytest.skip("needs a Docker engine: `docker info` reaches none")
    for image in IMAGES:
        commands = (["docker", "image", "inspect", image], ["docker", "pull", image])
        if all(
            subprocess.run(one, capture_output=True, check=False).returncode for one in commands
        ):
            pytest.skip(
                f"needs the image {image}: the engine neither has it nor reaches a registry"
            )


@contextmanager
def small_platform(folder: Path, *overrides: Path) -> Iterator[Platform]:
    """Build, start and wait; afterwards remove containers, volumes and networks.

    Parameters
    ----------
    folder
        Where its secrets and settings are made, as `make init` makes them.
    overrides
        Compose files that change something.
    """
    environment = folder / ".env"
    name = f"satispytest{uuid4().hex[:8]}"
    api, page = free_ports(2)
    environment.write_text(
        f"SATISPY_NAME={name}\nSATISPY_API_PORT={api}\nSATISPY_UI_PORT={page}\n"
        f"SATISPY_WEB_NETWORK={free_network()}\n"
    )
    tool = load("production_secrets")
    tool.make_all(folder / "secrets", [environment], *tool.owner())
    words = ("docker", "compose", "--project-directory", str(ROOT), "--env-file", str(environment))
    words = (*words, "--file", str(ROOT / "docker-compose.yml"))
    for override in overrides:
        words = (*words, "--file", str(override))
    given = {name: value for name, value in os.environ.items() if not name.startswith("COMPOSE_")}
    try:
        for command in (("build", "api", "page"), ("up", "--detach", "--wait", "api", "page")):
            done = subprocess.run(
                [*words, *command], env=given, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr[-4000:]
        with_its_own = Platform(folder)
        yield with_its_own
        with_its_own.api.close()
    finally:
        subprocess.run(
            [*words, "down", "--volumes", "--timeout", "5"],
            env=given,
            capture_output=True,
            check=True,
        )


def free_ports(number: int) -> list[int]:
    """Return ports of this machine that nobody listens on."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def free_network() -> str:
    """Return the first three numbers of a network that the engine does not use."""
    listed = ["docker", "network", "ls", "--quiet"]
    networks = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split()
    shown = ["docker", "network", "inspect", *networks]
    taken = subprocess.run(shown, capture_output=True, text=True, check=True).stdout
    return next(
        network
        for network in (f"172.29.{third}" for third in range(100, 256))
        if f'"{network}.' not in taken
    )
