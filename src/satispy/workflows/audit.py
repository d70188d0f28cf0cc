"""The audit trail as adapters use it: records from any thread, acts of the command line, reading.

An act that changes something is written down before it begins and again when it has ended: where
the first cannot be written, the act does not take place. So a process that is killed in between
leaves a record that says ``begun`` and no end.
"""

import getpass
import logging
import os
import queue
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from satispy.audit import head_mark, trail
from satispy.audit.trail import BEGUN, Act, Filter, Head, Record, printable
from satispy.core.clock import Clock, system_clock
from satispy.core.database import Database
from satispy.core.errors import InvalidInput, NotReady, SatispyError
from satispy.core.settings import Settings

__all__ = [
    "Act",
    "AuditTrail",
    "Filter",
    "Record",
    "Verified",
    "administrative_act",
    "list_records",
    "printable",
    "verify_trail",
]

COMMAND_LINE = "command line"
DONE, FAILED = "done", "failed"
MOST_AT_ONCE = 500
MOST_WAITING = 10_000
PATIENCE_SECONDS = 10.0
RETRY_SECONDS = 5.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Waiting:
    at: datetime
    act: Act
    written: "Future[None]"


@dataclass(frozen=True)
class Verified:
    """What a reading of the whole trail found; `wrong` is None where it is as it was written."""

    head: Head
    wrong: str | None


class AuditTrail:
    """Takes records from any thread, and writes those that wait together in its own.

    Parameters
    ----------
    settings
        Name the home, where the end of the trail is noted.
    database
        Where the records go.
    clock
        Dates them.
    """

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self._head_mark = settings.paths.audit_head
        self._database = database
        self._clock = clock
        self._waiting: queue.Queue[_Waiting | None] = queue.Queue(MOST_WAITING)
        self._starting = threading.Lock()
        self._writer: threading.Thread | None = None

    def record(self, act: Act) -> "Future[None]":
        """Hand in a record; the future tells when it is durable, or why it is not.

        That an act begins is written at once or not at all: whoever waits for it refuses the act.
        How one ended is kept until it can be written, unless the process ends before: then it goes
        to the log, as a whole, so that nothing is lost without a word.
        """
        waiting = _Waiting(self._clock(), act.cleaned(), Future())
        waiting.written.set_running_or_notify_cancel()  # who waits may go away, the record stays
        try:
            with self._starting:
                if self._writer is None:
                    self._writer = threading.Thread(target=self._write, name="audit", daemon=True)
                    self._writer.start()
                self._waiting.put_nowait(waiting)
        except queue.Full as error:
            self._lost([waiting], error)
        return waiting.written

    def page(self, wanted: Filter, *, offset: int, limit: int) -> tuple[list[Record], int]:
        """Return records, newest first, those that wait included, and how many there are."""
        self.flush()
        with self._database.reading() as connection:
            return trail.page(connection, wanted, offset=offset, limit=limit)

    def flush(self) -> None:
        """Wait until what was handed in so far is written, for a while at most."""
        done = threading.Event()
        waiting = _Waiting(self._clock(), _NOTHING, Future())
        waiting.written.set_running_or_notify_cancel()
        waiting.written.add_done_callback(lambda _future: done.set())
        with self._starting:
            if self._writer is None:
                return
            try:
                self._waiting.put_nowait(waiting)
            except queue.Full:  # so much waits that one more second of patience shows no more
                return
        done.wait(PATIENCE_SECONDS)

    def close(self) -> None:
        """Write what is waiting, and end the thread."""
        with self._starting:
            if self._writer is not None:
                self._waiting.put(None)
                self._writer.join()
                self._writer = None

    def _write(self) -> None:
        kept: list[_Waiting] = []
        open_for_more = True
        while open_for_more:
            batch = self._gathered(RETRY_SECONDS if kept else None)
            open_for_more = None not in batch
            kept = self._commit([*kept, *(one for one in batch if one is not None)])
        self._lost(kept, "the process ends")

    def _gathered(self, patience: float | None) -> list[_Waiting | None]:
        """Return what is to be written together: one wait, then all that came meanwhile."""
        batch: list[_Waiting | None] = []
        try:
            batch.append(self._waiting.get(timeout=patience))
            while batch[-1] is not None and len(batch) < MOST_AT_ONCE:
                batch.append(self._waiting.get_nowait())
        except queue.Empty:
            pass
        return batch

    def _commit(self, batch: Sequence[_Waiting]) -> list[_Waiting]:
        """Write records; return those that are to be tried again."""
        rows = [(one.at, one.act) for one in batch if one.act is not _NOTHING]
        failure: BaseException | None = None
        end = Head(0, "")
        try:
            if rows:
                with self._database.writing() as connection:
                    end = trail.append(connection, rows)
        except BaseException as error:  # whoever waits is told; the thread lives for the others
            failure = error
        if failure is None:
            if rows:
                self._note(end)
            for one in batch:
                one.written.set_result(None)
            return []
        log.warning("%d records wait for the audit trail: %s", len(rows), failure)
        later = []
        for one in batch:
            if one.act is _NOTHING or one.act.outcome == BEGUN:
                one.written.set_exception(failure)
            else:
                later.append(one)
        self._lost(later[:-MOST_WAITING], failure)
        return later[-MOST_WAITING:]

    def _note(self, end: Head) -> None:
        try:
            head_mark.note(self._head_mark, end)
        except (OSError, SatispyError) as error:  # the records stand; their end is noted next time
            log.warning("the end of the audit trail could not be noted: %s", error)

    def _lost(self, batch: Sequence[_Waiting], why: object) -> None:
        for one in batch:
            log.error("not in the audit trail, for %s: %s", why, one.act)
            one.written.set_exception(NotReady(f"the audit trail cannot be written: {why}"))


