import signal
import time

import numpy as np
import pytest

ROUNDS = 8
KILLS = 3 * ROUNDS


def killed_at_some_moment(house, writers, choose):
    """Hear the writers out, kill one at a chosen moment, and return its name and writer."""
    name, writer = writers[choose.integers(len(writers))]
    wanted, extra = choose.integers(1, 9), choose.uniform(0, 0.02)
    heard, moment = 0, float("inf")
    while time.monotonic() < moment:
        for other, one in writers:
            said = one.heard(0.001)
            assert said is not None, f"{other} ended by itself"
            house.note(other, said)
            heard += len(said) if one is writer else 0
        if heard >= wanted and moment == float("inf"):
            moment = time.monotonic() + extra
    writer.kill()
    house.note(name, writer.all_it_says())
    assert writer.ended_by() == signal.SIGKILL
    return name, writer


def next_of(house, name):
    return name, 1 + max((number for who, number in house.acknowledged if who == name), default=-1)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_writers_are_killed_one_after_the_other_while_the_rest_go_on(house, seed):
    choose = np.random.default_rng(seed)
    with house.writer() as a, house.writer() as b, house.writer() as c:
        writers, unanswered = [a, b, c], []
        while writers:
            killed = killed_at_some_moment(house, writers, choose)
            writers.remove(killed)
            unanswered.append(next_of(house, killed[0]))
            house.check()
    house.check_and_go_on(*unanswered)
