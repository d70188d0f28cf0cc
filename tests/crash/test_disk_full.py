"""A full disk: nothing is added, and what was refused goes through once there is room."""

import errno
import io
import os
import subprocess
from contextlib import contextmanager

import pytest

from crash.batches import csv_of, rows_of
from crash.house import House
from requires import missing
from satispy.core.errors import StorageFull
from satispy.core.settings import Settings
from satispy.data import generations
from satispy.data.rules import Rules, check_comments
from satispy.data.snapshot import read_snapshot
from satispy.data.store import Sender, Upload
from satispy.data.verification import verify
from satispy.workflows.ingest import Delivery, ingest_file
from satispy.workflows.opening import open_home

DISK_BYTES = 4_000_000
LONG = 9_000


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 4 MB."""
    if os.geteuid() != 0:
        missing("a small disk of its own", "mounting one takes root")
    folder = tmp_path / "disk"
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={DISK_BYTES}"]
    subprocess.run(["mount", *options, "tmpfs", folder], check=True)
    yield folder
    # Lazily: what a failed test still has open must not keep it from being taken away.
    subprocess.run(["umount", "--lazy", folder], check=True)


def write_for_ever(file, piece):
    while True:
        file.write(piece)


@contextmanager
def filled_up(disk):
    """Leave no room on a disk while the block runs."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65_536, 4096):
            with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
                write_for_ever(file, b"x" * size)
    yield
    filler.unlink()


def long_texts(name, count):
    return [f"{name} {number} " + "x" * LONG for number in range(count)]


def add_file(store, name):
    rows = rows_of(csv_of(long_texts(name, 20)))
    return store.append(Upload(rows, 0, name, "reviews.csv", name.rjust(64), "admin"))


def add_comments(store, name):
    texts = long_texts(name, 1)
    rows = check_comments([{"Commentaire": text, "star": "4"} for text in texts], Rules()).rows
    return store.append_comments(rows, [Sender("bob")])


def erase(store, _name):
    return generations.erase(store, [0], "admin")


@pytest.mark.parametrize("act", [add_file, add_comments, erase])
def test_the_base_has_no_room_to_grow(new_place, small_disk, nursery, caplog, act):
    house = House(small_disk, new_place(), nursery, caplog)
    with house.open() as store:
        add_file(store, "before")
        before = house.base.read_bytes()
        with filled_up(small_disk):
            with pytest.raises(StorageFull, match="ree some space"):
                act(store, "new")
            assert house.base.read_bytes() == before
            assert verify(store).sound
            assert verify(store).tail == ""
        number = store.history.current().number
        act(store, "new")
        assert store.history.current().number == number + 1
        assert verify(store).sound
        again = add_file(store, "before again")
        assert again.rows_accepted == 20
        assert len(set(read_snapshot(store, number + 2)["inID"])) == again.rows_total


@pytest.mark.parametrize("act", [add_file, add_comments, erase])
def test_base_and_database_share_a_full_disk(small_disk, nursery, caplog, act):
    house = House(small_disk, small_disk / "x.sqlite3", nursery, caplog)
    with house.open() as store:
        add_file(store, "before")
        before = house.base.read_bytes()
        for path in (
            store.file.path.parent / "identities"
        ).iterdir():  # it would have to be made anew
            path.unlink()
        with filled_up(small_disk):
            with pytest.raises(StorageFull, match="ree some space"):
                act(store, "new")
            assert house.base.read_bytes() == before
            assert verify(store).sound
        act(store, "new")
        assert verify(store).sound


def test_the_quarantine_has_no_room(small_disk):
    bad = "".join(f"{'y' * LONG} {number},9\n" for number in range(300)).encode()
    content = csv_of([f"bien {number}" for number in range(400)]) + bad
    settings = Settings(home=small_disk)
    with open_home(settings) as home:
        ingest_file(home, Delivery(io.BytesIO(csv_of(["avant"])), "before.csv", "admin"))
        before = settings.paths.base.read_bytes()
        delivery = Delivery(io.BytesIO(content), "reviews.csv", "admin", key="1")
        with filled_up(small_disk):
            with pytest.raises(StorageFull, match="ree some space"):
                ingest_file(home, delivery)
            assert settings.paths.base.read_bytes() == before
            assert verify(home.store).sound
            assert list(settings.paths.quarantine.iterdir()) == []
        receipt = ingest_file(home, delivery)
        assert (receipt.rows_accepted, receipt.rows_quarantined) == (400, 300)
        assert verify(home.store).sound


@pytest.mark.parametrize("number", [0, 1], ids=["upload", "comments"])
@pytest.mark.parametrize("room", [0, 60])
def test_a_quota_on_the_size_of_files_is_reached(house, number, room):
    with house.open() as store:  # so large that the base is the first to reach it
        for place in range(12):
            add_file(store, f"before {place}")
    with house.writer(action="fill", numbers=(number, number), room=room) as (name, writer):
        assert writer.all_it_says() == ["open", "done"]
        assert writer.ended_by() == 0
    assert house.base_text().count(f"{name}/{number}/") >= 2
    assert house.is_sound()
