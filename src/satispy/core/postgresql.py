"""PostgreSQL: the database is a server, for platforms of more than one machine."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError

from satispy.core.errors import (
    Busy,
    ConfigurationError,
    DatabaseLost,
    NotReady,
    SatispyError,
    StorageFull,
)

SCHEMES = ("postgresql", "postgres")
EXPECTED = "expected SATISPY_DATABASE_URL as postgresql://user:password@host/name"
WRITE_LOCK = 0x5A715  # any number that nobody else uses within this one database
CONNECT_SECONDS = 10

# https://www.postgresql.org/docs/current/errcodes-appendix.html
DISK_FULL = "53100"
LOCK_NOT_AVAILABLE = "55P03"
REFUSED = {
    "42501": "the user may not do this; make it the owner of the database",
    "25006": "this server only reads; name the one that writes",
    "53300": "the server has no connection left; raise its max_connections",
}
STOPPED = {
    "57P01": "the server was stopped; try again when it runs",
    "57P02": "the server was stopped; try again when it runs",
    "57P03": "the server is starting or stopping; try again",
}

_PREPARE = text(
    # A server that is set to commit without waiting for its disk would forget acknowledged rows;
    # every other value of synchronous_commit waits, and stays.
    "SELECT set_config('lock_timeout', :patience, true), set_config('synchronous_commit', "
    "CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' "
    "ELSE current_setting('synchronous_commit') END, true)"
)
_LOCK = text("SELECT pg_advisory_xact_lock(:key)")
_LOCK_NAME = text("SELECT pg_advisory_xact_lock(:key, hashtext(:name))")


class PostgresqlBackend:
    """A database of a PostgreSQL server; one advisory lock of its own lets one writer in."""

    def __init__(self, url: str, patience: float) -> None:
        self._url = read_url(url)
        self._patience = patience
        self.name = describe(self._url)

    def engine(self) -> Engine:
        """Return an engine that replaces connections which broke while they lay idle."""
        engine = create_engine(
            self._url,
            pool_pre_ping=True,
            # The server's default might be another. In a transaction that sees one state only, the
            # writer would see that of before it waited for the lock.
            isolation_level="READ COMMITTED",
            hide_parameters=True,
        )
        event.listen(engine, "begin", self._begin)
        return engine

    def readers(self, engine: Engine) -> Engine:
        """Let a transaction see one state, as SQLite does."""
        return engine.execution_options(isolation_level="REPEATABLE READ")

    def explain(self, error: BaseException, *, lost: bool) -> SatispyError | None:
        """Tell a held lock, a full disk, a refusal and a lost server from all else."""
        code = getattr(error, "sqlstate", None) or ""
        if code == LOCK_NOT_AVAILABLE:
            return Busy(
                f"others have been writing to {self.name} for {self._patience:g} s; try again"
            )
        if code == DISK_FULL:
            return StorageFull(
                f"no room is left on the disk of {self.name}; nothing was written. Free some "
                "space there, then try again"
            )
        if code in REFUSED:
            return NotReady(f"{self.name} refused: {_one_line(error)}; {REFUSED[code]}")
        if code in STOPPED or lost:
            remedy = STOPPED.get(code, "check that the server runs, and SATISPY_DATABASE_URL")
            return DatabaseLost(f"{self.name} cannot be reached: {_one_line(error)}; {remedy}")
        return None

    def check_new(self, connection: Connection) -> None:
        """Refuse a database whose encoding cannot hold every review."""
        encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
        if encoding != "UTF8":
            raise NotReady(
                f"expected {self.name} to be encoded as UTF8, but found {encoding}; make it anew "
                "with createdb --template=template0 --encoding=UTF8"
            )

    @contextmanager
    def alone(self, engine: Engine, name: str) -> Iterator[None]:
        """Hold an advisory lock of this name; it goes with the connection."""
        with engine.begin() as connection:
            self._prepare(connection)
            connection.execute(_LOCK_NAME, {"key": WRITE_LOCK, "name": name})
            yield

    def clear_log(self, engine: Engine) -> None:
        """Do nothing: what is deleted goes when the server vacuums, and its log as it is set."""

    def _begin(self, connection: Connection) -> None:
        if not connection.get_execution_options().get("writes", False):
            return
        self._prepare(connection)
        connection.execute(_LOCK, {"key": WRITE_LOCK})

    def _prepare(self, connection: Connection) -> None:
        milliseconds = max(1, round(self._patience * 1000))  # 0 would mean to wait for ever
        connection.execute(_PREPARE, {"patience": str(milliseconds)})


def read_url(given: str) -> URL:
    """Return the URL for SQLAlchemy's driver of PostgreSQL, psycopg 3.

    Raises
    ------
    ConfigurationError
        If it is of another kind, names no database or cannot be read; its password is not told.
    """
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):
        # No cause: the parser's message may hold the password.
        raise ConfigurationError(
            f"{EXPECTED}, but what came cannot be read as a URL (it is not shown, for it may hold "
            "a password)"
        ) from None
    if url.drivername not in SCHEMES:
        raise ConfigurationError(f"{EXPECTED}, but received one that begins {url.drivername}://")
    if given.count("@") > 1:  # else a part of the password would be taken, and told, as the host
        raise ConfigurationError(f"{EXPECTED}; write any further '@' in it as %40")
    if not url.database:
        raise ConfigurationError(f"{EXPECTED}, but received one without the database's name")
    defaults = {"application_name": "satispy", "connect_timeout": str(CONNECT_SECONDS)}
    return url.set(drivername="postgresql+psycopg", query={**defaults, **url.query})


def describe(url: URL) -> str:
    """Return database, host, port and user for messages, without the password."""
    host = url.host or url.query.get("host") or "the local socket"
    port = url.port or url.query.get("port") or 5432
    return f"PostgreSQL database '{url.database}' at {host}, port {port}, user {url.username}"


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
