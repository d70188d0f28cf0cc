import pytest
from typer.testing import CliRunner

from satispy.cli import app
from satispy.core.settings import load_settings
from satispy.workflows.opening import open_home


@pytest.fixture
def users():
    with open_home(load_settings()) as home:
        yield home.users


def run(*arguments, typed=""):
    return CliRunner().invoke(app, ["users", *arguments], input=typed)


@pytest.mark.parametrize("command", ["passwd", "disable", "enable"])
def test_an_unknown_user_is_an_error_in_one_line(command):
    done = run(command, "bob", typed="long enough\n")
    assert done.exit_code == 1
    assert "no user 'bob'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_user_is_added_listed_changed_and_disabled(users):
    assert run("add", "alice", typed="first password\n").exit_code == 0
    assert users.authenticate("alice", "first password").role == "user"
    assert run("passwd", "alice", typed="second password\n").exit_code == 0
    assert users.authenticate("alice", "first password") is None
    assert users.authenticate("alice", "second password") is not None
    assert run("disable", "alice").exit_code == 0
    assert users.authenticate("alice", "second password") is None
    assert "disabled" in run("list").stdout
    assert run("enable", "alice").exit_code == 0
    assert "disabled" not in run("list").stdout


def test_a_generated_password_is_printed_and_works(users):
    printed = run("add", "[/b]", "--generate").stdout.splitlines()[1]
    assert users.authenticate("[/b]", printed.rpartition(" ")[2]).role == "user"
    assert "[/b]" in run("list").stdout
    assert "password" not in run("add", "[/b]", "--generate").stdout


def test_a_user_gets_another_role(users):
    run("add", "alice", typed="first password\n")
    assert run("role", "alice", "viewer").exit_code == 0
    assert users.authenticate("alice", "first password").role == "viewer"
    assert run("role", "alice", "root").exit_code == 2


@pytest.mark.parametrize("password", ["", "admin", "password", "Changeme123", "alicealice"])
def test_a_weak_password_is_refused_with_the_reason(users, password):
    done = run("add", "alice", typed=f"{password}\n")
    assert done.exit_code == 1
    assert "expected a password" in done.stderr
    assert users.list() == []
