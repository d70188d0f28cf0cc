"""One database per home: its tables, transactions and migrations, on SQLite or on PostgreSQL.

The tables stand with the part that owns them and register in `METADATA`; the migrations in
`satispy.migrations` make them, and a test holds the two together. What differs between the two
servers stands in `core.sqlite` and `core.postgresql`.
"""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import DateTime, Dialect, MetaData, TypeDecorator, event, inspect, text
from sqlalchemy.engine import Connection, Engine, ExceptionContext

from satispy.core.errors import Busy, NotReady, SatispyError
from satispy.core.postgresql import PostgresqlBackend
from satispy.core.sqlite import SqliteBackend

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    }
)
MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"
SCHEMA = "0008"
"""The newest migration; known here so that Alembic is loaded only where there is work for it."""

PATIENCE_SECONDS = 30.0


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime: SQLite forgets the zone, PostgreSQL answers in the session's."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive datetime: it would be read in somebody else's zone."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"expected an aware datetime, but received {value!r}")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return UTC."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Backend(Protocol):
    """What differs from one kind of database to the other."""

    @property
    def name(self) -> str:
        """Where the database is, for messages; never with a password."""

    def engine(self) -> Engine:
        """Return a new engine; a transaction begun with the option ``writes`` holds the lock."""

    def readers(self, engine: Engine) -> Engine:
        """Return the same engine, its transactions seeing one committed state of the database."""

    def explain(self, error: BaseException, *, lost: bool) -> SatispyError | None:
        """Return what an error of the driver means to people, or None for a defect of ours.

        `lost` tells that there is no connection, or no more.
        """

    def alone(self, engine: Engine, name: str) -> AbstractContextManager[None]:
        """Keep the other machines that use this database out of what has this name."""

    def clear_log(self, engine: Engine) -> None:
        """Let deleted rows be gone from the files that are the database's own, where we can."""

    def check_new(self, connection: Connection) -> None:
        """Raise if the database, in which no table stands yet, cannot hold our tables."""


class Database:
    """The database of a home, made or migrated where needed.

    What is committed survives a power cut. Errors of the driver that a person can do something
    about arrive as errors of ours, wherever the connection is used.

    Parameters
    ----------
    place
        The SQLite file, whose folder is made when missing, or the URL of a PostgreSQL database,
        ``postgresql://user:password@host/name``.
    patience
        Seconds that a writer waits for the others before it gives up.

    Raises
    ------
    ConfigurationError
        If the URL is none that we can use.
    NotReady
        If the server does not let us in.
    """

    def __init__(self, place: Path | str, *, patience: float = PATIENCE_SECONDS) -> None:
        self._backend: Backend = (
            SqliteBackend(place, patience)
            if isinstance(place, Path)
            else PostgresqlBackend(place, patience)
        )
        self._patience = patience
        # Writers of this process queue here and not in the pool, where they would starve readers.
        self._turn = threading.Lock()
        self.engine = self._backend.engine()
        event.listen(self.engine, "handle_error", self._translate)
        self._readers = self._backend.readers(self.engine)
        self._writers = self.engine.execution_options(writes=True)
        try:
            self._migrate()
        except BaseException:  # nobody could close it later; the error goes on
            self.close()
            raise

    def reading(self) -> Connection:
        """Return a connection, to use in a ``with``; it sees one committed state, and never waits.

        The state is that of the first statement.
        """
        return self._readers.connect()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Hold the one write lock until the block ends; commit, or roll back.

        Raises
        ------
        Busy
            If others did not let go of it within `patience` seconds.
        StorageFull
            If the database has no room left; nothing was written.
        NotReady
            If the connection is lost; if that befell the commit itself, only a look at the
            tables tells whether it took place.
        """
        if not self._turn.acquire(timeout=self._patience):
            raise Busy(
                f"others have been writing to {self._backend.name} for {self._patience:g} s; "
                "try again"
            )
        try:
            with self._writers.begin() as connection:
                yield connection
        except self.engine.dialect.loaded_dbapi.Error as error:
            # Of a caller who spoke to the driver itself, to copy rows for example.
            ours = self._backend.explain(error, lost=False)
            if ours is None:
                raise
            raise ours from error
        finally:
            self._turn.release()

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Keep every other machine out of what has this name; whoever comes waits.

        Nobody who writes to the database waits for it. On SQLite there is no other machine, and
        what those on this one may not do at once, a lock of a file keeps apart.

        Raises
        ------
        Busy
            If others did not let go of it within `patience` seconds.
        """
        with self._backend.alone(self.engine, name):
            yield

    def clear_log(self) -> None:
        """Let deleted rows be gone from SQLite's files too, as far as nobody still reads them."""
        self._backend.clear_log(self.engine)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def _translate(self, context: ExceptionContext) -> None:
        if context.is_pre_ping:  # the pool is about to replace the connection
            return
        lost = context.connection is None or context.is_disconnect
        ours = self._backend.explain(context.original_exception, lost=lost)
        if ours is not None:
            raise ours

    def _migrate(self) -> None:
        if self._schema() == SCHEMA:
            return
        from alembic import command  # half of the start-up time of a process, and rarely needed
        from alembic.config import Config
        from alembic.util import CommandError

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        # The write lock lets one opener migrate; the others then find that nothing is left to do.
        with self.writing() as connection:
            if not inspect(connection).has_table("alembic_version"):
                self._backend.check_new(connection)
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, SCHEMA)
            except CommandError as error:
                raise NotReady(
                    f"expected {self._backend.name} at schema {SCHEMA} or older, but a newer "
                    f"Satispy has written to it; use that one ({error})"
                ) from error

    def _schema(self) -> str | None:
        with self.reading() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
