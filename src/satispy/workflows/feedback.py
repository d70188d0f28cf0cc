"""Corrections by people: recorded, decided once, and, where accepted, rows of the base.

The decision and the ledger row of what it appends are one transaction: whoever is killed in between
leaves a correction that waits, and a tail behind the base which the next writer cuts off.
"""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl
from sqlalchemy.engine import Connection

from satispy.core.errors import InvalidInput, NotFound
from satispy.data.ledger import Entry
from satispy.data.rows import Rows
from satispy.data.rules import check_comments
from satispy.data.same_text import Standing, rows_with
from satispy.data.schema import InvalidCell
from satispy.feedback import entries
from satispy.feedback.entries import LARGEST_ID, STATES, Decision, Feedback, NewFeedback, State
from satispy.workflows.lineage import find_prediction
from satispy.workflows.opening import Home
from satispy.workflows.rules import rules_of

__all__ = [
    "LARGEST_ID",
    "LONGEST_REMARK",
    "STATES",
    "Feedback",
    "NewFeedback",
    "State",
    "accept_feedback",
    "add_feedback",
    "erase_feedback",
    "feedback_page",
    "reject_feedback",
    "replaced_reviews",
    "waiting_feedback",
]

LONGEST_REMARK = 2000
"""Characters of a comment, or of a reason."""

SOURCE = "feedback"
"""What stands under `source` in the rows that come this way."""


def add_feedback(home: Home, new: NewFeedback, *, any_prediction: bool = False) -> Feedback:
    """Record a correction, which waits for a decision.

    The same one of the same author, while it waits, is answered again and recorded once.

    Parameters
    ----------
    home
        Where.
    new
        The correction.
    any_prediction
        Whether it may name an answer that somebody else asked for.

    Raises
    ------
    InvalidInput
        If the text is none that the base would take, or the star is not 1 to 5.
    NotFound
        If it names a prediction that is not the author's, or is not kept.
    """
    cells = {"Commentaire": new.text, "star": str(new.star)}
    bad = check_comments([cells], rules_of(home.settings, home.clock)).bad
    if bad:
        raise InvalidCell(
            "text" if bad[0].column == "Commentaire" else bad[0].column, bad[0].reason
        )
    _require_text("comment", new.comment)
    if new.prediction_id is not None:
        found = find_prediction(home, new.prediction_id)
        if found.asked_by != new.author and not any_prediction:
            raise NotFound(f"no prediction {new.prediction_id[:40]!r} of yours")
    text, comment = _masked(home, [new.text, new.comment])
    with home.database.writing() as connection:
        return entries.add(connection, replace(new, text=text, comment=comment), home.clock())


def feedback_page(
    home: Home, *, state: State | None, author: str | None, page: int, page_size: int
) -> tuple[list[Feedback], int]:
    """Return a page of corrections, newest first, and how many there are; None asks for all."""
    with home.database.reading() as connection:
        return entries.page(
            connection,
            state=state,
            author=author,
            offset=(page - 1) * page_size,
            limit=page_size,
        )


def accept_feedback(home: Home, number: int, by: str) -> Feedback:
    """Accept a correction: from now on the base says it.

    It becomes a row with the source ``feedback``. Where one row of the base has the same text and
    another star, the new row stands in for it when models learn; where all that have the text have
    the star already, nothing is added, and the newest of them is what the correction names. Once
    accepted, accepting again changes nothing.

    Raises
    ------
    NotFound
        If there is no such correction.
    AlreadyDecided
        If it was rejected.
    InvalidInput
        If the base would not take the text today.
    BaseDamaged, StorageFull, Busy
        As in `ReviewStore.append`; nothing is decided then.
    """
    with home.database.reading() as connection:
        entry = entries.find(connection, number)
    if not entries.require_undecided(entry, "accepted"):
        return entry
    acceptance = _Acceptance(home, entry, by)
    home.store.append_decided(acceptance, f"{entry.author}, accepted by {by}")
    return acceptance.done


def reject_feedback(home: Home, number: int, by: str, reason: str | None = None) -> Feedback:
    """Reject a correction; once rejected, rejecting again changes nothing.

    Raises
    ------
    NotFound
        If there is no such correction.
    AlreadyDecided
        If it was accepted.
    """
    _require_text("reason", reason or "")
    (masked,) = _masked(home, [reason or ""])
    with home.database.writing() as connection:
        entry = entries.find(connection, number)
        if not entries.require_undecided(entry, "rejected"):
            return entry
        decision = Decision("rejected", by, home.clock(), reason=masked or None)
        return entries.decide(connection, number, decision, text=entry.text)


