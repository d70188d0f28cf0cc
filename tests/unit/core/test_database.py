import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from satispy.accounts import users
from satispy.core.database import METADATA, MIGRATIONS, SCHEMA, open_database, write_transaction
from satispy.data import ledger


def test_migrations_make_exactly_the_tables_that_the_code_names(tmp_path):
    assert {users.USERS.name, ledger.LEDGER.name} <= set(METADATA.tables)
    with open_database(tmp_path / "x.sqlite3").connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_the_schema_that_the_code_expects_is_the_newest_migration():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == SCHEMA


def test_a_transaction_that_fails_leaves_nothing(tmp_path):
    engine = open_database(tmp_path / "x.sqlite3")

    def insert_and_fail():
        with write_transaction(engine) as connection:
            connection.execute(text("INSERT INTO row_identity VALUES (x'00')"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        insert_and_fail()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM row_identity")).scalar_one() == 0


def test_many_may_open_a_new_database_at_once(tmp_path):
    failures = []

    def open_it():
        try:
            open_database(tmp_path / "x.sqlite3").dispose()
        except Exception as error:  # whatever it is, the assertion below shows it
            failures.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
