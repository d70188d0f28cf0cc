"""What others do to the base while it is verified is no damage."""

import pytest

from crash.batches import send
from satispy.data import generations
from satispy.data.verification import verify


def two_batches(store):
    for number in range(2):
        send(store, ("other", number))


def an_erasure(store):
    generations.erase(store, [0], "admin")


@pytest.mark.parametrize("meanwhile", [two_batches, an_erasure])
def test_the_base_is_sound_whatever_others_commit_meanwhile(house, monkeypatch, meanwhile):
    house.fill(2)
    with house.open() as store, house.open() as other:
        prefix, left = store.history.prefix, [meanwhile]

        def interrupted(head):
            found = prefix(head)
            while left:
                left.pop()(other)
            return found

        monkeypatch.setattr(store.history, "prefix", interrupted)
        assert verify(store).sound
        assert left == []
        assert verify(store).tail == ""