def erase_feedback(home: Home, number: int) -> None:
    """Remove a correction with its text for good.

    Raises
    ------
    NotFound
        If there is no such correction.
    InvalidInput
        If a row of the base came of it, which `satispy data erase` removes together with it.
    """
    with home.database.writing() as connection:
        entry = entries.find(connection, number)
        if entry.review_id is not None:
            raise InvalidInput(
                f"feedback {number} stands in the base as row {entry.review_id}; satispy data "
                f"erase {entry.review_id} removes both"
            )
        entries.erase(connection, number)
    home.database.clear_log()


def replaced_reviews(home: Home) -> dict[int, int]:
    """Return which row stands in for which, by the ``inID`` of the corrected one."""
    with home.database.reading() as connection:
        return entries.replacements(connection)


def waiting_feedback(home: Home) -> int:
    """Return how many corrections wait for a decision."""
    with home.database.reading() as connection:
        return entries.waiting(connection)


class _Acceptance:
    """One acceptance, asked by the store for the rows that it adds; `done` is what it led to."""

    def __init__(self, home: Home, entry: Feedback, by: str) -> None:
        self._home = home
        self._entry = entry
        self._by = by
        self._rules = rules_of(home.settings, home.clock)
        (self._text,) = _masked(home, [entry.text])  # the setting may have changed since it came
        self.done = entry
        # Most of the base is searched before any lock is taken.
        self._head = home.store.history.current()
        home.store.guard.settle()
        home.store.file.stat()
        self._found = self._search(0, self._head.end_offset)

    def __call__(self, connection: Connection, head: Entry) -> Rows | None:
        """Decide, within the locks and the transaction of the row."""
        self.done = entries.find(connection, self._entry.id)
        if not entries.require_undecided(self.done, "accepted"):
            return None
        standing, replaced = self._standing(head), entries.replacements(connection)
        ids = {one.row_id for one in standing}  # of an adopted base they may be others' ids
        counting = [one for one in standing if replaced.get(one.row_id) not in ids]
        if counting and all(one.star == self._entry.star for one in counting):
            self._write(connection, counting[-1].row_id, None)
            return None
        # Of several rows with one text, several people wrote it: none of them is corrected.
        former = counting[0] if len(counting) == 1 else None
        rows = self._rows(former)
        self._write(connection, head.last_id + 1, former)
        return rows

    def _write(self, connection: Connection, review_id: int, former: Standing | None) -> None:
        decision = Decision(
            "accepted",
            self._by,
            self._home.clock(),
            review_id=review_id,
            replaces=former.row_id if former else None,
        )
        self.done = entries.decide(connection, self._entry.id, decision, text=self._text)

    def _standing(self, head: Entry) -> list[Standing]:
        known = self._head
        if (head.generation, head.number) == (known.generation, known.number):
            return self._found
        if head.generation != known.generation:
            return self._search(0, head.end_offset)
        return [*self._found, *self._search(known.end_offset, head.end_offset)]

    def _search(self, start: int, end: int) -> list[Standing]:
        return rows_with(self._home.store.file.path, self._text, start, end)

    def _rows(self, former: Standing | None) -> Rows:
        """Return the row: with company and day of the one it replaces, if they would do today."""
        alone = {
            "Commentaire": self._text,
            "star": str(self._entry.star),
            "source": SOURCE,
            "index_org": f"{SOURCE} {self._entry.id}",
            "date": self._entry.at.date().isoformat(),
        }
        both = [alone]
        if former is not None:
            alone["star_org"] = str(former.star)
            both = [{**alone, "company": former.company, "date": former.date}, alone]
        batch = check_comments(both, self._rules)
        if len(batch.bad) == len(both):
            raise InvalidCell("text", batch.bad[0].reason)
        return batch.rows.first()


def _masked(home: Home, texts: Sequence[str]) -> list[str]:
    mask = rules_of(home.settings, home.clock).mask
    if mask is None:
        return list(texts)
    return mask(pl.Series(texts, dtype=pl.String)).to_list()


def _require_text(name: str, text: str) -> None:
    """Refuse what is too long, and what a database cannot hold."""
    if len(text) > LONGEST_REMARK:
        raise InvalidInput(
            f"{name}: expected at most {LONGEST_REMARK} characters, but received {len(text)}"
        )
    if "\0" in text:
        raise InvalidInput(f"{name}: expected text, but received a NUL character")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(
            f"{name}: expected text, but received half of a character (a lone surrogate)"
        ) from error
