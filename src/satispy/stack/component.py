"""What a component is: a command, how to tell that it answers, how long it may take to stop."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx

MARK = "SATISPY_STACK"
"""Environment variable that names the home of the stack a process belongs to."""

COMPONENT = "SATISPY_COMPONENT"
"""Environment variable that names the component that a process belongs to."""


@dataclass(frozen=True)
class Port:
    """A port that a component listens on, and the setting that moves it.

    `host` is the address that it listens on, where that is not the one of all components.
    """

    number: int
    setting: str
    host: str | None = None


@dataclass(frozen=True)
class Probe:
    """One HTTP question that a ready component answers.

    Attributes
    ----------
    url
        Answered with 200 by a component that is ready.
    field
        Dotted path into the JSON answer, such as ``scheduler.status``; None where 200 is enough.
    expected
        What stands at `field` once the component is ready.
    """

    url: str
    field: str | None = None
    expected: str | None = None

    def answers(self, client: httpx.Client) -> bool:
        """Tell whether the component is ready; False while it refuses or is still warming up."""
        try:
            response = client.get(self.url)
            if response.status_code != httpx.codes.OK:
                return False
            if self.field is None:
                return True
            value: Any = response.json()
        except (httpx.TransportError, ValueError):
            return False
        for key in self.field.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        return bool(value == self.expected)


@dataclass(frozen=True)
class Component:
    """One process of the stack.

    Attributes
    ----------
    name
        Name in messages, and of the log ``logs/<name>.log``.
    command
        Program and arguments.
    environment
        All variables of the process; the supervisor adds its marks.
    folder
        Working folder.
    once
        True for a preparation that must end with 0 before the next component starts.
    fresh
        Folders that are made, and emptied, before each of its starts.
    port
        What it listens on, or None.
    probes
        All must answer before the stack is ready; asked in order.
    address
        What a person opens in a browser, or None.
    stop_turn
        Components are stopped in rising order of this number.
    ready_seconds, stop_seconds
        How long starting may take; how long after SIGTERM before SIGKILL.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    once: bool = False
    fresh: tuple[Path, ...] = ()
    port: Port | None = None
    probes: tuple[Probe, ...] = ()
    address: str | None = None
    stop_turn: int = 0
    ready_seconds: float = 120.0
    stop_seconds: float = 10.0
