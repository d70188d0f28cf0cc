"""Records of many processes, of the command line, and of what ended in the middle."""

import multiprocessing
import subprocess
import sys
from contextlib import closing
from dataclasses import replace

import pytest

from satispy.core.clock import system_clock
from satispy.core.database import Database
from satispy.core.errors import ArtifactDamaged, Busy, InvalidInput, NotReady
from satispy.core.settings import Settings, load_settings
from satispy.workflows.audit import (
    Act,
    AuditTrail,
    Filter,
    administrative_act,
    list_records,
    verify_trail,
)

ACT = Act("alice", "admin", "192.0.2.1", "r1", "POST /x")
KILLED = """
import os, signal
from satispy.core.settings import load_settings
from satispy.workflows.audit import administrative_act

with administrative_act(load_settings(), "users.add", "bob"):
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def chosen(request, monkeypatch):
    """The settings of a home on either database."""
    if request.param == "postgresql":
        monkeypatch.setenv("SATISPY_DATABASE_URL", request.getfixturevalue("postgresql_url"))
    return load_settings()


def write_many(settings, name):
    with (
        closing(Database(settings.database_place)) as database,
        closing(AuditTrail(settings, database, system_clock)) as audit,
    ):
        for number in range(25):
            audit.record(Act(name, "user", "", str(number), "POST /x")).result(60)


def found(settings, **wanted):
    return list_records(settings, Filter(**wanted), limit=1000)[0][::-1]


def test_two_processes_append_at_once_and_the_chain_is_whole(chosen):
    spawning = multiprocessing.get_context("spawn")
    writers = [spawning.Process(target=write_many, args=(chosen, name)) for name in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
    assert [writer.exitcode for writer in writers] == [0, 0]
    verified = verify_trail(chosen)
    assert (verified.head.number, verified.wrong) == (50, None)
    for name in "ab":
        numbers = [int(one.request_id) for one in found(chosen, who=name)]
        assert numbers == list(range(25))


def test_a_process_that_is_killed_in_the_middle_leaves_an_act_that_began(chosen):
    done = subprocess.run([sys.executable, "-c", KILLED], check=False)
    assert done.returncode == -9
    (record,) = found(chosen)
    assert (record.act, record.object, record.outcome) == ("users.add", "bob", "begun")
    assert verify_trail(chosen).wrong is None
    with administrative_act(chosen, "users.add", "bob"):
        pass
    assert [one.outcome for one in found(chosen)] == ["begun", "begun", "done"]
    assert verify_trail(chosen).wrong is None


def test_an_act_is_recorded_with_the_operator_and_how_it_ended(chosen):
    with administrative_act(chosen, "users.add", "bob"):
        pass
    with pytest.raises(InvalidInput), administrative_act(chosen, "users.add", "bob"):
        raise InvalidInput("user 'bob' exists")
    begun, done, _, failed = found(chosen)
    assert {one.source for one in (begun, done, failed)} == {"command line"}
    assert begun.who
    assert [done.outcome, failed.outcome] == ["done", "failed invalid-input"]


def test_what_cannot_be_recorded_does_not_take_place(monkeypatch):
    def full(*_given):
        raise Busy("others have been writing")

    settings = load_settings()
    took_place = []
    monkeypatch.setattr("satispy.audit.trail.append", full)
    with pytest.raises(Busy), administrative_act(settings, "users.add", "bob"):
        took_place.append(True)
    assert took_place == []


@pytest.fixture
def failing(monkeypatch):
    """Let nothing be written until the test takes it back."""

    def fail(*_given):
        raise Busy("others have been writing")

    monkeypatch.setattr("satispy.audit.trail.append", fail)
    monkeypatch.setattr("satispy.workflows.audit.RETRY_SECONDS", 0.01)
    return monkeypatch


def test_how_an_act_ended_is_kept_until_it_can_be_written(failing, clock):
    settings = load_settings()
    with (
        closing(Database(settings.database_place)) as database,
        closing(AuditTrail(settings, database, clock)) as audit,
    ):
        ended = audit.record(replace(ACT, outcome="201"))
        assert isinstance(audit.record(ACT).exception(30), Busy)
        assert not ended.done()
        failing.undo()
        ended.result(30)
    assert [one.outcome for one in found(settings)] == ["201"]


def test_what_can_never_be_written_stands_whole_in_the_log(failing, clock, caplog):
    settings = load_settings()
    with closing(Database(settings.database_place)) as database:
        audit = AuditTrail(settings, database, clock)
        lost = audit.record(replace(ACT, outcome="201"))
        audit.close()
    assert isinstance(lost.exception(), NotReady)
    (error,) = [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]
    assert "not in the audit trail" in error
    assert "POST /x" in error


def test_who_waits_for_a_record_may_go_away(clock):
    with (
        closing(Database(load_settings().database_place)) as database,
        closing(AuditTrail(load_settings(), database, clock)) as audit,
    ):
        assert not audit.record(ACT).cancel()
        audit.record(replace(ACT, outcome="201")).result(10)
    assert len(list_records(load_settings(), Filter(), limit=9)[0]) == 2


def test_what_was_cut_off_the_end_is_missed_outside_the_database(chosen):
    with administrative_act(chosen, "users.add", "bob"):
        pass
    end = verify_trail(chosen).head
    with closing(Database(chosen.database_place)) as database, database.writing() as connection:
        from sqlalchemy import text

        off = "audit_delete" if not chosen.database_url else "audit_append_only ON audit"
        connection.execute(text(f"DROP TRIGGER {off}"))
        connection.execute(text("DELETE FROM audit WHERE number = 2"))
    assert verify_trail(chosen).wrong == "records 2 to 2 were cut off the end"
    chosen.paths.audit_head.unlink()
    assert verify_trail(chosen).wrong is None
    assert "cut off" in verify_trail(chosen, [f"{end.number}:{end.chain}"]).wrong


def test_an_end_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="NUMBER:CHAIN"):
        verify_trail(Settings(home=tmp_path), ["nonsense"])


def test_an_end_that_was_spoilt_stops_no_record_and_is_told(clock, caplog):
    settings = load_settings()
    with (
        closing(Database(settings.database_place)) as database,
        closing(AuditTrail(settings, database, clock)) as audit,
    ):
        settings.paths.audit_head.write_text("[]")
        audit.record(ACT).result(30)
    assert "could not be noted" in caplog.text
    assert len(found(settings)) == 1
    with pytest.raises(ArtifactDamaged, match="end of the audit trail"):
        verify_trail(settings)
