"""Corrections of predictions: what was said, what an admin decided."""

from dataclasses import dataclass

from reviews_ui.api.connection import Connection, Json
from reviews_ui.api.pages import Page, page_of

STATES = ("waiting", "accepted", "rejected")


@dataclass(frozen=True)
class Feedback:
    """A correction: the star that a text should have, by whom, and what became of it."""

    number: int
    text: str
    star: int
    comment: str
    author: str
    at: str
    state: str
    decided_by: str | None
    decided_at: str | None
    reason: str | None
    review_id: str | None

    @classmethod
    def parse(cls, body: Json) -> "Feedback":
        """Read a Feedback of ``/feedback``."""
        review = body.get("review_id")
        return cls(
            number=int(body["id"]),
            text=str(body["text"]),
            star=int(body["star"]),
            comment=str(body.get("comment") or ""),
            author=str(body["author"]),
            at=str(body["at"]),
            state=str(body["state"]),
            decided_by=body.get("decided_by"),
            decided_at=body.get("decided_at"),
            reason=body.get("reason"),
            review_id=None if review is None else str(review),
        )


def give(
    api: Connection, text: str, star: int, prediction_id: str | None, comment: str
) -> Feedback:
    """Record which star a text should have; sent again while it waits, it is recorded once."""
    asked = {"text": text, "star": star, "comment": comment}
    if prediction_id is not None:
        asked["prediction_id"] = prediction_id
    return api.ask("POST", "/feedback", Feedback.parse, json=asked)


def listed(api: Connection, state: str | None, page: int, page_size: int) -> Page[Feedback]:
    """Return one's own corrections, an admin all of them; of one state where it is given."""
    asked = {"page": page, "page_size": page_size} | ({"state": state} if state else {})
    return api.ask("GET", "/feedback", page_of(Feedback.parse), params=asked)


def accept(api: Connection, number: int) -> Feedback:
    """Have the base say it; `Conflict` where it was rejected before."""
    return api.ask("POST", f"/feedback/{number}/accept", Feedback.parse)


def reject(api: Connection, number: int, reason: str) -> Feedback:
    """Leave the base as it is; `Conflict` where it was accepted before."""
    asked = {"reason": reason} if reason else {}
    return api.ask("POST", f"/feedback/{number}/reject", Feedback.parse, json=asked)
