"""The state of the base, in one glance."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reviews_ui.api.connection import Connection, Json


@dataclass(frozen=True)
class Status:
    """The state of the base: its version and its rows, both 0 before the first upload.

    `serving` holds the run that answers, by family.
    """

    dataset_version: int
    rows: int
    serving: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, body: Json) -> "Status":
        """Read the answer of ``GET /status``."""
        dataset = body["dataset"]
        serving = {str(family): str(run) for family, run in body["serving"].items()}
        return cls(int(dataset["version"]), int(dataset["rows"]), serving)


def status(api: Connection) -> Status:
    """Return the state of the base."""
    return api.ask("GET", "/status", Status.parse)
