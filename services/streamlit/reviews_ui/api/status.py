"""The state of the base, in one glance."""

from dataclasses import dataclass

from reviews_ui.api.connection import Connection, Json


@dataclass(frozen=True)
class Status:
    """The state of the base: its version and its rows, both 0 before the first upload."""

    dataset_version: int
    rows: int

    @classmethod
    def parse(cls, body: Json) -> "Status":
        """Read the answer of ``GET /status``."""
        dataset = body["dataset"]
        return cls(int(dataset["version"]), int(dataset["rows"]))


def status(api: Connection) -> Status:
    """Return the state of the base."""
    return api.ask("GET", "/status", Status.parse)
