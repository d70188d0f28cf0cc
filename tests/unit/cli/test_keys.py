import pytest
from typer.testing import CliRunner

from satispy.cli import app
from satispy.core.settings import load_settings
from satispy.workflows.opening import open_home


@pytest.fixture
def home():
    with open_home(load_settings()) as opened:
        opened.users.add("alice", "alice's password", "user")
        yield opened


def run(*arguments):
    return CliRunner().invoke(app, ["users", "keys", *arguments])


def test_a_key_is_made_printed_once_listed_and_revoked(home):
    printed = run("add", "alice", "[/b] shop", "--scope", "comment", "--scope", "read")
    line, text = printed.stdout.splitlines()
    caller = home.keys.check(text)
    assert caller.user.name == "alice"
    assert caller.credential.scopes == {"comment", "read"}
    assert caller.credential.id in line
    listed = run("list").stdout
    assert "[/b] shop" in listed
    assert "comment, read" in listed
    assert text not in listed
    assert run("revoke", caller.credential.id).exit_code == 0
    assert home.keys.check(text) is None
    assert "revoked" in run("list").stdout


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("add", "nobody", "x"), "no user 'nobody'"),
        (("add", "alice", "x", "--role", "admin"), "not above that of 'alice'"),
        (("add", "alice", "x", "--scope", "everything"), "read, predict, comment, upload"),
        (("revoke", "0123456789abcdef"), "no key"),
    ],
)
def test_what_cannot_be_is_an_error_in_one_line(home, arguments, why):
    done = run(*arguments)
    assert done.exit_code == 1
    assert why in done.stderr
    assert "Traceback" not in done.stderr
