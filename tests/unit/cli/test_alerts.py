from contextlib import closing

import pytest
from typer.testing import CliRunner

from listeners import collecting
from satispy.cli.app import app
from satispy.core.clock import system_clock
from satispy.core.database import Database
from satispy.core.settings import load_settings
from satispy.workflows.alerts import settle_retraining
from satispy.workflows.webhook_delivery import deliver_due


def run(*words, code=0):
    done = CliRunner().invoke(app, ["alerts", *words])
    assert done.exit_code == code, done.output
    assert "very-secret" not in done.output
    return done.stdout + done.stderr


@pytest.fixture
def webhook(monkeypatch):
    with collecting(500) as server:
        monkeypatch.setenv("SATISPY_WEBHOOK_URL", f"{server.url}/very-secret")
        yield server


def settle(*runs):
    """Let runs end: a name with a sentence failed, one without went well."""
    settings = load_settings()
    with closing(Database(settings.database_place)) as database:
        for name, failure in runs:
            settle_retraining(settings, database, system_clock, name, failure)
        deliver_due(settings, database, system_clock)


def test_a_home_without_alerts_says_so():
    assert run("list") == "0 open\n"


def test_alerts_are_listed_with_what_the_webhook_is_still_to_be_told(webhook):
    settle(("r", "[r] failed"), ("s", None), ("t", "t failed"))
    lines = run("list").splitlines()
    assert "open  retraining-failed: t failed" in lines[0]
    assert "ended 2" in lines[1]
    assert "retraining-failed: [r] failed" in lines[1]
    assert [line.partition("(")[2] for line in lines[2:5]] == [
        "opened), after 1 attempts: it answers 500",
        "ended), after 0 attempts",
        "opened), after 0 attempts",
    ]
    assert lines[5] == "1 open"


def test_a_test_that_is_not_taken_ends_with_1_and_says_why(webhook):
    assert "not delivered it answers 500" in run("test", code=1)
    webhook.status = 204
    assert run("test") == "delivered: it was taken (204)\n"
    assert [body["event"] for body in webhook.told] == ["test", "test"]
    assert "alerts.test" in CliRunner().invoke(app, ["audit", "list"]).stdout


def test_a_test_without_a_webhook_says_what_to_set():
    assert "SATISPY_WEBHOOK_URL" in run("test", code=1)


@pytest.mark.parametrize("word", ["test", "list"])
def test_an_address_that_may_not_be_posted_to_is_a_wrong_setting(word, monkeypatch):
    monkeypatch.setenv("SATISPY_WEBHOOK_URL", "http://example.org/very-secret")
    assert "SATISPY_WEBHOOK_URL" in run(word, code=2)
