"""Who may write to the base, and whether it still is what the last commit left."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from filelock import FileLock, Timeout
from sqlalchemy import BigInteger, Column, Integer, String, Table, delete, insert, select
from sqlalchemy.engine import Connection

from satispy.core.database import METADATA, PATIENCE_SECONDS, Database
from satispy.core.errors import BaseDamaged, Busy, SatispyError
from satispy.core.files import disk_explained
from satispy.data import ledger
from satispy.data.base_file import BaseFile, Damage, Mark, first_damage

POLL_SECONDS = 0.005

BASE_MARK = Table(
    "base_mark",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("inode", String(20), nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
)

log = logging.getLogger(__name__)


class Guard:
    """The locks of one base, and the look at it that comes before every write.

    A writer holds three locks: its process's, the lock file beside the base, the database's. The
    lock file is there for the writer that was paused so long that the database let go of it: its
    bytes still lie behind the base, and nobody else may write until it wakes up or dies.

    Parameters
    ----------
    file
        The base.
    database
        Holds the ledger.
    patience
        Seconds that a writer waits for the others before it gives up.
    """

    def __init__(
        self, file: BaseFile, database: Database, *, patience: float = PATIENCE_SECONDS
    ) -> None:
        self._file = file
        self._database = database
        self._patience = patience
        self._lock_file = file.path.with_name(f".{file.path.name}.lock")
        # Threads queue here: polling the lock file is for processes.
        self._turn = threading.Lock()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other writer away from the file.

        Raises
        ------
        Busy
            If another one does not let go of it in time.
        """
        if not self._turn.acquire(timeout=self._patience):
            raise self._busy()
        try:
            lock = FileLock(self._lock_file, timeout=self._patience, mode=0o600)
            try:
                with disk_explained(self._lock_file):
                    lock.acquire(poll_interval=POLL_SECONDS)
            except Timeout as error:
                raise self._busy() from error
            try:
                yield
            finally:
                lock.release()
        finally:
            self._turn.release()

    @contextmanager
    def transaction(self) -> Iterator[tuple[Connection, ledger.Entry]]:
        """Begin a transaction in which the base is what its newest entry says; `locked` is held.

        Raises
        ------
        BaseDamaged
            If somebody else changed the base.
        NotReady
            If this user may not write it.
        """
        with self._database.writing() as connection:
            yield connection, self._settled(connection)

    def settle(self) -> None:
        """Finish the change of generation that somebody else could not finish."""
        if self._file.next.exists():
            with self.locked(), self._database.writing() as connection:
                self.finish_generation(connection)

    def complaint(self, damage: Damage) -> SatispyError:
        """Return what is to be raised where a reader found the base damaged."""
        return changed_by_hand(self._file, damage)

    def settle_for_reading(self) -> None:
        """Do the same where the base of the newest generation is not in its place yet.

        A generation that is still being written is not waited for: what lies there is what counts.
        """
        if not self._file.next.exists():
            return
        with self._database.reading() as connection:
            known = mark(connection)
        if known is None or Mark.of(self._file.stat()).inode != known.inode:
            self.settle()

    def finish_generation(self, connection: Connection) -> None:
        """Move the committed next generation into its place, or drop one that was not committed."""
        try:
            found = self._file.next.stat()
        except FileNotFoundError:
            return
        newest, known = head(connection), mark(connection)
        if found.st_size == newest.end_offset and (
            Mark.of(found) == known or self._was_copied(connection, newest)
        ):
            log.warning("moving the new generation of %s in, as was not done", self._file.path)
            self._file.move_next_in()
            if Mark.of(found) != known:
                set_mark(connection, Mark.of(self._file.stat()))
        else:
            log.warning("dropping %s, which was never committed", self._file.next)
            self._file.next.unlink()

    def _settled(self, connection: Connection) -> ledger.Entry:
        self.finish_generation(connection)
        newest = head(connection)
        found = self._file.stat()
        if Mark.of(found) == mark(connection) and found.st_size == newest.end_offset:
            return newest
        damage = self.damage(connection, newest)
        if damage is not None:
            raise changed_by_hand(self._file, damage)
        tail = self._file.stat().st_size - newest.end_offset
        if tail > 0 and not self.cut_left_tail(newest):
            raise added_by_hand(self._file, newest, tail)
        if tail <= 0:
            log.info("%s was touched or copied; its content is as committed", self._file.path)
        set_mark(connection, Mark.of(self._file.stat()))
        return newest

    def cut_left_tail(self, newest: ledger.Entry) -> bool:
        """Cut off what an interrupted writer left behind a sound base; False where none did."""
        tail = self._file.stat().st_size - newest.end_offset
        if tail <= 0 or not self._file.left_by_a_writer(newest):
            return False
        log.warning(
            "cutting %d bytes off %s that an interrupted writer left behind byte %d",
            *(tail, self._file.path, newest.end_offset),
        )
        self._file.cut(newest.end_offset)
        return True

    def damage(self, connection: Connection, newest: ledger.Entry) -> Damage | None:
        """Compare the base, byte by byte, with the ledger."""
        with self._file.path.open("rb") as file:
            return self._damage(connection, newest, file)

    def _was_copied(self, connection: Connection, newest: ledger.Entry) -> bool:
        """Tell whether the next generation is committed although its mark is another one.

        So it is in a copied home: there the bytes are those of the ledger, and the base is still
        that of the generation before. A base of any other bytes stays for its admin to judge.
        """
        before = ledger.numbered(connection, newest.number - 1)
        if before is None or before.generation == newest.generation:
            return False
        with self._file.next.open("rb") as file:
            if self._damage(connection, newest, file) is not None:
                return False
        return self.damage(connection, before) is None

    def _damage(
        self, connection: Connection, newest: ledger.Entry, file: BinaryIO
    ) -> Damage | None:
        chain = ledger.chain_before_generation(connection, newest.generation)
        return first_damage(file, ledger.links(connection, newest), chain)

    def _busy(self) -> Busy:
        return Busy(
            f"somebody else has been writing to {self._file.path} for {self._patience:g} s; "
            "try again"
        )


