from contextlib import closing

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from satispy.accounts.passwords import password_hasher
from satispy.accounts.users import USERS, UserDirectory
from satispy.core.database import Database
from satispy.core.errors import InvalidInput, NotFound, WeakPassword


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


@pytest.mark.parametrize("change", [{"role": "user"}, {"disabled": True}])
def test_the_last_admin_stays_one_and_open(users, change):
    users.add("ann", "long enough", "admin")
    users.add("bob", "long enough", "user")
    with pytest.raises(InvalidInput, match="last admin"):
        users.change("ann", password="another one", **change)
    assert users.authenticate("ann", "long enough").role == "admin"
    users.change("bob", role="admin")
    assert users.change("ann", **change).role in {"admin", "user"}


def test_a_change_is_made_at_once_or_not_at_all(users):
    users.add("ann", "long enough", "admin")
    users.add("bob", "long enough", "user")
    with pytest.raises(WeakPassword):
        users.change("bob", role="viewer", password="password")
    with pytest.raises(InvalidInput, match="viewer, user, admin"):
        users.change("bob", role="root")
    with pytest.raises(NotFound):
        users.change("no\0body", role="user")
    assert users.authenticate("bob", "long enough").role == "user"
    changed = users.change("bob", role="viewer", password="another one")
    assert (changed.name, changed.role) == ("bob", "viewer")
    assert users.authenticate("bob", "another one") == changed


def test_a_change_of_nothing_voids_nothing(users):
    users.add("ann", "long enough", "admin")
    before = users.changed_at("ann")
    users.change("ann")
    assert users.changed_at("ann") == before


@pytest.mark.parametrize("password", ["password", "admin", "changeme", "Bartholomea7"])
def test_weak_passwords_are_refused_for_new_and_for_known_users(users, password):
    with pytest.raises(WeakPassword):
        users.add("bartholomea", password, "user")
    users.add("bartholomea", "long enough", "user")
    with pytest.raises(WeakPassword):
        users.change_password("bartholomea", password)


def test_a_hash_of_an_earlier_cost_is_made_anew_at_sign_in_and_voids_nothing(database_place, clock):
    errands = []
    with closing(Database(database_place)) as database:
        users = UserDirectory(database, clock, errands.append)
        users.add("ann", "long enough", "admin")
        earlier = PasswordHasher(time_cost=1, memory_cost=64).hash("long enough")
        with database.writing() as connection:
            connection.execute(USERS.update().values(password_hash=earlier))
        before = users.changed_at("ann")
        assert users.authenticate("ann", "wrong") is None
        assert errands == []
        assert users.authenticate("ann", "long enough") is not None
        (renew,) = errands
        renew()
        with database.reading() as connection:
            (kept,) = connection.execute(select(USERS.c.password_hash)).scalars()
        assert not password_hasher().check_needs_rehash(kept)
        assert users.changed_at("ann") == before
        assert users.authenticate("ann", "long enough") is not None
        assert len(errands) == 1


def test_a_password_that_was_changed_meanwhile_is_not_put_back(database_place, clock):
    errands = []
    with closing(Database(database_place)) as database:
        users = UserDirectory(database, clock, errands.append)
        users.add("ann", "long enough", "admin")
        earlier = PasswordHasher(time_cost=1, memory_cost=64).hash("long enough")
        with database.writing() as connection:
            connection.execute(USERS.update().values(password_hash=earlier))
        users.authenticate("ann", "long enough")
        users.change_password("ann", "another one")
        errands[0]()
        assert users.authenticate("ann", "long enough") is None
        assert users.authenticate("ann", "another one") is not None
