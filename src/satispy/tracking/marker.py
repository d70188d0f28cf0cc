"""How much of a home a server was told: one small file, so that to ask costs next to nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from satispy.core.errors import ArtifactDamaged
from satispy.core.files import read_json, write_json


@dataclass(frozen=True)
class Marker:
    """What is known to be told.

    Attributes
    ----------
    server
        The mark of its address.
    experiment
        Of the server; another number means that the server began anew.
    history_bytes
        Length of the history of decisions as of which versions and aliases are.
    runs
        Names of the runs that it has.
    """

    server: str = ""
    experiment: str = ""
    history_bytes: int = -1
    runs: Sequence[str] = ()

    @classmethod
    def read(cls, path: Path) -> Marker:
        """Return what the file says; nothing is told where there is none that makes sense."""
        try:
            return cls(**read_json(path))
        except (FileNotFoundError, ArtifactDamaged, TypeError):
            return cls()

    def write(self, path: Path) -> None:
        """Replace the file."""
        write_json(path, asdict(self))

    def covers(self, server: str, history_bytes: int, runs: Sequence[str]) -> bool:
        """Tell whether this server knows all of this."""
        as_of = (self.server, self.history_bytes)
        return as_of == (server, history_bytes) and set(runs) <= set(self.runs)

    def with_run(self, name: str) -> Marker:
        """Return a marker that knows one run more."""
        return replace(self, runs=sorted({*self.runs, name}))
