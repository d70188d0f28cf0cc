from contextlib import closing

import pytest
from psycopg import sql
from sqlalchemy import make_url, text

from postgresql import GUARDED
from satispy.core.database import Database
from satispy.core.errors import ConfigurationError, NotReady, StorageFull
from satispy.core.postgresql import PostgresqlBackend, read_url

SECRET = "x7-very/secret"


@pytest.fixture
def database(postgresql_url):
    with closing(Database(postgresql_url)) as opened:
        yield opened


@pytest.fixture
def everything_told(caplog):
    """All that SQLAlchemy and the driver say."""
    for name in ("sqlalchemy", "psycopg"):
        caplog.set_level("DEBUG", name)
    return caplog


def name_of(url):
    return make_url(url).database


def test_a_url_of_another_kind_is_refused_without_its_password():
    for url in (
        f"mysql://u:{SECRET}@host/name",
        f"postgresql+psycopg2://u:{SECRET}@host/name",
        f"sqlite:///{SECRET}",
        f"host=localhost password={SECRET}",
        f"postgresql://u:{SECRET}@host:port/name",
        f"postgresql://u:a@{SECRET}@host/name",
        f"postgresql://u:{SECRET}@host",
        "",
    ):
        with pytest.raises(ConfigurationError, match="expected SATISPY_DATABASE_URL") as refused:
            Database(url)
        assert SECRET not in str(refused.value)
        assert refused.value.__cause__ is None


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_both_names_of_the_scheme_lead_to_psycopg(scheme):
    url = read_url(f"{scheme}://ann:{SECRET}@host:5433/reviews?connect_timeout=3")
    assert url.drivername == "postgresql+psycopg"
    assert (url.host, url.port, url.password) == ("host", 5433, SECRET)
    assert url.query["connect_timeout"] == "3"


def test_a_server_that_does_not_answer_is_named_with_what_to_do(tmp_path):
    url = f"postgresql://ann:{SECRET}@/reviews?host={tmp_path}&port=5999"
    with pytest.raises(NotReady) as refused:
        Database(url)
    said = str(refused.value)
    assert f"database 'reviews' at {tmp_path}, port 5999, user ann cannot be reached: " in said
    assert "check that the server runs, and SATISPY_DATABASE_URL" in said
    assert SECRET not in said


def test_an_unknown_database_and_an_unknown_user_are_told(postgresql):
    with pytest.raises(NotReady, match='database "nowhere" does not exist'):
        Database(postgresql.url("nowhere"))
    with pytest.raises(NotReady, match='role "nobody" does not exist'):
        Database(postgresql.url("postgres", user="nobody"))


def test_a_wrong_password_is_told_and_no_password_ever(postgresql, everything_told):
    change = sql.SQL("ALTER ROLE {} PASSWORD {}")
    postgresql.execute(change.format(sql.Identifier(GUARDED), sql.Literal(SECRET)))
    quoted = SECRET.replace("/", "%2F")
    with postgresql.database(owner=GUARDED) as url:
        right = postgresql.url(name_of(url), GUARDED, quoted)
        with closing(Database(right)) as database:
            assert SECRET not in repr(database.engine)
        for password in (f"{quoted}-wrong", ""):
            with pytest.raises(NotReady, match="password") as refused:
                Database(postgresql.url(name_of(url), GUARDED, password))
            assert SECRET not in str(refused.value)
    assert SECRET not in everything_told.text


def test_a_user_who_may_not_make_tables_is_told_so(postgresql, postgresql_url):
    url = postgresql.url(name_of(postgresql_url), "stranger")
    postgresql.execute(sql.SQL("CREATE ROLE stranger LOGIN"))
    with pytest.raises(NotReady, match="make it the owner of the database"):
        Database(url)


def test_a_database_that_cannot_hold_every_letter_is_refused(postgresql):
    options = "TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'"
    with (
        postgresql.database(options=options) as url,
        pytest.raises(NotReady, match="to be encoded as UTF8, but found LATIN1"),
    ):
        Database(url)


def test_connections_that_broke_while_idle_are_replaced(postgresql, postgresql_url, database):
    for use in (database.reading, database.writing):
        assert postgresql.end_connections(name_of(postgresql_url)) == 1
        with use() as connection:
            assert connection.execute(text("SELECT 1")).scalar_one() == 1


def test_a_connection_lost_inside_a_transaction_leaves_nothing(
    postgresql, postgresql_url, database
):
    def write():
        with database.writing() as connection:
            connection.execute(text("CREATE TABLE half (number integer)"))
            postgresql.end_connections(name_of(postgresql_url))
            connection.execute(text("INSERT INTO half VALUES (1)"))

    with pytest.raises(NotReady, match="the server was stopped; try again"):
        write()
    with database.writing() as connection:
        half = connection.execute(text("SELECT to_regclass('half')")).scalar_one()
    assert half is None


def test_a_commit_waits_for_the_disk_and_for_its_turn_whatever_the_server_is_set_to(
    postgresql, postgresql_url
):
    name = sql.Identifier(name_of(postgresql_url))
    for setting in ("synchronous_commit = off", "default_transaction_isolation = 'serializable'"):
        postgresql.execute(sql.SQL("ALTER DATABASE {} SET " + setting).format(name))
    with closing(Database(postgresql_url)) as database, database.writing() as connection:
        shown = [
            connection.execute(text(f"SHOW {setting}")).scalar_one()
            for setting in ("synchronous_commit", "transaction_isolation")
        ]
    assert shown == ["on", "read committed"]


def test_a_stricter_commit_is_left_as_it_is(postgresql, postgresql_url):
    stricter = sql.SQL("ALTER DATABASE {} SET synchronous_commit = remote_apply")
    postgresql.execute(stricter.format(sql.Identifier(name_of(postgresql_url))))
    with closing(Database(postgresql_url)) as database, database.writing() as connection:
        assert connection.execute(text("SHOW synchronous_commit")).scalar_one() == "remote_apply"


@pytest.mark.parametrize(
    "execute",
    [
        lambda connection, statement: connection.execute(text(statement)),
        lambda connection, statement: connection.connection.cursor().execute(statement),
    ],
    ids=["through SQLAlchemy", "the driver itself"],
)
def test_a_full_disk_of_the_server_is_told(database, execute):
    full = "DO $$ BEGIN RAISE SQLSTATE '53100' USING MESSAGE = 'No space left on device'; END $$"
    with pytest.raises(StorageFull, match="no room is left"), database.writing() as connection:
        execute(connection, full)


def test_an_error_that_is_our_own_defect_stays_what_it_is():
    backend = PostgresqlBackend("postgresql://ann@host/reviews", 1)
    assert backend.explain(ValueError("?"), lost=False) is None
