import multiprocessing
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, select, text

import satispy.workflows.alerts
import satispy.workflows.feedback  # noqa: F401  with both, every table of a home is registered
from satispy.accounts.users import USERS
from satispy.core.database import METADATA, MIGRATIONS, SCHEMA, Database
from satispy.core.errors import Busy, NotReady
from satispy.data import ledger

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
HOLDER = """
import sys
from pathlib import Path
from satispy.core.database import Database

kind, place = sys.argv[1:]
database = Database(Path(place) if kind == "sqlite" else place)
with database.writing():
    print("holds", flush=True)
    sys.stdin.read()
database.close()
print("done", flush=True)
"""


@pytest.fixture
def database(database_place):
    with closing(Database(database_place, patience=0.05)) as opened:
        yield opened


@contextmanager
def another_process_that_holds_the_lock(place):
    """Yield a process inside `writing`; it ends when its standard input does."""
    kind = "sqlite" if isinstance(place, Path) else "postgresql"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, kind, str(place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "holds\n"
        yield process


def insert(connection, name="alice"):
    row = {"name": name, "role": "user", "password_hash": "-", "disabled": False}
    connection.execute(USERS.insert().values(**row, created_at=NOW, changed_at=NOW))


def count(database):
    with database.reading() as connection:
        return connection.execute(select(func.count()).select_from(USERS)).scalar_one()


def open_and_close(place):
    Database(place).close()


def test_a_database_of_the_first_schema_goes_on_with_what_it_holds(database_place, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("satispy.core.database.SCHEMA", "0001")
        with closing(Database(database_place)) as first, first.writing() as connection:
            connection.execute(
                text(
                    "INSERT INTO ledger VALUES (0, 'upload', 'id', 'a.csv', :sha, 1, 1, 0, 0, 1, "
                    "0, 70, :chain, 'admin', '2026-11-21 08:00:00+00:00')"
                ),
                {"sha": "a" * 64, "chain": "b" * 64},
            )
    with closing(Database(database_place)) as now, now.reading() as connection:
        entry = ledger.last(connection)
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    assert (entry.upload_id, entry.generation, entry.warnings) == ("id", 0, [])
    assert entry.received_at == NOW


def test_migrations_make_exactly_the_tables_that_the_code_names(database):
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_the_schema_that_the_code_expects_is_the_newest_migration():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == SCHEMA


def test_a_database_that_a_newer_satispy_migrated_is_refused(database_place):
    with closing(Database(database_place)) as database, database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NotReady, match=r"a newer Satispy.*9999"):
        Database(database_place)


def test_a_transaction_that_fails_leaves_nothing(database):
    def insert_and_fail():
        with database.writing() as connection:
            insert(connection)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        insert_and_fail()
    assert count(database) == 0


@pytest.mark.parametrize("elsewhere", [False, True], ids=["same engine", "another"])
def test_a_writer_that_waits_too_long_is_told_to_try_again_and_readers_never_wait(
    database, database_place, elsewhere
):
    other = Database(database_place, patience=0.05) if elsewhere else database
    with database.writing() as connection:
        insert(connection)
        refused = []

        def write():
            with pytest.raises(Busy, match="try again"), other.writing():
                pass
            refused.append(count(other))

        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
        assert refused == [0]
    assert count(other) == 1
    other.close()


def test_the_lock_keeps_other_processes_out_until_they_are_done(database, database_place):
    with another_process_that_holds_the_lock(database_place) as process:
        with pytest.raises(Busy, match=r"0\.05 s; try again"), database.writing():
            pass
        assert count(database) == 0
        process.stdin.close()
        assert process.stdout.read() == "done\n"
        with database.writing() as connection:
            insert(connection)
    assert count(database) == 1


def test_a_process_that_is_killed_lets_go_of_the_lock(database_place):
    with (
        closing(Database(database_place)) as database,
        another_process_that_holds_the_lock(database_place) as process,
    ):
        process.kill()
        with database.writing() as connection:
            insert(connection)
        assert count(database) == 1


def test_a_writer_who_waited_sees_what_the_one_before_committed(database_place):
    counts = []
    with closing(Database(database_place)) as one, closing(Database(database_place)) as other:

        def write():
            with other.writing() as connection:
                counts.append(connection.execute(select(func.count(USERS.c.name))).scalar_one())

        with one.writing() as connection:
            thread = threading.Thread(target=write)
            thread.start()
            insert(connection)
        thread.join()
    assert counts == [1]


def test_a_reader_sees_one_state_however_long_it_reads(database):
    everybody = select(func.count(USERS.c.name))
    with database.reading() as connection:
        assert connection.execute(everybody).scalar_one() == 0
        with database.writing() as writer:
            insert(writer)
        assert connection.execute(everybody).scalar_one() == 0
    assert count(database) == 1


def test_a_time_comes_back_in_utc(database):
    with database.writing() as connection:
        insert(connection)
    with database.reading() as connection:
        time = connection.execute(select(USERS.c.created_at)).scalar_one()
    assert (time, time.tzinfo) == (NOW, UTC)


def test_many_processes_may_open_a_new_database_at_once(database_place):
    spawning = multiprocessing.get_context("spawn")
    with spawning.Pool(8) as pool:
        opened = pool.map_async(open_and_close, [database_place] * 8, chunksize=1)
        assert opened.get(timeout=120) == [None] * 8
        pool.close()
        pool.join()


def test_many_threads_may_open_a_new_database_at_once(database_place):
    failures = []

    def open_it():
        try:
            open_and_close(database_place)
        except Exception as error:  # whatever it is, the assertion below shows it
            failures.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
