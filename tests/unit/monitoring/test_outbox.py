from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from satispy.core.database import Database
from satispy.monitoring import outbox
from satispy.monitoring.alerts import Scope, settle
from satispy.monitoring.findings import Finding

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


@pytest.fixture
def database(database_place):
    with closing(Database(database_place)) as opened:
        yield opened


def put(database, run="r", *events):
    """Write messages of one new alert; return its id."""
    scope = Scope(["model-damaged"], [run])
    red = Finding("model-damaged", "-", run)
    with database.writing() as connection:
        (change,) = settle(connection, scope, [red], NOW)
        for event in events or ("opened",):
            outbox.put(connection, change.alert.id, event, {"event": event, "run": run}, NOW)


def claim(database, seconds=0):
    with database.writing() as connection:
        return outbox.claim(connection, NOW + timedelta(seconds=seconds))


def say(database, message, *, taken, seconds=0):
    with database.writing() as connection:
        now = NOW + timedelta(seconds=seconds)
        if taken:
            return outbox.sent(connection, message, now)
        return outbox.failed(connection, message, "it answers 500", now)


def test_a_message_carries_its_id_in_its_body(database):
    put(database)
    message = claim(database)
    assert message.body == {"id": message.id, "event": "opened", "run": "r"}
    assert (len(message.id), message.attempts) == (32, 1)


def test_what_one_sender_claimed_no_other_takes_until_that_one_must_be_dead(database):
    put(database)
    first = claim(database)
    assert claim(database, 59) is None
    again = claim(database, 60)
    assert (again.id, again.attempts) == (first.id, 2)


def test_what_was_taken_is_not_sent_again(database):
    put(database)
    say(database, claim(database), taken=True)
    with database.reading() as connection:
        assert not outbox.is_due(connection, NOW + timedelta(days=9))
        assert outbox.waiting(connection) == []


def test_what_was_not_taken_is_put_off_longer_each_time(database):
    put(database)
    at = 0
    for seconds in (10, 20, 40, 80):
        say(database, claim(database, at), taken=False, seconds=at)
        assert claim(database, at + seconds - 1) is None
        at += seconds
    with database.reading() as connection:
        ((message, complaint),) = outbox.waiting(connection)
    assert (message.attempts, complaint) == (4, "it answers 500")


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 10), (2, 20), (9, 2560), (10, 3600), (10**6, 3600)]
)
def test_the_pause_doubles_up_to_an_hour(attempts, seconds):
    assert outbox.pause_after(attempts) == timedelta(seconds=seconds)


def test_after_three_days_a_message_is_given_up(database):
    put(database)
    almost = timedelta(days=3).total_seconds() - 1
    assert say(database, claim(database, almost), taken=False, seconds=almost) is False
    later = almost + 3600
    assert say(database, claim(database, later), taken=False, seconds=later) is True
    assert claim(database, later * 9) is None


def test_the_end_of_an_alert_never_comes_before_its_beginning_and_holds_up_no_other(database):
    put(database, "a", "opened", "ended")
    put(database, "b", "opened")
    first = claim(database)
    assert (first.event, first.body["run"]) == ("opened", "a")
    other = claim(database)
    assert other.body["run"] == "b"
    say(database, other, taken=True)
    say(database, first, taken=False)
    assert claim(database) is None
    say(database, claim(database, 10), taken=True, seconds=10)
    assert claim(database, 10).event == "ended"


def test_the_end_is_told_although_the_beginning_was_given_up(database):
    put(database, "a", "opened", "ended")
    late = timedelta(days=4).total_seconds()
    say(database, claim(database, late), taken=False, seconds=late)
    assert claim(database, late).event == "ended"


def test_messages_that_are_done_with_are_forgotten_after_a_month_and_no_others(database):
    put(database, "a", "opened", "ended")
    put(database, "b")
    say(database, claim(database), taken=True)
    with database.writing() as connection:
        assert outbox.forget_old(connection, NOW + timedelta(days=30)) == 0
        assert outbox.forget_old(connection, NOW + timedelta(days=31)) == 1
        assert len(outbox.waiting(connection)) == 2