_NOTHING = Act("", "", "", "", "")


@contextmanager
def administrative_act(
    settings: Settings, act: str, on: str = "", *, clock: Clock = system_clock
) -> Iterator[None]:
    """Record an act of the command line, before it and after it.

    Parameters
    ----------
    settings
        Name the home.
    act
        Group and command, such as ``users.add``.
    on
        What it is done to; never a password.

    Raises
    ------
    SatispyError
        If it cannot be recorded: then it does not take place.
    """
    begun = Act(_operator(), "system", COMMAND_LINE, "", act, on)
    with (
        closing(Database(settings.database_place)) as database,
        closing(AuditTrail(settings, database, clock)) as audit,
    ):
        audit.record(begun).result()
        try:
            yield
        except BaseException as error:  # recorded, and raised again
            code = error.code if isinstance(error, SatispyError) else type(error).__name__
            audit.record(replace(begun, outcome=f"{FAILED} {code}"))
            raise
        audit.record(replace(begun, outcome=DONE))


def list_records(settings: Settings, wanted: Filter, *, limit: int) -> tuple[list[Record], int]:
    """Return the newest records that are asked for, and how many there are."""
    with closing(Database(settings.database_place)) as database, database.reading() as connection:
        return trail.page(connection, wanted, offset=0, limit=limit)


def verify_trail(settings: Settings, expected: Sequence[str] = ()) -> Verified:
    """Compare every record with the chain, and its end with what was noted.

    Parameters
    ----------
    settings
        Name the home.
    expected
        Ends that were noted elsewhere, as ``NUMBER:CHAIN``.

    Raises
    ------
    InvalidInput
        If an expected end cannot be read.
    """
    known = head_mark.noted(settings.paths.audit_head)
    marks = [] if known is None else [known]
    for text in expected:
        if (mark := head_mark.spoken(text)) is None:
            raise InvalidInput(
                f"expected NUMBER:CHAIN as `satispy audit verify` prints it, but received "
                f"{text[:100]!r}"
            )
        marks.append(mark)
    with closing(Database(settings.database_place)) as database, database.reading() as connection:
        return Verified(*trail.first_wrong(connection, marks))


def _operator() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a number without a name, as containers have them
        return f"uid {os.getuid()}"
