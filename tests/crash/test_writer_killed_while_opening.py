"""The first opening of a home: its tables are made, and its base is begun or adopted."""

import signal
from itertools import count

import pytest

from crash.writer import Fault
from satispy.data.schema import HEADER

ROWS = b"7,bien,5,A,B,1,5,2021-06-20 00:00:00+00:00\n9,mal,1.0,A,B,2,1,\n"
CALLS = [("fsync", 1), ("fsync", 2), ("replace", 1)]
COMMITS = (1, 2)
STRIDE = {"genesis": 2, "adopted": 4}  # of the changing statements, those that are tried
CHANGES = {"genesis": 10, "adopted": 5}  # at least; it is tried until an opening survives
KILLS = sum(CHANGES.values()) + len(CALLS) + len(COMMITS)


def killed_while_opening(house, fault):
    with house.writer(action="open", fault=fault) as (_, writer):
        writer.all_it_says()
        return writer.ended_by() == signal.SIGKILL


@pytest.mark.parametrize("kind", CHANGES)
def test_whoever_opens_it_next_finishes_what_was_begun(new_house, kind):
    killed = 0
    for visit in count(1, STRIDE[kind]):
        house = new_house()
        if kind == "adopted":
            house.base.write_bytes(HEADER + ROWS)
        if not killed_while_opening(house, Fault("sql", "change", visit)):
            break
        killed += 1
        opened_again(house, kind)
    assert killed >= CHANGES[kind]


@pytest.mark.parametrize(
    "fault",
    [Fault("call", name, visit) for name, visit in CALLS]
    + [Fault("sql", "COMMIT", visit) for visit in COMMITS],
)
def test_a_half_made_first_base_is_none(house, fault):
    assert killed_while_opening(house, fault)
    opened_again(house, "genesis")


def opened_again(house, kind):
    with house.open() as store:
        found = store.history.current()
        assert found.number == 0
        assert found.rows_total == (2 if kind == "adopted" else 0)
    if kind == "adopted":
        assert house.base.read_bytes() == HEADER + ROWS
        assert house.is_sound()
    else:
        house.fill(2)
        house.check_and_go_on()
