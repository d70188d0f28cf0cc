"""A writer that was paused so long that its database let go of it."""

import os
import signal
import time
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from crash.batches import send
from crash.house import House
from crash.writer import Fault
from satispy.core.errors import Busy, DatabaseLost


def wait_until_it_stands_still(pid):
    deadline = time.monotonic() + 60
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        assert time.monotonic() < deadline, "the writer does not stop"
        time.sleep(0.005)  # between two looks


@pytest.fixture
def house(postgresql_url, tmp_path, nursery, caplog):
    return House(tmp_path, postgresql_url, nursery, caplog)


@pytest.mark.parametrize("first", [0, 1], ids=["upload", "comments"])
def test_nobody_writes_over_a_paused_writer_and_what_it_wrote_is_never_seen(
    house, postgresql, postgresql_url, first
):
    last = first + 2
    pause = Fault("step", "appending", signal="SIGSTOP")
    with house.writer(numbers=(first, last), step=2, fault=pause) as (name, writer):
        wait_until_it_stands_still(writer.pid)
        house.note(name, writer.heard())
        assert postgresql.end_connections(make_url(postgresql_url).database) == 1
        before = house.base.read_bytes()
        with house.open(patience=0.2) as store, pytest.raises(Busy, match="somebody else"):
            send(store, ("other", first))
        assert house.base.read_bytes() == before
        assert house.check().tail
        os.kill(writer.pid, signal.SIGCONT)
        said = writer.all_it_says()
        assert said == [DatabaseLost.__name__]
        assert writer.ended_by() == 0
    assert house.acknowledged == {(name, first)}
    assert f"{name}/{last}/" not in house.base_text()
    with house.open() as store:
        send(store, ("other", first))
    house.acknowledged.add(("other", first))
    assert house.check().tail == ""
    assert f"{name}/{last}/" not in house.base_text()
    assert f"{name}/{last}/".encode() not in house.base.read_bytes()
    house.check_and_go_on((name, last))
