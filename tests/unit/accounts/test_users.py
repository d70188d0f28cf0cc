from contextlib import closing

import pytest

from satispy.accounts.users import UserDirectory
from satispy.core.database import Database
from satispy.core.errors import InvalidInput, NotFound


@pytest.fixture
def users(database_place, clock):
    database = Database(database_place)
    yield UserDirectory(database, clock)
    database.close()


@pytest.mark.parametrize("name", ["", "  ", "a:b", "x" * 65, "a\nb"])
def test_an_impossible_name_is_refused(users, name):
    with pytest.raises(InvalidInput, match="1 to 64"):
        users.add(name, "long enough", "user")


def test_a_short_password_an_unknown_role_and_a_taken_name_are_refused(users):
    with pytest.raises(InvalidInput, match="at least 10"):
        users.add("alice", "short", "user")
    with pytest.raises(InvalidInput, match="viewer, user, admin"):
        users.add("alice", "long enough", "root")
    users.add("alice", "long enough", "user")
    with pytest.raises(InvalidInput, match="exists"):
        users.add("alice", "long enough", "user")


def test_a_wrong_password_an_unknown_and_a_disabled_user_are_all_turned_away(users):
    users.add("alice", "long enough", "user")
    assert users.authenticate("alice", "wrong") is None
    assert users.authenticate("bob", "long enough") is None
    users.disable("alice")
    assert users.authenticate("alice", "long enough") is None
    users.enable("alice")
    assert users.authenticate("alice", "long enough") is not None
    with pytest.raises(NotFound, match="known are: alice"):
        users.disable("bob")


def test_the_last_admin_cannot_be_disabled(users):
    users.add("ann", "long enough", "admin")
    users.add("bea", "long enough", "admin")
    users.disable("ann")
    with pytest.raises(InvalidInput, match="last admin"):
        users.disable("bea")
    assert users.authenticate("bea", "long enough") is not None


def test_only_the_new_password_works_after_a_change(users):
    users.add("alice", "long enough", "admin")
    users.change_password("alice", "another one")
    assert users.authenticate("alice", "long enough") is None
    assert users.authenticate("alice", "another one").role == "admin"


def test_the_database_holds_no_password(tmp_path, clock):
    with closing(Database(tmp_path / "x.sqlite3")) as database:
        UserDirectory(database, clock).add("alice", "very secret word", "user")
    assert all(b"very secret" not in file.read_bytes() for file in tmp_path.iterdir())
