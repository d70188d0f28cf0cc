"""The base as a table that only grows: appended under one lock, committed by a ledger row.

The protocol, whose steps a test may watch (or die at)::

    locked      the three locks of `Guard`; the base is as the last commit left it
    intended    where we are about to append is durable
    appending   bytes, piece by piece
    appended    fsync
    entered     ledger row, mark of the file, request keys: in the transaction
    committed   from here on the rows are there, whatever happens
    indexed     identities, derived from the base and made anew where they are missing
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sqlalchemy.engine import Connection

from satispy.core.clock import Clock
from satispy.core.database import PATIENCE_SECONDS, Database
from satispy.core.errors import KeyReused
from satispy.core.files import write_atomically
from satispy.core.tracing import span
from satispy.data import guard, ledger, request_keys
from satispy.data.adoption import adoptable
from satispy.data.base_file import BaseFile, Mark, Step
from satispy.data.guard import Guard
from satispy.data.history import History
from satispy.data.known_rows import KnownRows
from satispy.data.request_keys import Answered, Placed, RequestKey
from satispy.data.rows import Rows
from satispy.data.schema import HEADER

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Upload:
    """A checked file on its way into the base, and what is to stand in the ledger about it."""

    rows: Sequence[Rows]
    rows_quarantined: int
    upload_id: str
    filename: str
    sha256: str
    received_by: str
    resubmits: str | None = None
    warnings: Sequence[str] = ()
    key: RequestKey | None = None


@dataclass(frozen=True)
class Sender:
    """Who sent a comment, and under which key."""

    name: str
    key: RequestKey | None = None


class ReviewStore:
    """The base of one home.

    Parameters
    ----------
    base
        ``clean_data/data_MAJ.csv``; made, or adopted as entry 0, at the first use.
    database
        Holds the ledger.
    clock
        Gives the time of each entry.
    patience
        Seconds that a writer waits for the others before it gives up.
    at
        Told each step of the protocol.
    """

    def __init__(
        self,
        base: Path,
        database: Database,
        clock: Clock,
        *,
        patience: float = PATIENCE_SECONDS,
        at: Step = lambda _step: None,
    ) -> None:
        base.parent.mkdir(parents=True, exist_ok=True)
        self.file = BaseFile(base)
        self.guard = Guard(self.file, database, patience=patience)
        self.known = KnownRows(self.file, database)
        self.history = History(database)
        self.clock = clock
        self.at = at
        self.database = database
        self._begin()

    def append(self, upload: Upload) -> ledger.Entry:
        """Append the rows that the base lacks and commit them: all or, whatever happens, none.

        Returns
        -------
        Entry
            The one that holds them; where the upload's key was answered before, that answer.

        Raises
        ------
        DuplicateUpload
            If a file with the same hash was accepted before.
        KeyReused
            If the upload's key came with another content before.
        BaseDamaged
            If the base is not as the last commit left it.
        StorageFull
            If there is no room.
        Busy
            If other writers do not let go of the locks.
        """
        self.guard.settle()
        gap = self.known.read_gap()
        with self.guard.locked():
            with ExitStack() as committing, self.guard.transaction() as (connection, head):
                self.at("locked")
                if upload.key and (before := request_keys.entry_for(connection, upload.key)):
                    return before
                ledger.refuse_known(connection, upload.sha256)
                fresh = self.known.fresh(connection, head, upload.rows, gap)
                kept = list(_split(upload.rows, fresh))
                accepted = int(fresh.sum())
                entry = replace(
                    head,
                    kind="upload",
                    upload_id=upload.upload_id,
                    resubmits=upload.resubmits,
                    filename=upload.filename,
                    sha256=upload.sha256,
                    warnings=list(upload.warnings),
                    rows_received=len(fresh) + upload.rows_quarantined,
                    rows_accepted=accepted,
                    rows_quarantined=upload.rows_quarantined,
                    rows_duplicate=len(fresh) - accepted,
                    received_by=upload.received_by,
                )
                entry = self._enter(connection, head, entry, kept)
                if upload.key:
                    placed = [(upload.key, entry.last_id)]
                    request_keys.remember(connection, placed, entry.number, entry.received_at)
                self.at("entered")
                committing.enter_context(span("ingest.commit"))  # ends after the transaction
            self.at("committed")
            self.file.forget_intent()
            self.known.note(kept, entry)
            self.at("indexed")
        return entry

    def append_comments(self, rows: Rows, senders: Sequence[Sender]) -> list[Placed | KeyReused]:
        """Append comments, equal or not, and commit them as one entry.

        Parameters
        ----------
        rows
            The comments.
        senders
            Of each.

        Returns
        -------
        list
            For each comment where it stands (its key may have brought it there before), or what
            refuses it alone.

        Raises
        ------
        BaseDamaged, StorageFull, Busy
            As in `append`; none is added then.
        """
        with self.guard.locked():
            with self.guard.transaction() as (connection, head):
                self.at("locked")
                placed, new, keys = _place(connection, head, senders)
                if new.any():
                    count = int(new.sum())
                    names = {sender.name for sender, one in zip(senders, new, strict=True) if one}
                    entry = _beside(head, "comment", count, ", ".join(sorted(names)))
                    entry = self._enter(connection, head, entry, [rows.kept(new)])
                    if keys:
                        request_keys.remember(connection, keys, entry.number, entry.received_at)
                self.at("entered")
            self.at("committed")
            self.file.forget_intent()
        return placed

    def append_decided(
        self, decide: Callable[[Connection, ledger.Entry], Rows | None], sent_by: str
    ) -> None:
        """Append the rows that a decision asks for, and commit them together with it.

        Parameters
        ----------
        decide
            Called within the locks, with the open transaction and the newest entry: what it writes
            there is committed with its rows, which follow `Entry.last_id`, or not at all. None
            asks for no row.
        sent_by
            Who wrote the rows and who accepted them, for the ledger.

        Raises
        ------
        BaseDamaged, StorageFull, Busy
            As in `append`; nothing is decided then.
        """
        with self.guard.locked():
            with self.guard.transaction() as (connection, head):
                self.at("locked")
                rows = decide(connection, head)
                if rows is not None:
                    self._enter(
                        connection, head, _beside(head, "feedback", len(rows), sent_by), [rows]
                    )
                self.at("entered")
            self.at("committed")
            if rows is not None:
                self.file.forget_intent()

    def count_fresh(self, rows: Sequence[Rows]) -> int:
        """Return how many of these rows an upload would add now."""
        self.guard.settle()
        gap = self.known.read_gap()
        with self.guard.locked(), self.guard.transaction() as (connection, head):
            return int(self.known.fresh(connection, head, rows, gap).sum())

    def _enter(
        self, connection: Connection, head: ledger.Entry, entry: ledger.Entry, kept: Sequence[Rows]
    ) -> ledger.Entry:
        """Write the rows behind `head`, and their entry into the open transaction."""
        with span("ingest.append"):
            digest, size, mark = self.file.append(head, _encoded(kept, head.last_id + 1), self.at)
        done = replace(
            entry,
            number=head.number + 1,
            rows_total=head.rows_total + entry.rows_accepted,
            last_id=head.last_id + entry.rows_accepted,
            end_offset=size,
            chain=ledger.link(head.chain, digest),
            received_at=self.clock(),
        )
        ledger.insert(connection, done)
        guard.set_mark(connection, mark)
        return done

    def _begin(self) -> None:
        with self.database.reading() as connection:
            if ledger.last(connection) is not None:
                return
        with self.guard.locked(), self.database.writing() as connection:
            if ledger.last(connection) is not None:
                return
            if not self.file.path.exists():
                write_atomically(self.file.path, HEADER, mode=0o600)
                kind = "genesis"
            else:
                kind = "adopted"
            found = adoptable(self.file.path)
            entry = ledger.Entry(
                number=0,
                generation=0,
                kind=kind,
                upload_id=None,
                resubmits=None,
                filename=None,
                sha256=None,
                warnings=[],
                rows_received=found.rows,
                rows_accepted=found.rows,
                rows_quarantined=0,
                rows_duplicate=0,
                rows_total=found.rows,
                last_id=found.last_id,
                end_offset=found.size,
                chain=ledger.link(ledger.NO_CHAIN, self.file.digest(found.size)),
                received_by="satispy",
                received_at=self.clock(),
            )
            ledger.insert(connection, entry)
            guard.set_mark(connection, Mark.of(self.file.stat()))
            if found.rows:
                log.warning(
                    "adopted the %d rows of %s as version 0: its database is new and knows of no "
                    "upload",
                    *(found.rows, self.file.path),
                )


def _beside(head: ledger.Entry, kind: str, count: int, received_by: str) -> ledger.Entry:
    """Return the entry of so many rows that came in no file."""
    return replace(
        head,
        kind=kind,
        upload_id=None,
        resubmits=None,
        filename=None,
        sha256=None,
        warnings=[],
        rows_received=count,
        rows_accepted=count,
        rows_quarantined=0,
        rows_duplicate=0,
        received_by=received_by,
    )


def _place(
    connection: Connection, head: ledger.Entry, senders: Sequence[Sender]
) -> tuple[list[Placed | KeyReused], npt.NDArray[np.bool_], list[tuple[RequestKey, int]]]:
    """Say where each comment stands or will, which are new, and which keys to remember."""
    keys = [sender.key for sender in senders if sender.key]
    known = request_keys.answered(connection, keys) if keys else {}
    placed: list[Placed | KeyReused] = []
    new = np.zeros(len(senders), bool)
    to_remember: list[tuple[RequestKey, int]] = []
    next_id, number = head.last_id + 1, head.number + 1
    for place, sender in enumerate(senders):
        key = sender.key
        if key is not None and (before := known.get((key.sender, key.key))) is not None:
            placed.append(before.placed(key))
            continue
        if key is not None:
            known[key.sender, key.key] = Answered(key.fingerprint, number, next_id)
            to_remember.append((key, next_id))
        new[place] = True
        placed.append(Placed(next_id, number))
        next_id += 1
    return placed, new, to_remember


def _encoded(rows: Sequence[Rows], first_id: int) -> Iterator[bytes]:
    for part in rows:
        yield part.encode(first_id)
        first_id += len(part)


def _split(rows: Sequence[Rows], mask: npt.NDArray[np.bool_]) -> Iterator[Rows]:
    start = 0
    for part in rows:
        yield part.kept(mask[start : start + len(part)])
        start += len(part)
