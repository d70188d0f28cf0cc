"""SQLite: the database is a file beside the data."""

import errno
import os
import sqlite3
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine

from satispy.core.errors import Busy, NotReady, SatispyError, StorageFull

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class SqliteBackend:
    """A file with a write-ahead log, so that readers never wait.

    Full synchronisation, so that what is committed survives a power cut; readable by its owner
    alone, for it holds the users.
    """

    def __init__(self, path: Path, patience: float) -> None:
        self.name = str(path)
        self._path = path
        self._patience = patience

    def engine(self) -> Engine:
        """Make the file where it is missing; `StorageFull` where there is no room for it."""
        try:
            self._make()
        except Timeout as error:
            raise self._busy() from error
        except sqlite3.Error as error:
            ours = self.explain(error, lost=True)
            if ours is None:
                raise
            raise ours from error
        except OSError as error:
            if error.errno in FULL:
                raise self._full() from error
            raise
        engine = create_engine(
            f"sqlite:///{self._path}",
            connect_args={"timeout": self._patience},
            hide_parameters=True,
        )
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        return engine

    def readers(self, engine: Engine) -> Engine:
        """Return the engine as it is: each transaction sees one state."""
        return engine

    def explain(self, error: BaseException, *, lost: bool) -> SatispyError | None:
        """Tell a held lock and a full disk from all else."""
        # The low byte is the kind of error, the rest a detail: https://sqlite.org/rescode.html
        code = getattr(error, "sqlite_errorcode", 0)
        if code & 0xFF == sqlite3.SQLITE_BUSY:
            return self._busy()
        if code & 0xFF == sqlite3.SQLITE_FULL or code in _NO_ROOM:
            return self._full()
        if code & 0xFF == sqlite3.SQLITE_READONLY:
            return NotReady(f"{self.name} may only be read here: {error}; see to its permissions")
        if code & 0xFF in _DAMAGED:
            return NotReady(
                f"{self.name} is no database, or a damaged one: {error}; bring it back from its "
                "backup (docs/runbooks/base.md)"
            )
        return None

    def check_new(self, connection: Connection) -> None:
        """Accept: the file is ours."""

    def alone(self, engine: Engine, name: str) -> AbstractContextManager[None]:
        """Keep nobody out: the file is this machine's alone."""
        return nullcontext()

    def clear_log(self, engine: Engine) -> None:
        """Empty the write-ahead log, in which deleted rows stand as they were."""
        with closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _make(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        lock = self._path.with_name(f".{self._path.name}.lock")
        # SQLite does not wait for others where it changes to the write-ahead log; we do.
        with FileLock(lock, timeout=self._patience, mode=0o600, poll_interval=0.005):
            # Never opened where it is there: to close it would drop the locks that SQLite holds on
            # it for this process (POSIX).
            if not self._path.exists():
                os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            with closing(sqlite3.connect(self._path, timeout=self._patience)) as connection:
                connection.execute("PRAGMA journal_mode=WAL")

    def _busy(self) -> Busy:
        return Busy(f"others have been writing to {self.name} for {self._patience:g} s; try again")

    def _full(self) -> StorageFull:
        return StorageFull(
            f"no room is left for {self.name}; nothing was written. Free some space on its disk, "
            "then try again"
        )


_DAMAGED = {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}
_NO_ROOM = {
    # A limit on the size of files (RLIMIT_FSIZE, a quota) is told as a failed write, a full disk
    # under the index of the write-ahead log as an index that cannot grow.
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_SHMSIZE,
}


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun below, not by the driver
    cursor = connection.cursor()
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    exclusive = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if exclusive else "BEGIN")
