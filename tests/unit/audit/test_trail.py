"""The trail on SQLite and on PostgreSQL: append only, chained, and what a reading of it finds."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from satispy.audit import head_mark
from satispy.audit.trail import NO_CHAIN, Act, Filter, Head, append, first_wrong, page, printable
from satispy.core.database import Database

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
ACT = Act("alice", "admin", "192.0.2.1", "r1", "POST /x/{id}", "id=1", "201")


@pytest.fixture
def database(database_place):
    with closing(Database(database_place)) as opened:
        yield opened


@pytest.fixture
def five(database):
    with database.writing() as connection:
        return append(connection, [(NOW, replace(ACT, request_id=f"r{n}")) for n in range(1, 6)])


def tamper(database, *statements):
    """Do what a database administrator can: take the triggers off first."""
    off = (
        [f"DROP TRIGGER audit_{name}" for name in ("update", "delete", "replace")]
        if database.engine.dialect.name == "sqlite"
        else ["DROP TRIGGER audit_append_only ON audit"]
    )
    with database.writing() as connection:
        for statement in (*off, *statements):
            connection.execute(text(statement))


def wrong_in(database, *marks):
    with database.reading() as connection:
        return first_wrong(connection, marks)


def test_an_empty_trail_is_sound(database):
    assert wrong_in(database) == (Head(0, NO_CHAIN), None)


def test_records_follow_one_another_and_each_has_another_hash(database, five):
    with database.reading() as connection:
        records, total = page(connection, Filter(), offset=0, limit=10)
    assert ([one.number for one in records], total) == ([5, 4, 3, 2, 1], 5)
    assert len({one.chain for one in records}) == 5
    assert records[0].at == NOW
    assert wrong_in(database, five) == (five, None)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET who = 'mallory'",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE number = 5",
    ],
)
def test_the_database_itself_refuses_to_change_or_remove(database, five, statement):
    with (
        pytest.raises(DBAPIError, match="only appended to"),
        database.writing() as connection,
    ):
        connection.execute(text(statement))
    assert wrong_in(database, five) == (five, None)


def test_nor_is_a_record_replaced_or_all_removed_at_once(database, five):
    sqlite = database.engine.dialect.name == "sqlite"
    statement = "REPLACE INTO audit SELECT * FROM audit" if sqlite else "TRUNCATE audit"
    with (
        pytest.raises(DBAPIError, match="only appended to"),
        database.writing() as connection,
    ):
        connection.execute(text(statement))
    assert wrong_in(database, five) == (five, None)


@pytest.mark.parametrize(
    ("statements", "last", "what"),
    [
        (["UPDATE audit SET outcome = '200' WHERE number = 3"], 2, "record 3 is not as it was"),
        (["UPDATE audit SET at = '2020-01-01 00:00:00+00:00' WHERE number = 1"], 0, "record 1 is"),
        (["DELETE FROM audit WHERE number = 2"], 1, "record 2 is missing; 3 follows"),
        (["DELETE FROM audit WHERE number = 1"], 0, "record 1 is missing; 2 follows"),
        (
            [
                "UPDATE audit SET number = 9 WHERE number = 2",
                "UPDATE audit SET number = 2 WHERE number = 3",
                "UPDATE audit SET number = 3 WHERE number = 9",
            ],
            1,
            "record 2 is not as it was written",
        ),
        (["DELETE FROM audit WHERE number > 3"], 3, "records 4 to 5 were cut off the end"),
        (["DELETE FROM audit"], 0, "records 1 to 5 were cut off the end"),
    ],
    ids=["edited", "redated", "removed", "first removed", "reordered", "cut off", "emptied"],
)
def test_what_gets_round_the_triggers_is_found_and_the_first_wrong_record_named(
    database, five, statements, last, what
):
    tamper(database, *statements)
    head, wrong = wrong_in(database, five)
    assert head.number == last
    assert what in wrong


def test_a_trail_that_was_made_anew_as_a_whole_is_not_the_one_that_was_noted(database, five):
    tamper(database, "DELETE FROM audit")
    with database.writing() as connection:
        append(connection, [(NOW, replace(ACT, who="mallory"))] * 6)
    assert wrong_in(database)[1] is None
    assert "record 5 is another one than was noted" in wrong_in(database, five)[1]


def test_pages_are_filtered_by_who_act_outcome_and_time(database):
    later = NOW.replace(hour=9)
    acts = [
        (NOW, ACT),
        (NOW, replace(ACT, who="bob", outcome="409 duplicate-upload")),
        (later, replace(ACT, act="users.add", outcome="done")),
    ]
    with database.writing() as connection:
        append(connection, acts)

    def found(**wanted):
        with database.reading() as connection:
            return [one.number for one in page(connection, Filter(**wanted), offset=0, limit=9)[0]]

    assert found(who="bob") == [2]
    assert found(act="users.add") == [3]
    assert found(outcome="409") == [2]
    assert found(outcome="%") == []
    assert found(since=later) == [3]
    assert found(until=later) == [2, 1]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("alice\nbob did it", "alice\\nbob did it"),
        ("\x1b[31m", "\\x1b[31m"),
        ("a\u202eb\0", "a\\u202eb\\x00"),
        ("\ud800", "\\ud800"),
        ("zoé d’Été", "zoé d’Été"),
    ],
)
def test_nobody_forges_a_line_or_colours_a_terminal_by_a_name(database, given, kept):
    assert printable(given) == kept
    with database.writing() as connection:
        append(connection, [(NOW, replace(ACT, who=given, object=given, detail=given * 300))])
    with database.reading() as connection:
        (record,), _ = page(connection, Filter(), offset=0, limit=1)
    assert (record.who, record.object) == (kept, kept)
    assert len(record.detail) == 400
    assert wrong_in(database)[1] is None


def test_the_end_is_noted_and_never_goes_back(tmp_path):
    path = tmp_path / "clean_data" / "audit_head.json"
    assert head_mark.noted(path) is None
    for number in (3, 2, 5, 4):
        head_mark.note(path, Head(number, "a" * 64))
    assert head_mark.noted(path) == Head(5, "a" * 64)
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_end_is_read_as_it_was_spoken():
    assert head_mark.spoken(f"7:{'b' * 64}") == Head(7, "b" * 64)
    assert [head_mark.spoken(text) for text in ("", "7", "x:y", f"-1:{'b' * 64}")] == [None] * 4


def test_another_program_cannot_edit_the_sqlite_file_by_the_way(tmp_path):
    place = tmp_path / "x.sqlite3"
    with closing(Database(place)) as database, database.writing() as connection:
        append(connection, [(NOW, ACT)])
    with (
        closing(sqlite3.connect(place)) as other,
        pytest.raises(sqlite3.IntegrityError, match="only appended to"),
    ):
        other.execute("DELETE FROM audit")
