"""`satispy feedback`: on both databases, with what the audit trail keeps of it."""

import pytest
from typer.testing import CliRunner

from satispy.cli import app
from satispy.core.settings import load_settings
from satispy.workflows.audit import Filter, list_records
from satispy.workflows.feedback import NewFeedback, add_feedback
from satispy.workflows.opening import open_home

LONG = "un [avis]\n" + "x" * 100


@pytest.fixture(autouse=True, params=["sqlite", "postgresql"])
def home(request, monkeypatch):
    """A home with three corrections."""
    if request.param == "postgresql":
        monkeypatch.setenv("SATISPY_DATABASE_URL", request.getfixturevalue("postgresql_url"))
    with open_home(load_settings()) as opened:
        for text, star in (("pas mal", 4), (LONG, 1), ("bof", 2)):
            add_feedback(opened, NewFeedback(text, star, "alice"))


def run(*arguments, code=0):
    done = CliRunner().invoke(app, ["feedback", *arguments])
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output
    return done


def listed(*arguments):
    lines = [line.split() for line in run("list", *arguments).stdout.splitlines()]
    return [line for line in lines if line and line[0].isdigit()]


def test_they_are_listed_newest_first_each_on_one_line(home):
    found = listed()
    assert [line[0] for line in found] == ["3", "2", "1"]
    assert "un [avis] xxxx" in " ".join(found[1])
    assert "and 2 older ones: --limit 3" in run("list", "--limit", "1").stdout
    assert listed("--state", "accepted") == []


def test_a_state_that_there_is_not_is_refused(home):
    done = run("list", "--state", "open", code=1)
    assert "expected waiting, accepted, rejected, but received 'open'" in done.stderr


def test_a_correction_is_accepted_and_says_which_row_it_became(home):
    assert "feedback 1 is accepted: row 0 says it" in run("accept", "1").stdout
    assert "feedback 1 is accepted: row 0 says it" in run("accept", "1").stdout
    (line,) = listed("--state", "accepted")
    assert line[-1] == "0"
    assert "was accepted by" in run("reject", "1", code=1).stderr


def test_a_correction_of_a_review_says_which_row_it_replaces(home):
    with open_home(load_settings()) as opened:
        opened.comments.add({"Commentaire": "pas mal", "star": "1"}, "bob").result()
    assert "row 1 says it, in place of row 0" in run("accept", "1").stdout


def test_a_correction_is_rejected_and_says_why(home):
    run("reject", "2", "--reason", "hors [sujet]")
    (line,) = listed("--state", "rejected")
    assert "hors [sujet]" in " ".join(line)
    assert "was rejected by" in run("accept", "2", code=1).stderr


def test_a_correction_is_erased_once_one_is_sure(home):
    assert "expected --yes" in run("erase", "3", code=1).stderr
    assert len(listed()) == 3
    run("erase", "3", "--yes")
    assert [line[0] for line in listed()] == ["2", "1"]
    assert "no feedback 3" in run("erase", "3", "--yes", code=1).stderr


def test_what_stands_in_the_base_is_erased_there(home):
    run("accept", "1")
    assert "satispy data erase 0 removes both" in run("erase", "1", "--yes", code=1).stderr
    done = CliRunner().invoke(app, ["data", "erase", "0", "--yes"])
    assert "removed 1 of what came as feedback" in done.stdout
    assert [line[0] for line in listed()] == ["3", "2"]


def test_what_is_not_there_is_told(home):
    for command in ("accept", "reject"):
        assert "no feedback 77" in run(command, "77", code=1).stderr
        assert "no feedback 0" in run(command, "0", code=1).stderr


def test_masking_the_base_masks_feedback_too(home):
    with open_home(load_settings()) as opened:
        add_feedback(opened, NewFeedback("écrivez à a@b.fr", 4, "alice"))
    done = CliRunner().invoke(app, ["data", "mask", "--yes"])
    assert "masked in 1 of what came as feedback" in done.stdout
    assert "écrivez à [email]" in " ".join(listed()[0])


def test_each_decision_stands_in_the_audit_trail(home):
    run("accept", "1")
    run("reject", "2")
    run("reject", "1", code=1)
    run("erase", "3", "--yes")
    records, _ = list_records(load_settings(), Filter(None, None, None, None, None), limit=20)
    told = [(one.act, one.object, one.outcome) for one in records[::-1]]
    assert [one for one in told if one[2] != "begun"] == [
        ("feedback.accept", "1", "done"),
        ("feedback.reject", "2", "done"),
        ("feedback.reject", "1", "failed already-decided"),
        ("feedback.erase", "3", "done"),
    ]
