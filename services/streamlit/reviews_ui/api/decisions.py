"""What was decided about which model answers, and when."""

from dataclasses import dataclass

from reviews_ui.api.connection import Connection, Json

MOST = 500  # that the API gives at once


@dataclass(frozen=True)
class Decision:
    """One line of the history of what serves; `event` is one word of the API's."""

    at: str
    event: str
    family: str
    run: str
    previous: str | None
    by: str
    reason: str

    @classmethod
    def parse(cls, body: Json) -> "Decision":
        """Read one entry of ``items`` of ``GET /promotions``."""
        previous = body.get("previous")
        return cls(
            at=str(body["at"]),
            event=str(body["event"]),
            family=str(body["family"]),
            run=str(body["run"]),
            previous=None if previous is None else str(previous),
            by=str(body["by"]),
            reason=str(body["reason"]),
        )


@dataclass(frozen=True)
class Decisions:
    """The newest decisions, oldest first, and how many there are in all."""

    items: tuple[Decision, ...]
    total: int

    @classmethod
    def parse(cls, body: Json) -> "Decisions":
        """Read the answer of ``GET /promotions``, which has the newest first."""
        items = tuple(Decision.parse(item) for item in body["items"])
        return cls(items[::-1], int(body["total"]))


@dataclass(frozen=True)
class Reign:
    """How long one family was champion; `until` is None while it is, `since` where unknown."""

    family: str
    since: str | None
    until: str | None


def reigns(decisions: Decisions) -> tuple[Reign, ...]:
    """Return who was champion from when to when, oldest first."""
    changes = [one for one in decisions.items if one.event == "champion"]
    if not changes:
        return ()
    first = changes[0]
    before = [Reign(first.previous, None, first.at)] if first.previous else []
    ends: list[str | None] = [one.at for one in changes[1:]]
    return (
        *before,
        *(Reign(one.family, one.at, end) for one, end in zip(changes, [*ends, None], strict=True)),
    )


def decisions(api: Connection) -> Decisions:
    """Return the newest decisions."""
    return api.ask("GET", "/promotions", Decisions.parse, params={"limit": MOST})