def head(connection: Connection) -> ledger.Entry:
    """Return the newest entry.

    Raises
    ------
    BaseDamaged
        If the ledger is empty although it was begun.
    """
    newest = ledger.last(connection)
    if newest is None:
        raise BaseDamaged("the ledger is empty; restore the database from its backup")
    return newest


def mark(connection: Connection) -> Mark | None:
    """Return what the file system said of the base after the last commit."""
    row = connection.execute(select(BASE_MARK.c.inode, BASE_MARK.c.mtime_ns)).first()
    return None if row is None else Mark(row.inode, row.mtime_ns)


def set_mark(connection: Connection, now: Mark) -> None:
    """Remember what the file system says of the base."""
    connection.execute(delete(BASE_MARK))
    connection.execute(insert(BASE_MARK).values(id=1, **vars(now)))


def changed_by_hand(file: BaseFile, damage: Damage) -> BaseDamaged:
    """Explain a base whose committed bytes are not there any more."""
    what = (
        f"ends at byte {damage.size}, but {damage.end} bytes are committed"
        if damage.size < damage.end
        else f"was changed between bytes {damage.start} and {damage.end}"
    )
    return BaseDamaged(
        f"{file.path} {what} (dataset version {damage.number}). Nothing was written. satispy data "
        "verify says where; satispy data restore --from BACKUP brings the committed rows back; "
        "satispy data adopt takes the file as it is as a new base."
    )


def added_by_hand(file: BaseFile, newest: ledger.Entry, tail: int) -> BaseDamaged:
    """Explain a base that is longer than what is committed, and not by our doing."""
    return BaseDamaged(
        f"{file.path} holds {tail} bytes behind byte {newest.end_offset}, where dataset version "
        f"{newest.number} ends, and no upload of ours put them there. Nothing was written. "
        "satispy data restore takes them out and keeps a copy; satispy data adopt takes the file "
        "as it is as a new base."
    )
