"""`satispy audit`, and the acts of the command line that stand in it."""

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from satispy.cli.app import app
from satispy.core.settings import load_settings
from satispy.workflows.opening import open_home


def run(*words, given="a long password\n"):
    return CliRunner().invoke(app, words, input=given)


@pytest.mark.parametrize(
    ("words", "act", "outcome"),
    [
        (("users", "add", "bob"), "users.add", "done"),
        (("users", "passwd", "nobody"), "users.passwd", "failed not-found"),
        (("users", "disable", "nobody"), "users.disable", "failed not-found"),
        (("users", "enable", "nobody"), "users.enable", "failed not-found"),
        (("data", "restore"), "data.restore", "done"),
        (("data", "adopt", "--yes"), "data.adopt", "done"),
        (("data", "mask", "--yes"), "data.mask", "done"),
        (("models", "promote", "no-such"), "models.promote", "failed not-found"),
        (("models", "rollback", "svm"), "models.rollback", "failed not-found"),
        (("models", "prune", "--keep", "3"), "models.prune", "done"),
        (("alerts", "test"), "alerts.test", "failed no-webhook"),
    ],
    ids=" ".join,
)
def test_each_administrative_command_is_recorded(words, act, outcome):
    load_settings().paths.clean_data.mkdir(parents=True)
    run(*words)
    listed = run("audit", "list").stdout.splitlines()
    assert f"{outcome}  {act}" in listed[0]
    assert f"begun  {act}" in listed[1]
    assert "from command line" in listed[0]
    assert "a long password" not in "".join(listed)


def test_an_erasure_names_the_rows(own_settings):
    from io import BytesIO

    from satispy.workflows.ingest import Delivery, ingest_file

    with open_home(load_settings()) as home:
        ingest_file(home, Delivery(BytesIO(b"Commentaire,star\nbien,5\nmal,1\n"), "a.csv", "x"))
    assert run("data", "erase", "1", "--yes").exit_code == 0
    assert "done  data.erase [inID 1]" in run("audit", "list").stdout


def test_records_are_listed_by_what_is_looked_for():
    run("users", "add", "bob")
    assert "2 of 2 records" in run("audit", "list").stdout
    assert "1 of 1 records" in run("audit", "list", "--outcome", "done").stdout
    assert "0 of 0 records" in run("audit", "list", "--until", "2020-01-01").stdout
    wrong = run("audit", "list", "--since", "yesterday")
    assert (wrong.exit_code, "yesterday" in wrong.stderr) == (1, True)


def test_verify_says_where_the_trail_ends_and_ends_with_1_where_it_is_damaged():
    run("users", "add", "bob")
    sound = run("audit", "verify")
    assert sound.exit_code == 0
    end = sound.stdout.split()[-1]
    assert end.startswith("2:")
    assert run("audit", "verify", "--expect", end).exit_code == 0
    with open_home(load_settings()) as home, home.database.writing() as connection:
        connection.execute(text("DROP TRIGGER audit_update"))
        connection.execute(text("UPDATE audit SET object = 'eve' WHERE number = 2"))
    damaged = run("audit", "verify")
    assert damaged.exit_code == 1
    assert "record 2 is not as it was written" in damaged.stderr
