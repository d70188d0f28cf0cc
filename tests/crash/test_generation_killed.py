"""A base that is written anew: the former one stands, or the new one, whenever the writer dies."""

import signal

import polars as pl
import pytest

from crash.writer import Fault
from satispy.data import generations
from satispy.data.masking import mask_personal_data

BEFORE = [Fault("step", "begun"), Fault("sql", "change"), Fault("sql", "COMMIT")]
WRITING_NEXT = [Fault("step", "rewritten"), Fault("call", "fsync", 1)]
AFTER = [Fault("step", "committed")]
MOVING = [Fault("call", "replace"), Fault("step", "moved")]
KILLS = {
    "erase": len(BEFORE + WRITING_NEXT + AFTER + MOVING),
    "mask": len(BEFORE + WRITING_NEXT + AFTER + MOVING),
    "adopt": len(BEFORE + AFTER),
    "restore": len(BEFORE + WRITING_NEXT + AFTER + MOVING) + 1,
}


def filled(house):
    """Send six batches and return the rows that are there now."""
    with house.writer(numbers=(0, 5)) as (name, writer):
        said = writer.all_it_says()
    assert said == ["open", *([number, said[number + 1][1]] for number in range(6))], name
    return house.rows()


def killed(house, action, fault, **facts):
    with house.writer(action=action, fault=fault, **facts) as (_, writer):
        assert writer.all_it_says() == ["open"]
        assert writer.ended_by() == signal.SIGKILL, f"{fault} was not reached"


def everything_again_adds_nothing(house):
    with house.open() as store:
        entry = store.append(house.everything(house.rows()["Commentaire"]))
    assert entry.rows_accepted == 0


@pytest.mark.parametrize("fault", BEFORE + WRITING_NEXT + AFTER + MOVING)
def test_an_erasure_takes_place_or_does_not(house, fault):
    before = filled(house)
    ids = before["inID"].sample(3, random_state=1).tolist()
    ids.append(int(before["inID"].max()))
    after = before[~before["inID"].isin(ids)].reset_index(drop=True)
    killed(house, "erase", fault, ids=ids)
    assert house.is_sound()
    done = fault in AFTER + MOVING
    assert house.rows().equals(after if done else before)
    if not done:
        with house.open() as store:
            generations.erase(store, ids, "admin")
    assert house.rows().equals(after)
    assert b"\n".join(house.base.read_bytes().split(b"\n")[1:]).count(b"\n") >= len(after)
    everything_again_adds_nothing(house)
    assert filled(house)["inID"].iloc[len(after)] == max(ids) + 1
    assert house.is_sound()


@pytest.mark.parametrize("fault", BEFORE + WRITING_NEXT + AFTER + MOVING)
def test_a_masking_takes_place_or_does_not(house, fault):
    before = filled(house)
    masked = mask_personal_data(pl.Series(before["Commentaire"].tolist())).to_list()
    after = before.assign(Commentaire=masked)
    assert not after.equals(before)
    killed(house, "mask", fault)
    assert house.is_sound()
    done = fault in AFTER + MOVING
    assert house.rows().equals(after if done else before)
    with house.open() as store:
        entry = generations.mask(store, mask_personal_data, "admin")
    assert (entry is None) == done
    assert house.rows().equals(after)
    everything_again_adds_nothing(house)
    assert house.is_sound()


@pytest.mark.parametrize("fault", BEFORE + AFTER)
def test_an_adoption_takes_place_or_does_not(house, fault):
    before = filled(house)
    with house.base.open("ab") as base:
        base.write(b"1000,de ma main,4,,,,,\n")
    edited = house.base.read_bytes()
    killed(house, "adopt", fault)
    assert house.base.read_bytes() == edited
    assert house.is_sound() == (fault in AFTER)
    if fault not in AFTER:
        with house.open() as store:
            generations.adopt(store, "admin")
    assert house.is_sound()
    assert house.rows()["inID"].tolist() == [*before["inID"], 1000]
    assert house.base.read_bytes() == edited
    everything_again_adds_nothing(house)


@pytest.mark.parametrize("fault", [*BEFORE, *WRITING_NEXT, Fault("call", "link"), *AFTER, *MOVING])
def test_a_restoration_takes_place_or_does_not(house, fault):
    before = filled(house)
    whole = house.base.read_bytes()
    backup = house.base.with_name("backup.csv")
    backup.write_bytes(whole)
    damaged = whole.replace(b"ras", b"sar")
    house.base.write_bytes(damaged)
    if fault == Fault("sql", "change"):  # a restoration writes the mark alone: delete, insert
        fault = Fault("sql", "change", 2)
    killed(house, "restore", fault, backups=[str(backup)])
    done = fault in AFTER + MOVING
    assert house.is_sound() == done
    with house.open() as store:
        restored = generations.restore(store, [backup])
    assert (restored.replaced is None) == done
    assert house.base.read_bytes() == whole
    assert damaged in [path.read_bytes() for path in house.base.parent.glob("*.replaced")]
    assert house.rows().equals(before)
    everything_again_adds_nothing(house)
    assert house.is_sound()
