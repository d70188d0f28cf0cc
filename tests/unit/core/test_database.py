import threading
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from satispy.accounts import users
from satispy.core.database import METADATA, MIGRATIONS, SCHEMA, Database
from satispy.core.errors import Busy
from satispy.data import ledger

INSERT = text("INSERT INTO row_identity VALUES (x'00')")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.sqlite3"


@pytest.fixture
def database(path):
    with closing(Database(path, patience=0.05)) as opened:
        yield opened


def count(database):
    with database.reading() as connection:
        return connection.execute(text("SELECT count(*) FROM row_identity")).scalar_one()


def test_migrations_make_exactly_the_tables_that_the_code_names(database):
    assert {users.USERS.name, ledger.LEDGER.name} <= set(METADATA.tables)
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_the_schema_that_the_code_expects_is_the_newest_migration():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == SCHEMA


def test_a_transaction_that_fails_leaves_nothing(database):
    def insert_and_fail():
        with database.writing() as connection:
            connection.execute(INSERT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        insert_and_fail()
    assert count(database) == 0


@pytest.mark.parametrize("elsewhere", [False, True], ids=["same process", "another"])
def test_a_writer_that_waits_too_long_is_told_to_try_again_and_readers_never_wait(
    database, path, elsewhere
):
    other = Database(path, patience=0.05) if elsewhere else database
    with database.writing() as connection:
        connection.execute(INSERT)
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


def test_the_file_is_for_its_owner_alone(database, path):
    with database.writing() as connection:
        connection.execute(INSERT)
        for file in path.parent.glob("x.sqlite3*"):
            assert file.stat().st_mode & 0o077 == 0, file


def test_many_may_open_a_new_database_at_once(path):
    failures = []

    def open_it():
        try:
            Database(path).close()
        except Exception as error:  # whatever it is, the assertion below shows it
            failures.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
