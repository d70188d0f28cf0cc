from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from satispy.core.database import Database
from satispy.monitoring.alerts import (
    ALERTS,
    Scope,
    is_settled,
    newest,
    open_alerts,
    settle,
)
from satispy.monitoring.findings import Finding

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
SCORES = Scope(("performance", "slice"))


@pytest.fixture
def database(database_place):
    with closing(Database(database_place)) as opened:
        yield opened


def score(value=0.7, family="svm", metric="f1_0", run="1-svm"):
    return Finding("performance", f"{metric} is {value}", family, metric, None, run, value, 0.8)


def look(database, red, scope=SCORES, minutes=0):
    with database.writing() as connection:
        changes = settle(connection, scope, red, NOW + timedelta(minutes=minutes))
    return [(change.event, change.alert.family or change.alert.run) for change in changes]


def known(database):
    with database.reading() as connection:
        return newest(connection, 100)


def test_an_alert_is_opened_once_and_ended_once_however_often_one_looks(database):
    assert look(database, [score()]) == [("opened", "svm")]
    assert look(database, [score()], minutes=1) == []
    assert look(database, [], minutes=2) == [("ended", "svm")]
    assert look(database, [], minutes=3) == []
    (alert,), still_open = known(database)
    assert (alert.since, alert.ended_at) == (NOW, NOW + timedelta(minutes=2))
    assert still_open == 0


def test_one_that_stays_open_takes_over_the_newest_run_and_value_but_not_its_beginning(database):
    look(database, [score()])
    assert look(database, [score(0.6, run="2-svm")], minutes=1) == []
    (alert,), _ = known(database)
    assert (alert.run, alert.value, alert.detail) == ("2-svm", 0.6, "f1_0 is 0.6")
    assert alert.since == NOW


def test_what_is_red_again_is_a_new_alert(database):
    for minutes, red in enumerate([[score()], [], [score()]]):
        look(database, red, minutes=minutes)
    found, still_open = known(database)
    assert [alert.ended_at is None for alert in found] == [True, False]
    assert (len(found), still_open) == (2, 1)


def test_nobody_ends_what_another_has_opened(database):
    failed = Finding("retraining-failed", "the retraining r failed", run="r")
    look(database, [failed], Scope(["retraining-failed"]))
    look(database, [score()])
    look(database, [score(family="gbc")], Scope(["performance"], ["gbc"]), minutes=1)
    assert look(database, [], Scope(["performance"], ["gbc"]), minutes=2) == [("ended", "gbc")]
    with database.reading() as connection:
        assert {alert.kind for alert in open_alerts(connection)} == {
            "performance",
            "retraining-failed",
        }


def test_a_look_that_changes_nothing_needs_no_lock(database):
    look(database, [score()])
    with database.reading() as connection:
        assert is_settled(connection, SCORES, [score()])
        assert not is_settled(connection, SCORES, [score(0.6)])
        assert not is_settled(connection, SCORES, [])
        assert is_settled(connection, Scope(["model-damaged"]), [])


def test_the_open_ones_come_first_then_the_newest(database):
    for minutes, family in enumerate(("a", "b", "c")):
        look(database, [score(family=family)], Scope(["performance"], [family]), minutes)
    look(database, [], Scope(["performance"], ["c"]), 9)
    found, still_open = known(database)
    assert [alert.family for alert in found] == ["b", "a", "c"]
    assert still_open == 2
    with database.reading() as connection:
        assert len(newest(connection, 1)[0]) == 1


def test_the_database_itself_forbids_a_second_open_alert_of_the_same_thing(database):
    look(database, [score()])
    row = {"key": score().key, "kind": "performance", "detail": "-", "since": NOW}
    with database.writing() as connection:
        connection.execute(ALERTS.insert().values(**row, ended_at=NOW))
    with pytest.raises(IntegrityError), database.writing() as connection:
        connection.execute(ALERTS.insert().values(**row))
