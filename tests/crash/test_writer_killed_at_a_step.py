"""Every step of an append, every statement and call in it: where a writer may die."""

import signal

import pytest

from crash.writer import Fault

BEFORE = [
    Fault("step", "locked"),
    Fault("step", "intended"),
    Fault("step", "appending"),
    Fault("step", "appended"),
    Fault("step", "entered"),
    Fault("call", "pwrite", 1),  # half of the intent
    Fault("call", "pwrite", 2),  # half of a piece
    Fault("call", "fsync", 1),
    Fault("call", "fsync", 2),
    Fault("sql", "change", 1),
    Fault("sql", "change", 3),
    Fault("sql", "change", 5),
    Fault("sql", "COMMIT"),
]
AFTER = [Fault("step", "committed")]
OF_FILES = [Fault("step", "appending", 2), Fault("call", "pwrite", 3)]  # the second piece
OF_THE_INDEX = [
    Fault("step", "indexed"),
    Fault("call", "fsync", 3),
    Fault("call", "replace"),
    Fault("call", "unlink"),
]
KILLS = 2 * (len(BEFORE) + len(AFTER)) + len(OF_FILES) + len(OF_THE_INDEX)


@pytest.mark.parametrize(
    ("first", "before", "after"),
    [(0, BEFORE + OF_FILES, AFTER + OF_THE_INDEX), (1, BEFORE, AFTER)],
    ids=["upload", "comments"],
)
def test_what_was_not_acknowledged_is_there_just_if_it_was_committed(house, first, before, after):
    for fault in before + after:
        last = first + 2
        with house.writer(numbers=(first, last), step=2, fault=fault) as (name, writer):
            house.note(name, writer.all_it_says())
            assert writer.ended_by() == signal.SIGKILL, f"{fault} was not reached"
        assert (name, last - 2) in house.acknowledged
        assert (name, last) not in house.acknowledged
        there = f"{name}/{last}/" in house.base_text()
        assert there == (fault in after), fault
        house.check_and_go_on((name, last))
