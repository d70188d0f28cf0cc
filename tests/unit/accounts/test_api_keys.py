from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import select

from satispy.accounts.api_keys import API_KEYS, MOST_KEYS, ApiKeys, Wish
from satispy.accounts.users import UserDirectory
from satispy.core.database import Database
from satispy.core.errors import InvalidInput, NotFound

WISH = Wish("bob", "web site", "user", 90, ("comment", "read"))


@pytest.fixture
def database(database_place):
    with closing(Database(database_place)) as opened:
        yield opened


@pytest.fixture
def users(database, clock):
    directory = UserDirectory(database, clock)
    directory.add("ann", "long enough", "admin")
    directory.add("bob", "long enough", "user")
    return directory


@pytest.fixture
def keys(database, users, standing_clock):
    return ApiKeys(database, standing_clock)


def test_a_key_is_told_once_and_kept_as_a_hash(keys, database):
    key, text = keys.add(WISH, "ann")
    assert text.startswith(f"sat_{key.id}_")
    assert len(text) == len("sat__") + 16 + 43
    secret = text.split("_", 2)[2]
    with database.reading() as connection:
        (row,) = connection.execute(select(API_KEYS)).all()
    assert secret not in repr(row)
    assert secret not in repr(keys.list())
    assert keys.list() == [key]
    assert (key.created_by, key.scopes, key.last_used_at) == ("ann", ("comment", "read"), None)


def test_a_key_speaks_for_its_owner_within_its_scopes(keys):
    key, text = keys.add(WISH, "bob")
    caller = keys.check(text)
    assert (caller.user.name, caller.user.role) == ("bob", "user")
    assert (caller.credential.kind, caller.credential.id) == ("key", key.id)
    assert caller.credential.scopes == {"comment", "read"}
    _, unlimited = keys.add(replace(WISH, scopes=()), "bob")
    assert keys.check(unlimited).credential.scopes is None


def test_a_key_never_does_more_than_its_owner_may_now(keys, users):
    _, text = keys.add(replace(WISH, owner="ann", role="admin", scopes=("upload",)), "ann")
    users.change("bob", role="admin")
    users.change("ann", role="viewer")
    assert keys.check(text).user.role == "viewer"
    users.change("ann", disabled=True)
    assert keys.check(text) is None
    users.change("ann", disabled=False, role="admin", password="another one")
    assert keys.check(text).user.role == "admin"


def test_a_key_ends_after_its_days(keys, standing_clock):
    _, text = keys.add(replace(WISH, days=1), "bob")
    standing_clock.goes_on(days=1, seconds=-1)
    assert keys.check(text) is not None
    standing_clock.goes_on(seconds=1)
    assert keys.check(text) is None


def test_a_revoked_key_ends_at_once_and_stays_listed(keys):
    key, text = keys.add(WISH, "bob")
    with pytest.raises(NotFound):
        keys.revoke(key.id, owner="ann")
    ended = keys.revoke(key.id, owner="bob")
    assert keys.check(text) is None
    assert keys.list("bob") == [ended]
    assert keys.revoke(key.id) == ended
    assert keys.list("ann") == []


@pytest.mark.parametrize("key_id", ["", "0" * 16, "no\0key", "x" * 1000])
def test_a_key_that_there_is_not_cannot_be_revoked(keys, key_id):
    with pytest.raises(NotFound, match="no key"):
        keys.revoke(key_id)


def test_a_wrong_key_is_refused(keys):
    key, text = keys.add(WISH, "bob")
    other, other_text = keys.add(WISH, "bob")
    flipped = text[:-1] + ("A" if text[-1] != "A" else "B")
    swapped = f"sat_{key.id}_{other_text.split('_', 2)[2]}"
    unknown = f"sat_{'0' * 16}_{text.split('_', 2)[2]}"
    for wrong in (flipped, swapped, unknown, text + "A", text[:-1], text.upper(), f" {text}", ""):
        assert keys.check(wrong) is None, wrong
    assert keys.check(other_text).credential.id == other.id


def test_the_use_of_a_key_is_written_once_a_minute_and_beside_the_answer(
    database, users, standing_clock
):
    errands = []
    keys = ApiKeys(database, standing_clock, errands.append)
    _, text = keys.add(WISH, "bob")
    keys.check(text)
    assert keys.list()[0].last_used_at is None
    errands.pop()()
    first = keys.list()[0].last_used_at
    assert first == standing_clock.now
    standing_clock.goes_on(seconds=59)
    keys.check(text)
    assert errands == []
    standing_clock.goes_on(seconds=1)
    keys.check(text)
    keys.check(text)
    for errand in errands:
        errand()
    assert keys.list()[0].last_used_at == standing_clock.now


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name": " "}, "1 to 64 printable"),
        ({"name": "x" * 65}, "1 to 64 printable"),
        ({"name": "a\0b"}, "1 to 64 printable"),
        ({"role": "root"}, "viewer, user, admin"),
        ({"role": "admin"}, "not above that of 'bob', user"),
        ({"days": 0}, "1 to 366"),
        ({"days": 367}, "1 to 366"),
        ({"scopes": ("everything",)}, "read, predict, comment, upload"),
        ({"scopes": ("upload",)}, "'upload' needs admin"),
        ({"role": "viewer", "scopes": ("predict",)}, "'predict' needs user"),
    ],
)
def test_an_impossible_key_is_refused(keys, wrong, why):
    with pytest.raises(InvalidInput, match=why):
        keys.add(replace(WISH, **wrong), "bob")
    assert keys.list() == []


@pytest.mark.parametrize("owner", ["nobody", "", "a\0b"])
def test_a_key_without_an_owner_is_refused(keys, owner):
    with pytest.raises(NotFound, match="no user"):
        keys.add(replace(WISH, owner=owner), "ann")


def test_one_owner_has_so_many_working_keys_and_no_more(keys, database):
    key, _ = keys.add(WISH, "bob")
    with database.reading() as connection:
        row = dict(connection.execute(select(API_KEYS)).mappings().one())
    copies = [{**row, "id": f"{number:016x}"} for number in range(1, MOST_KEYS)]
    with database.writing() as connection:
        connection.execute(API_KEYS.insert(), copies)
    with pytest.raises(InvalidInput, match="revoke one first"):
        keys.add(WISH, "bob")
    keys.revoke(key.id)
    keys.add(WISH, "bob")
