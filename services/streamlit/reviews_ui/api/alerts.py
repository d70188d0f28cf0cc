"""What was found red: open alerts, and those that have ended."""

from dataclasses import dataclass

from reviews_ui.api.connection import Connection, Json
from reviews_ui.api.reading import maybe


@dataclass(frozen=True)
class KeptAlert:
    """One entry of ``GET /alerts``; it is open while `ended_at` is None.

    `slice` reads like ``source: TrustPilot``; what does not apply is None.
    """

    id: str
    kind: str
    family: str | None
    metric: str | None
    slice: str | None
    run: str | None
    value: float | None
    threshold: float | None
    detail: str
    since: str
    ended_at: str | None

    @classmethod
    def parse(cls, body: Json) -> "KeptAlert":
        """Read one entry of ``items``."""
        return cls(
            id=str(body["id"]),
            kind=str(body["kind"]),
            family=maybe(str, body["family"]),
            metric=maybe(str, body["metric"]),
            slice=maybe(str, body["slice"]),
            run=maybe(str, body["run"]),
            value=maybe(float, body["value"]),
            threshold=maybe(float, body["threshold"]),
            detail=str(body["detail"]),
            since=str(body["since"]),
            ended_at=maybe(str, body["ended_at"]),
        )


@dataclass(frozen=True)
class KeptAlerts:
    """The answer of ``GET /alerts``: open ones first, then the newest that have ended."""

    items: tuple[KeptAlert, ...]
    open: int

    @classmethod
    def parse(cls, body: Json) -> "KeptAlerts":
        """Read it."""
        return cls(tuple(KeptAlert.parse(item) for item in body["items"]), int(body["open"]))

    def still_open(self) -> tuple[KeptAlert, ...]:
        """Return those that have not ended."""
        return tuple(alert for alert in self.items if alert.ended_at is None)


def kept_alerts(api: Connection) -> KeptAlerts:
    """Return the alerts that the installation keeps."""
    return api.ask("GET", "/alerts", KeptAlerts.parse)
