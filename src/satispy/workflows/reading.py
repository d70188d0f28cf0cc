"""Reading the base: its reviews searched, how they are spread, the versions there were."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from satispy.data.search import Found, Question
from satispy.workflows.opening import Home

__all__ = ["PastVersion", "Question", "Review", "past_versions", "search_reviews", "statistics"]


@dataclass(frozen=True)
class Review:
    """A row of the base; `upload_id` is None where it came otherwise, or was rewritten since."""

    id: int
    Commentaire: str
    star: int
    source: str
    company: str
    date: date | None
    upload_id: str | None


@dataclass(frozen=True)
class PastVersion:
    """A dataset version: what made it, how many rows that brought, whether it can be read still."""

    version: int
    kind: str
    rows_accepted: int
    rows_total: int
    upload_id: str | None
    filename: str | None
    received_by: str
    received_at: datetime
    readable: bool


def search_reviews(
    home: Home, question: Question, *, page: int, page_size: int
) -> tuple[list[Review], int]:
    """Return a page of the reviews that answer, the last added first, and how many there are.

    Raises
    ------
    InvalidInput
        If the text to look for has no words.
    BaseDamaged
        If the base is not as it was committed.
    """
    rows, total = home.search.page(question, offset=(page - 1) * page_size, limit=page_size)
    uploads = home.store.history.upload_ids({row.entry for row in rows})
    return [_review(row, uploads.get(row.entry)) for row in rows], total


def statistics(home: Home) -> dict[str, Any]:
    """Return how the reviews of the newest version are spread.

    Raises
    ------
    BaseDamaged
        If the base is not as it was committed.
    """
    view = home.search.view()
    found = view.statistics
    companies = [{"company": name, "rows": rows} for name, rows in found.companies]
    if found.other_companies:
        companies.append({"company": None, "rows": found.other_companies})
    return {
        "version": view.head.number,
        "rows": found.rows,
        "stars": [{"star": star, "rows": rows} for star, rows in found.stars.items()],
        "sources": [{"source": name, "rows": rows} for name, rows in found.sources],
        "companies": companies,
        "lengths": [{"from": one.begin, "to": one.end, "rows": one.rows} for one in found.lengths],
        "months": [vars(one) for one in found.months],
        "undated": found.undated,
    }


def past_versions(home: Home, *, page: int, page_size: int) -> tuple[list[PastVersion], int]:
    """Return a page of the dataset versions, newest first, and the number of all."""
    head = home.store.history.current()
    entries = home.store.history.newest(page_size, offset=(page - 1) * page_size)
    items = [
        PastVersion(
            entry.number,
            entry.kind,
            entry.rows_accepted,
            entry.rows_total,
            entry.upload_id,
            entry.filename,
            entry.received_by,
            entry.received_at,
            entry.generation == head.generation,
        )
        for entry in entries
    ]
    return items, head.number + 1


def _review(row: Found, upload_id: str | None) -> Review:
    return Review(row.id, row.text, row.star, row.source, row.company, row.date, upload_id)
