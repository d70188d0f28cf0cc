"""A PostgreSQL server for the tests: the system's own, in a folder of its own, gone afterwards."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from requires import missing

OWNER = "satispy"
GUARDED = "guarded"
SETTINGS = {
    "listen_addresses": "",
    # Our tests kill clients, never the machine: what the server wrote survives them in the page
    # cache.
    "fsync": "off",
    "full_page_writes": "off",
    # Far from Greenwich, so that a forgotten time zone shows.
    "timezone": "Asia/Tokyo",
    "max_connections": "200",
    "autovacuum": "off",
}


class PostgresqlServer:
    """A running server, reached by a Unix socket; it asks GUARDED alone for a password."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    def url(self, name: str, user: str = OWNER, password: str = "") -> str:
        """Return the URL of a database."""
        return f"postgresql://{user}:{password}@/{name}?host={self._socket}&port=5432"

    def execute(self, statement: sql.Composable, database: str = "postgres") -> None:
        """Run a statement as the superuser, outside any transaction."""
        with self._administrator(database) as connection:
            connection.execute(statement)

    @contextmanager
    def database(self, *, owner: str = OWNER, options: str = "") -> Iterator[str]:
        """Make an empty database and yield its URL; drop it afterwards, whoever uses it.

        `options` ends the statement that makes it.
        """
        name = f"t{uuid.uuid4().hex[:12]}"
        made = sql.SQL("CREATE DATABASE {} OWNER {} " + options)
        self.execute(made.format(sql.Identifier(name), sql.Identifier(owner)))
        try:
            yield self.url(name)
        finally:
            self.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def end_connections(self, name: str) -> int:
        """End every connection to a database and return their number once they are gone."""
        query = (
            "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity "
            "WHERE datname = %s"
        )
        with self._administrator() as connection:
            row = connection.execute(query, [name]).fetchone()
        assert row is not None
        return int(row[0])

    def _administrator(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(
            host=str(self._socket), port=5432, user="postgres", dbname=database, autocommit=True
        )


@contextmanager
def postgresql_server() -> Iterator[PostgresqlServer]:
    """Start a server; without PostgreSQL, skip or fail as SATISPY_TEST_REQUIRE says."""
    programs = _programs()
    # Not in pytest's folder, which other users cannot enter; a socket's path has 107 bytes at most.
    with tempfile.TemporaryDirectory(prefix="satispy-pg-") as name:
        folder = Path(name)
        identity: dict[str, Any] = {"cwd": folder, "stdin": subprocess.DEVNULL}
        if os.geteuid() == 0:  # as which PostgreSQL refuses to run
            user = _somebody_else()
            os.chown(folder, user.pw_uid, user.pw_gid)
            identity |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        _initialise(programs, folder / "data", identity)
        with _running(programs, folder, identity):
            server = PostgresqlServer(folder)
            for role in (OWNER, GUARDED):
                server.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
            yield server


def _programs() -> Path:
    on_the_path = shutil.which("postgres")
    found = [Path(on_the_path).resolve().parent] if on_the_path else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in found:
        if all((folder / program).exists() for program in ("postgres", "initdb")):
            return folder
    missing("PostgreSQL", "Debian: apt-get install postgresql")


def _somebody_else() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _initialise(programs: Path, data: Path, identity: dict[str, Any]) -> None:
    options = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    done = subprocess.run(
        [programs / "initdb", "-D", data, "-U", "postgres", *options],
        capture_output=True,
        text=True,
        **identity,
    )
    if done.returncode:
        raise RuntimeError(f"initdb failed: {done.stdout}{done.stderr}")
    rules = f"local all {GUARDED} scram-sha-256\nlocal all all trust\n"
    (data / "pg_hba.conf").write_text(rules)


@contextmanager
def _running(programs: Path, folder: Path, identity: dict[str, Any]) -> Iterator[None]:
    settings = [part for item in SETTINGS.items() for part in ("-c", "=".join(item))]
    process = subprocess.Popen(
        # SIGQUIT ends it at once, also when we are killed ourselves.
        [
            *("setpriv", "--pdeathsig=QUIT", "--"),
            *(programs / "postgres", "-D", folder / "data", "-k", folder, "-p", "5432"),
            *settings,
        ],
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        **identity,
    )
    assert process.stderr is not None
    with process.stderr as log:
        # Read to its end, for a full pipe would stop the server.
        rest = threading.Thread(target=log.read)
        try:
            said = []
            for line in log:
                said.append(line)
                if "ready to accept connections" in line:
                    break
            else:
                raise RuntimeError(f"PostgreSQL did not start: {''.join(said)}")
            rest.start()
            yield
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait()
            if rest.ident:
                rest.join()
