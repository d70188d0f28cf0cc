"""What others do to the base while it is verified is no damage."""

from contextlib import contextmanager

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
        links, left = store.history.links, [meanwhile]

        @contextmanager
        def interrupted(head):
            with links(head) as found:
                while left:
                    left.pop()(other)
                yield found

        monkeypatch.setattr(store.history, "links", interrupted)
        assert verify(store).sound
        assert left == []
        assert verify(store).tail == ""
