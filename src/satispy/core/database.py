"""One database per home: engine, transactions, migrations.

The tables stand with the part that owns them and register in `METADATA`; the migrations in
`satispy.migrations` make them, and a test holds the two together.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import (
    DateTime,
    Dialect,
    MetaData,
    TypeDecorator,
    create_engine,
    event,
    inspect,
    text,
)
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from satispy.core.errors import Busy

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    }
)
MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"
SCHEMA = "0001"
"""The newest migration; known here so that Alembic is loaded only where there is work for it."""

PATIENCE_SECONDS = 30.0


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite, which forgets the zone, is reminded of it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive datetime: it would be read in somebody else's zone."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"expected an aware datetime, but received {value!r}")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return UTC."""
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


class Database:
    """The SQLite database of a home, made or migrated where needed.

    Write-ahead log, so that readers never wait; full synchronisation, so that what is committed
    survives a power cut; readable by its owner alone, for it holds the users.

    Parameters
    ----------
    path
        The file; its folder is made when missing.
    patience
        Seconds that a writer waits for the others before it gives up.
    """

    def __init__(self, path: Path, *, patience: float = PATIENCE_SECONDS) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._path = path
        self._patience = patience
        # Writers of this process queue here and not in the pool, where they would starve readers.
        self._turn = threading.Lock()
        self.engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": patience})
        event.listen(self.engine, "connect", _prepare)
        event.listen(self.engine, "begin", _begin)
        self._migrate()

    def reading(self) -> Connection:
        """Return a connection, to use in a ``with``; it sees what is committed."""
        return self.engine.connect()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Hold the one write lock until the block ends; commit, or roll back.

        Raises
        ------
        Busy
            If others did not let go of it within `patience` seconds.
        """
        if not self._turn.acquire(timeout=self._patience):
            raise self._busy()
        try:
            with self.engine.connect() as connection:
                writer = connection.execution_options(writes=True)
                try:
                    transaction = writer.begin()
                except OperationalError as error:
                    if "locked" in str(error):
                        raise self._busy() from error
                    raise
                with transaction:
                    yield writer
        finally:
            self._turn.release()

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def _busy(self) -> Busy:
        return Busy(
            f"somebody else has been writing to {self._path} for {self._patience:g} s; try again"
        )

    def _migrate(self) -> None:
        if self._schema() == SCHEMA:
            return
        from alembic import command  # half of the start-up time of a process, and rarely needed
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        lock_file = self._path.with_name(f".{self._path.name}.lock")
        lock = FileLock(lock_file, timeout=self._patience, mode=0o600)
        try:
            with lock, self.engine.connect() as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, SCHEMA)
        except Timeout as error:
            raise self._busy() from error

    def _schema(self) -> str | None:
        if not inspect(self.engine).has_table("alembic_version"):
            return None
        with self.reading() as connection:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun below, not by the driver
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    exclusive = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if exclusive else "BEGIN")
