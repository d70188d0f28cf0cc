import subprocess
import sys
from datetime import timedelta

import pytest

from satispy.accounts.signing_keys import SigningKeys
from satispy.core.errors import ArtifactDamaged

HOUR = timedelta(hours=1)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "secrets" / "signing_keys.json"


@pytest.fixture
def keys(file, standing_clock):
    return SigningKeys(file, standing_clock, HOUR)


def test_the_first_key_is_made_for_its_owner_alone(keys, file):
    key = keys.current()
    assert len(key.secret) == 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert keys.current() == key
    assert key.secret.hex() not in repr(key)


def test_after_a_rotation_the_earlier_keys_verify_until_their_tokens_have_expired(
    keys, file, standing_clock
):
    first = keys.current()
    standing_clock.goes_on(minutes=10)
    second = keys.rotate()
    standing_clock.goes_on(minutes=10)
    third = keys.rotate()
    assert [key.id for key in keys.list()] == [third.id, second.id, first.id]
    standing_clock.goes_on(minutes=49)
    assert keys.find(first.id).secret == first.secret
    standing_clock.goes_on(minutes=1)
    assert keys.find(first.id) is None
    assert keys.find(second.id) is not None
    assert first.secret.hex() not in file.read_text()
    standing_clock.goes_on(minutes=10)
    assert keys.list() == (third,)


def test_after_a_leak_the_earlier_keys_are_dropped_at_once(keys):
    first = keys.current()
    fresh = keys.rotate(at_once=True)
    assert keys.list() == (fresh,)
    assert keys.find(first.id) is None


def test_another_user_of_the_file_notices_a_rotation_without_being_told(keys, file, standing_clock):
    other = SigningKeys(file, standing_clock, HOUR)
    assert other.current() == keys.current()
    assert keys.rotate() == other.current()
    assert other.rotate(at_once=True) == keys.current()


@pytest.mark.parametrize("content", ["", "[]", '{"keys": []}', '{"keys": [{"id": "a"}]}', "\xff"])
def test_a_damaged_file_is_told_with_its_remedy_and_not_written_over(keys, file, content):
    file.parent.mkdir()
    file.write_text(content, encoding="latin-1")
    with pytest.raises(ArtifactDamaged, match=r"signing_keys|remove"):
        keys.current()
    with pytest.raises(ArtifactDamaged):
        keys.rotate()
    assert file.read_text(encoding="latin-1") == content


ROTATING = """
import sys
from datetime import timedelta
from pathlib import Path
from satispy.accounts.signing_keys import SigningKeys
from satispy.core.clock import system_clock

keys = SigningKeys(Path(sys.argv[1]), system_clock, timedelta(hours=1))
for _ in range(5):
    keys.rotate()
"""


def test_processes_that_rotate_at_once_lose_no_key(keys, file):
    others = [subprocess.Popen([sys.executable, "-c", ROTATING, str(file)]) for _ in range(3)]
    assert [other.wait() for other in others] == [0, 0, 0]
    found = keys.list()
    assert len(found) == 15
    assert [key.verifies_until is None for key in found] == [True] + [False] * 14
