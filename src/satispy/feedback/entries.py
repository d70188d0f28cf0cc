"""Corrections, each decided once: the table, and what is written to and read from it.

::

    waiting ──accept──► accepted     a row of the base says it, `review_id`
       └─────reject──► rejected
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Index,
    Integer,
    String,
    Table,
    Text,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Connection

from satispy.core.database import METADATA, UtcDateTime
from satispy.core.errors import AlreadyDecided, NotFound

State = Literal["waiting", "accepted", "rejected"]
STATES: tuple[State, ...] = get_args(State)

LARGEST_ID = (1 << 31) - 1
"""What PostgreSQL's integer takes; beyond it there is no entry to ask for."""

FEEDBACK = Table(
    "feedback",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("star", Integer, nullable=False),
    Column("prediction_id", String(32)),
    Column("comment", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("decided_by", Text),
    Column("decided_at", UtcDateTime),
    Column("reason", Text),
    Column("review_id", BigInteger),
    Column("replaces", BigInteger),
    Index("ix_feedback_state", "state", "id"),
    Index("ix_feedback_author", "author", "id"),
    Index("ix_feedback_review_id", "review_id"),
    Index("ix_feedback_replaces", "replaces"),
    sqlite_autoincrement=True,  # an id is given once, also after an erasure
)


@dataclass(frozen=True)
class NewFeedback:
    """A correction as it comes.

    Attributes
    ----------
    text, star
        The review, and how many stars (1 to 5) it should have.
    author
        Who says so.
    prediction_id
        The answer that it corrects, where it corrects one.
    comment
        What else the author says.
    """

    text: str
    star: int
    author: str
    prediction_id: str | None = None
    comment: str = ""


@dataclass(frozen=True)
class Feedback(NewFeedback):
    """A correction, and what became of it.

    Attributes
    ----------
    id, at
        Its number; when it came (UTC).
    state
        ``waiting``, ``accepted`` or ``rejected``.
    decided_by, decided_at, reason
        Who decided, when, and why.
    review_id
        The ``inID`` of the row of the base that says so; of an accepted one alone.
    replaces
        The ``inID`` of the row that it stands in for when models learn; None where it replaces
        none.
    """

    id: int = 0
    at: datetime = datetime.min
    state: State = "waiting"
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None
    review_id: int | None = None
    replaces: int | None = None


@dataclass(frozen=True)
class Decision:
    """What somebody decided, and which rows of the base it concerns."""

    state: State
    by: str
    at: datetime
    reason: str | None = None
    review_id: int | None = None
    replaces: int | None = None


def add(connection: Connection, new: NewFeedback, now: datetime) -> Feedback:
    """Add a correction; the same one of the same author, which waits still, is answered again."""
    same = and_(*(FEEDBACK.c[name] == value for name, value in asdict(new).items()))
    if new.prediction_id is None:
        same = and_(same, FEEDBACK.c.prediction_id.is_(None))
    waits = FEEDBACK.c.state == "waiting"
    known = connection.execute(select(FEEDBACK).where(waits, same)).first()
    if known is not None:
        return Feedback(**known._mapping)
    values = {**asdict(new), "at": now, "state": "waiting"}
    done = connection.execute(insert(FEEDBACK).values(values))
    (number,) = done.inserted_primary_key or (0,)
    return find(connection, int(number))


def find(connection: Connection, number: int) -> Feedback:
    """Return the correction with this id; `NotFound` where there is none."""
    row = None
    if 0 < number <= LARGEST_ID:
        row = connection.execute(select(FEEDBACK).where(FEEDBACK.c.id == number)).first()
    if row is None:
        raise NotFound(f"no feedback {str(number)[:20]}; GET /feedback lists what there is")
    return Feedback(**row._mapping)


def page(
    connection: Connection, *, state: State | None, author: str | None, offset: int, limit: int
) -> tuple[list[Feedback], int]:
    """Return corrections, newest first, and how many there are; None asks for every one."""
    wanted: list[ColumnElement[bool]] = []
    if state is not None:
        wanted.append(FEEDBACK.c.state == state)
    if author is not None:
        wanted.append(FEEDBACK.c.author == author)
    asked = select(FEEDBACK).where(*wanted).order_by(FEEDBACK.c.id.desc())
    rows = connection.execute(asked.offset(offset).limit(limit))
    total = connection.execute(select(func.count()).select_from(FEEDBACK).where(*wanted))
    return [Feedback(**row._mapping) for row in rows], total.scalar_one()


def require_undecided(entry: Feedback, state: State) -> bool:
    """Tell whether a decision is still to be made; False where just this one was.

    Raises
    ------
    AlreadyDecided
        If the other one was made.
    """
    if entry.state == "waiting":
        return True
    if entry.state == state:
        return False
    raise AlreadyDecided(
        f"feedback {entry.id} was {entry.state} by {entry.decided_by} on "
        f"{entry.decided_at:%Y-%m-%d %H:%M} UTC; nothing was changed"
    )


def decide(connection: Connection, number: int, decision: Decision, *, text: str) -> Feedback:
    """Write a decision down; `text` is the review as the base has it."""
    connection.execute(
        update(FEEDBACK)
        .where(FEEDBACK.c.id == number)
        .values(
            state=decision.state,
            decided_by=decision.by,
            decided_at=decision.at,
            reason=decision.reason,
            review_id=decision.review_id,
            replaces=decision.replaces,
            text=text,
        )
    )
    return find(connection, number)


def waiting(connection: Connection) -> int:
    """Return how many wait for a decision."""
    asked = select(func.count()).select_from(FEEDBACK).where(FEEDBACK.c.state == "waiting")
    return int(connection.execute(asked).scalar_one())


def replacements(connection: Connection) -> dict[int, int]:
    """Return which row stands in for which: the former's ``inID`` to the newer one's."""
    asked = (
        select(FEEDBACK.c.replaces, FEEDBACK.c.review_id)
        .where(FEEDBACK.c.replaces.is_not(None), FEEDBACK.c.review_id.is_not(None))
        .order_by(FEEDBACK.c.id)
    )
    return {row.replaces: row.review_id for row in connection.execute(asked)}


def erase(connection: Connection, number: int) -> None:
    """Remove a correction for good, its text with it."""
    connection.execute(delete(FEEDBACK).where(FEEDBACK.c.id == number))


def forget_rows(
    connection: Connection, row_ids: Collection[int], texts: Collection[str]
) -> list[int]:
    """Remove what erased rows leave behind here, and return the ids of it.

    That is each correction which became one of these rows, and, whatever was decided about it,
    each with one of these texts that is not behind a row which stays.
    """
    gone = []
    asked = select(FEEDBACK.c.id, FEEDBACK.c.text, FEEDBACK.c.review_id)
    for row in connection.execute(asked).all():
        became_one = row.review_id in row_ids
        if became_one or (row.review_id is None and row.text in texts):
            gone.append(int(row.id))
    for number in gone:
        erase(connection, number)
    return gone


def mask(connection: Connection, masked: Callable[[list[str]], list[str]]) -> int:
    """Mask every text that people wrote here; return how many corrections that changed."""
    names = ("text", "comment", "reason")
    rows = connection.execute(
        select(FEEDBACK.c.id, *(FEEDBACK.c[name] for name in names))
        .where(or_(FEEDBACK.c.text != "", FEEDBACK.c.comment != ""))
        .order_by(FEEDBACK.c.id)
    ).all()
    changed: set[int] = set()
    for name in names:
        before = [getattr(row, name) or "" for row in rows]
        for row, old, new in zip(rows, before, masked(before), strict=True):
            if new != old:
                changed.add(row.id)
                connection.execute(
                    update(FEEDBACK).where(FEEDBACK.c.id == row.id).values({name: new})
                )
    return len(changed)
