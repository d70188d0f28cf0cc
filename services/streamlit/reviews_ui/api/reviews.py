"""The base, to read: reviews found, how they are spread, the versions there were."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from reviews_ui.api.connection import Connection, Json
from reviews_ui.api.pages import Page, page_of

READING_SECONDS = 60.0
"""A search looks through the whole base, and the first one after a change reads it anew."""


@dataclass(frozen=True)
class Review:
    """One review of the base."""

    number: str
    text: str
    star: int
    source: str
    company: str
    date: str
    upload_id: str | None

    @classmethod
    def parse(cls, body: Json) -> "Review":
        """Read one entry of ``GET /comments``."""
        return cls(
            str(body["id"]),
            str(body["Commentaire"]),
            int(body["star"]),
            str(body.get("source") or ""),
            str(body.get("company") or ""),
            str(body.get("date") or ""),
            body.get("upload_id"),
        )


@dataclass(frozen=True)
class Question:
    """What narrows a search; what is empty does not."""

    text: str = ""
    stars: tuple[int, ...] = ()
    sources: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    def params(self) -> dict[str, Any]:
        """Return the query of ``GET /comments``."""
        return {
            name: value
            for name, value in {
                "text": self.text.strip(),
                "star": list(self.stars),
                "source": list(self.sources),
                "company": list(self.companies),
                "since": self.since.isoformat() if self.since else "",
                "until": self.until.isoformat() if self.until else "",
            }.items()
            if value
        }


@dataclass(frozen=True)
class Count:
    """How many reviews have a name in common; None: all the names that are not listed."""

    name: str | None
    rows: int


@dataclass(frozen=True)
class Month:
    """The reviews of a month (``YYYY-MM``), and the mean of their stars."""

    month: str
    rows: int
    mean_star: float


@dataclass(frozen=True)
class Statistics:
    """How the reviews of a version are spread."""

    version: int
    rows: int
    stars: tuple[Count, ...] = ()
    sources: tuple[Count, ...] = ()
    companies: tuple[Count, ...] = ()
    lengths: tuple[tuple[int, int | None, int], ...] = ()
    months: tuple[Month, ...] = field(default=())
    undated: int = 0

    @classmethod
    def parse(cls, body: Json) -> "Statistics":
        """Read the answer of ``GET /statistics``."""

        def counts(items: str, name: str) -> tuple[Count, ...]:
            return tuple(
                Count(None if item[name] is None else str(item[name]), int(item["rows"]))
                for item in body[items]
            )

        return cls(
            version=int(body["version"]),
            rows=int(body["rows"]),
            stars=counts("stars", "star"),
            sources=counts("sources", "source"),
            companies=counts("companies", "company"),
            lengths=tuple(
                (
                    int(item["from"]),
                    None if item["to"] is None else int(item["to"]),
                    int(item["rows"]),
                )
                for item in body["lengths"]
            ),
            months=tuple(
                Month(str(item["month"]), int(item["rows"]), float(item["mean_star"]))
                for item in body["months"]
            ),
            undated=int(body["undated"]),
        )


@dataclass(frozen=True)
class Version:
    """A dataset version: what made it, and whether it can be read still."""

    version: int
    kind: str
    accepted: int
    total: int
    filename: str
    received_by: str
    received_at: str
    readable: bool

    @classmethod
    def parse(cls, body: Json) -> "Version":
        """Read one entry of ``GET /versions``."""
        return cls(
            int(body["version"]),
            str(body["kind"]),
            int(body["rows_accepted"]),
            int(body["rows_total"]),
            str(body.get("filename") or ""),
            str(body["received_by"]),
            str(body["received_at"]),
            bool(body["readable"]),
        )


def found(api: Connection, question: Question, page: int, page_size: int) -> Page[Review]:
    """Return the reviews that answer, the last added first."""
    asked = {"page": page, "page_size": page_size, **question.params()}
    return api.ask("GET", "/comments", page_of(Review.parse), params=asked, seconds=READING_SECONDS)


def statistics(api: Connection) -> Statistics:
    """Return how the reviews of the newest version are spread."""
    return api.ask("GET", "/statistics", Statistics.parse, seconds=READING_SECONDS)


def versions(api: Connection, page: int, page_size: int) -> Page[Version]:
    """Return the dataset versions, newest first."""
    asked = {"page": page, "page_size": page_size}
    return api.ask("GET", "/versions", page_of(Version.parse), params=asked)
