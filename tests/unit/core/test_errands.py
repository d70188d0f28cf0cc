import logging
import threading

from satispy.core.errands import Errands, at_once
from satispy.core.errors import Busy


def fail(error):
    def errand():
        raise error

    return errand


def test_errands_are_run_one_after_the_other():
    errands, done = Errands(), []
    last = threading.Event()
    for number in range(5):
        errands.submit(lambda number=number: done.append(number))
    errands.submit(last.set)
    assert last.wait(60)
    errands.close()
    assert done == [0, 1, 2, 3, 4]


def test_what_fails_is_logged_and_stops_no_other(caplog):
    errands, last = Errands(), threading.Event()
    with caplog.at_level(logging.WARNING):
        errands.submit(fail(Busy("others are writing")))
        errands.submit(fail(ZeroDivisionError("a defect")))
        errands.submit(last.set)
        assert last.wait(60)
        errands.close()
        at_once(fail(Busy("others are writing")))
    assert [record.getMessage() for record in caplog.records] == [
        "not written: others are writing",
        "an errand failed",
        "not written: others are writing",
    ]


def test_beyond_what_may_wait_errands_are_dropped():
    errands, done, first = Errands(most_waiting=2), [], threading.Event()
    errands.submit(lambda: first.wait(60) and None)
    errands.submit(lambda: done.append("second"))
    errands.submit(lambda: done.append("third"))
    last = threading.Event()
    first.set()
    while not last.is_set():
        errands.submit(last.set)
        last.wait(0.01)
    errands.close()
    assert done == ["second"]
