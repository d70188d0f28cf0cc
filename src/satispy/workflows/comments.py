"""Single comments on their way into the base: those that arrive together commit together.

Group commit: one thread writes; what arrives while it waits for the disk goes into the next batch.
So a comment alone waits for nobody, and fifty at once wait for one synchronisation, not for fifty
(DeWitt et al., Implementation Techniques for Main Memory Database Systems, SIGMOD 1984).
"""

import hashlib
import json
import logging
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from satispy.core.errors import Busy, DatabaseLost, KeyReused
from satispy.data.request_keys import Placed, RequestKey
from satispy.data.rows import Rows
from satispy.data.rules import Rules, check_comments
from satispy.data.schema import InvalidCell
from satispy.data.store import ReviewStore, Sender

MOST_AT_ONCE = 500
MOST_WAITING = 10_000

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CommentReceipt:
    """What became of a single comment: its ``inID`` and the version it made."""

    id: int
    dataset_version: int


@dataclass(frozen=True)
class _Comment:
    cells: Mapping[str, str]
    sender: Sender
    answer: "Future[CommentReceipt]"


class CommentQueue:
    """Takes comments from any thread, and writes them in its own.

    Parameters
    ----------
    store
        Where they go.
    rules
        Return what a comment must be, now.
    """

    def __init__(self, store: ReviewStore, rules: Callable[[], Rules]) -> None:
        self._store = store
        self._rules = rules
        self._waiting: queue.Queue[_Comment | None] = queue.Queue(MOST_WAITING)
        self._starting = threading.Lock()
        self._writer: threading.Thread | None = None

    def add(
        self, cells: Mapping[str, str], received_by: str, key: str | None = None
    ) -> "Future[CommentReceipt]":
        """Hand in a comment, to be added also where an equal one stands in the base.

        Parameters
        ----------
        cells
            By column of the base.
        received_by
            Who sent it.
        key
            The sender's Idempotency-Key.

        Returns
        -------
        Future
            The receipt once the comment is durable, or `InvalidCell` where the text is blank or
            too long, the star is not 1 to 5 or the date is impossible; or what the store raises.

        Raises
        ------
        Busy
            If 10 000 are waiting.
        """
        comment = _Comment(cells, Sender(received_by, _key(cells, received_by, key)), Future())
        self._start()
        try:
            self._waiting.put_nowait(comment)
        except queue.Full as error:
            raise Busy(f"{MOST_WAITING} comments are waiting to be written; try again") from error
        return comment.answer

    def close(self) -> None:
        """Write what is waiting, and end the thread."""
        with self._starting:
            if self._writer is not None:
                self._waiting.put(None)
                self._writer.join()
                self._writer = None

    def _start(self) -> None:
        with self._starting:
            if self._writer is None:
                self._writer = threading.Thread(target=self._write, name="comments", daemon=True)
                self._writer.start()

    def _write(self) -> None:
        open_for_more = True
        while open_for_more:
            batch = [self._waiting.get()]
            while batch[-1] is not None and len(batch) < MOST_AT_ONCE:
                try:
                    batch.append(self._waiting.get_nowait())
                except queue.Empty:
                    break
            open_for_more = batch[-1] is not None
            wanted = [comment for comment in batch if comment is not None]
            # A sender who went away before its comment was taken up cancelled it.
            self._commit([one for one in wanted if one.answer.set_running_or_notify_cancel()])

    def _commit(self, comments: list[_Comment]) -> None:
        answers: Sequence[Placed | BaseException]
        try:
            answers = self._answers(comments)
        except BaseException as error:  # whoever waits is told; the thread lives for the others
            answers = [error] * len(comments)
        for comment, answer in zip(comments, answers, strict=True):
            if isinstance(answer, Placed):
                comment.answer.set_result(CommentReceipt(answer.row_id, answer.number))
            else:
                comment.answer.set_exception(answer)

    def _answers(self, comments: list[_Comment]) -> list[Placed | BaseException]:
        batch = check_comments([comment.cells for comment in comments], self._rules())
        answers: dict[int, Placed | BaseException] = {
            bad.line: self._refusal(comments[bad.line].sender, InvalidCell(bad.column, bad.reason))
            for bad in batch.bad
        }
        good = [place for place in range(len(comments)) if place not in answers]
        if good:
            placed = self._append(batch.rows, [comments[place].sender for place in good])
            answers.update(zip(good, placed, strict=True))
        return [answers[place] for place in range(len(comments))]

    def _refusal(self, sender: Sender, wrong: InvalidCell) -> Placed | BaseException:
        """Return the first answer where the key has one: rules may be stricter by now."""
        if sender.key is None:
            return wrong
        return self._store.history.placed(sender.key) or wrong

    def _append(self, rows: Rows, senders: Sequence[Sender]) -> list[Placed | KeyReused]:
        try:
            return self._store.append_comments(rows, senders)
        except DatabaseLost as error:
            raise DatabaseLost(
                f"{error}. The comment may have been added nevertheless; sent again under the same "
                "Idempotency-Key it is never added twice"
            ) from error


def _key(cells: Mapping[str, str], sender: str, key: str | None) -> RequestKey | None:
    if key is None:
        return None
    content = json.dumps(["comment", sorted(cells.items())])
    return RequestKey(sender, key, hashlib.sha256(content.encode()).hexdigest())
