"""One database per home: engine, transactions, migrations.

The tables stand with the part that owns them and register in `METADATA`; the migrations in
`satispy.migrations` make them, and a test holds the two together.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock
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
from sqlalchemy.engine import Connection, Engine

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

WAIT_FOR_LOCK_SECONDS = 30


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


def open_database(path: Path) -> Engine:
    """Open the SQLite database of a home, making or migrating it where needed.

    Write-ahead log, so that readers never wait; full synchronisation, so that what is committed
    survives a power cut.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": WAIT_FOR_LOCK_SECONDS})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        exclusive = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if exclusive else "BEGIN")

    _migrate(engine, path.with_name(f".{path.name}.migration.lock"))
    return engine


@contextmanager
def write_transaction(engine: Engine) -> Iterator[Connection]:
    """Hold the one write lock of the database until the block ends; commit, or roll back."""
    with engine.connect() as connection:
        writing = connection.execution_options(writes=True)
        with writing.begin():
            yield writing


def _migrate(engine: Engine, lock: Path) -> None:
    if _schema_of(engine) == SCHEMA:
        return
    from alembic import command  # half of the start-up time of a process, and rarely needed
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with FileLock(lock, timeout=WAIT_FOR_LOCK_SECONDS), engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, SCHEMA)


def _schema_of(engine: Engine) -> str | None:
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
