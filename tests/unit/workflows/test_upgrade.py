"""A home of the first version opens in this one, with all that it holds."""

import io
from contextlib import closing

import pytest
from sqlalchemy import inspect, text

from satispy.core.database import SCHEMA, Database
from satispy.core.errors import DuplicateUpload
from satispy.core.settings import load_settings
from satispy.workflows import base
from satispy.workflows.ingest import Delivery, ingest_file
from satispy.workflows.opening import open_home

FILES = {
    "january.csv": b"Commentaire,star\nlivraison rapide,5\ncolis perdu,1\n",
    "february.csv": b"Commentaire,star\ntr\xc3\xa8s bien,4\nlivraison rapide,5\n",
}
NEXT = b"Commentaire,star\nlivraison rapide,5\njamais re\xc3\xa7u,1\n"
PASSWORD = "a long sentence of alice"
KEPT = ("ledger", "users")


@pytest.fixture
def settings(own_settings, database_place, monkeypatch):
    """Settings of a home whose database is of the first schema, with two uploads and an account.

    The rows are made by this version and carried over, column by column, as far as the first schema
    had them. Only the base lies beside it: identities, indexes and marks came later.
    """
    if isinstance(database_place, str):
        monkeypatch.setenv("SATISPY_DATABASE_URL", database_place)
    settings = load_settings()
    with open_home(settings) as home:
        for name, content in FILES.items():
            ingest_file(home, Delivery(io.BytesIO(content), name, "alice"))
        home.users.add("alice", PASSWORD, "admin")
        with home.database.reading() as connection:
            rows = {
                table: connection.execute(text(f"SELECT * FROM {table}")).mappings().all()  # noqa: S608
                for table in KEPT
            }
    for path in settings.paths.clean_data.iterdir():
        if path != settings.paths.base and path.is_file():
            path.unlink()
    if isinstance(database_place, str):
        empty(database_place)
    place = settings.database_place
    with monkeypatch.context() as patch:
        patch.setattr("satispy.core.database.SCHEMA", "0001")
        with closing(Database(place)) as first, first.writing() as connection:
            assert "base_mark" not in inspect(connection).get_table_names()
            for table, found in rows.items():
                columns = [one["name"] for one in inspect(connection).get_columns(table)]
                names, marks = ", ".join(columns), ", ".join(f":{name}" for name in columns)
                insert = text(f"INSERT INTO {table} ({names}) VALUES ({marks})")  # noqa: S608
                for row in found:
                    connection.execute(insert, {name: row[name] for name in columns})
    return settings


def empty(url):
    """Drop all that a PostgreSQL database holds."""
    with closing(Database(url)) as database, database.writing() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))


def test_its_base_is_sound_its_uploads_are_known_and_its_accounts_get_in(settings):
    with open_home(settings) as home:
        found = base.verify_base(home)
        assert (found.sound, found.tail) == (True, "")
        assert found.head.rows_total == 3
        uploads = [entry.filename for entry in home.store.history.newest(10) if entry.filename]
        assert uploads == ["february.csv", "january.csv"]
        alice = home.users.authenticate("alice", PASSWORD)
        assert (alice.name, alice.role) == ("alice", "admin")
        with home.database.reading() as connection:
            version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        assert version == SCHEMA


def test_the_next_upload_is_added_and_what_was_there_before_is_not_added_again(settings):
    """Which rows it holds is learnt from the base, for the first version kept that elsewhere."""
    with open_home(settings) as home:
        with pytest.raises(DuplicateUpload):
            ingest_file(home, Delivery(io.BytesIO(FILES["january.csv"]), "again.csv", "alice"))
        receipt = ingest_file(home, Delivery(io.BytesIO(NEXT), "march.csv", "alice"))
        assert (receipt.rows_accepted, receipt.rows_duplicate) == (1, 1)
        assert base.verify_base(home).sound


def test_it_opens_a_second_time_as_it_was_left(settings):
    for _ in range(2):
        with open_home(settings) as home:
            assert base.verify_base(home).head.rows_total == 3
