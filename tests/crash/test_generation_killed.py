"""A base that is written anew: the former one stands, or the new one, whenever the writer dies."""

import signal

import polars as pl

from crash.writer import Fault
from satispy.data import generations
from satispy.data.masking import mask_personal_data
from satispy.data.schema import written_cell

BEFORE = [Fault("step", "begun"), Fault("sql", "change"), Fault("sql", "COMMIT")]
WRITING_NEXT = [Fault("step", "rewritten"), Fault("call", "fsync", 1)]
AFTER = [Fault("step", "committed")]
MOVING = [Fault("call", "replace"), Fault("step", "moved")]
REWRITING = BEFORE + WRITING_NEXT + AFTER + MOVING
KEEPING = [Fault("step", "kept"), Fault("sql", "change", 2)]  # beside what is taken out
KILLS = 2 * len(REWRITING) + len(BEFORE + AFTER) + len(REWRITING + KEEPING)


def killed(house, action, fault, **facts):
    with house.writer(action=action, fault=fault, **facts) as (_, writer):
        assert writer.all_it_says() == ["open"]
        assert writer.ended_by() == signal.SIGKILL, f"{fault} was not reached"


def everything_again_adds_nothing(house):
    with house.open() as store:
        entry = store.append(house.everything(house.rows()["Commentaire"]))
    assert entry.rows_accepted == 0


def test_an_erasure_takes_place_or_does_not(house):
    for fault in REWRITING:
        before = house.fill(6)
        ids = before["inID"].sample(3, random_state=1).tolist()
        ids.append(int(before["inID"].max()))
        after = before[~before["inID"].isin(ids)].reset_index(drop=True)
        killed(house, "erase", fault, ids=ids)
        done = fault in AFTER + MOVING
        assert house.is_sound(), fault
        assert house.rows().equals(after if done else before), fault
        if not done:
            with house.open() as store:
                generations.erase(store, ids, "admin")
        assert house.rows().equals(after), fault
        erased = set(before["Commentaire"]) - set(after["Commentaire"])
        assert not any(written_cell(text) in house.base_text() for text in erased), fault
        everything_again_adds_nothing(house)
        assert house.fill(1)["inID"].iloc[len(after)] == max(ids) + 1, fault
    assert house.is_sound()


def test_a_masking_takes_place_or_does_not(house):
    for fault in REWRITING:
        before = house.fill(6)
        masked = mask_personal_data(pl.Series(before["Commentaire"].tolist())).to_list()
        after = before.assign(Commentaire=masked)
        assert not after.equals(before)
        killed(house, "mask", fault)
        done = fault in AFTER + MOVING
        assert house.is_sound(), fault
        assert house.rows().equals(after if done else before), fault
        with house.open() as store:
            entry = generations.mask(store, mask_personal_data, "admin")
        assert (entry is None) == done, fault
        assert house.rows().equals(after), fault
        everything_again_adds_nothing(house)
    assert house.is_sound()


def test_an_adoption_takes_place_or_does_not(house):
    for fault in BEFORE + AFTER:
        before = house.fill(6)
        typed = int(before["inID"].max()) + 1000
        with house.base.open("ab") as base:
            base.write(f"{typed},de ma main {typed},4,,,,,\n".encode())
        edited = house.base.read_bytes()
        killed(house, "adopt", fault)
        assert house.base.read_bytes() == edited, fault
        assert house.is_sound() == (fault in AFTER), fault
        if fault not in AFTER:
            with house.open() as store:
                generations.adopt(store, "admin")
        assert house.is_sound(), fault
        assert house.rows()["inID"].tolist() == [*before["inID"], typed], fault
        assert house.base.read_bytes() == edited, fault
        everything_again_adds_nothing(house)


def test_a_restoration_takes_place_or_does_not(house):
    for fault in REWRITING + KEEPING:
        before = house.fill(6)
        whole = house.base.read_bytes()
        backup = house.base.with_name("backup.csv")
        backup.write_bytes(whole)
        damaged = whole.replace(b"ras", b"sar")
        house.base.write_bytes(damaged)
        killed(house, "restore", fault, backups=[str(backup)])
        done = fault in AFTER + MOVING
        assert house.is_sound() == done, fault
        with house.open() as store:
            restored = generations.restore(store, [backup])
        assert (restored.replaced is None) == done, fault
        assert house.base.read_bytes() == whole, fault
        kept = [path.read_bytes() for path in house.base.parent.glob("*.replaced")]
        assert damaged in kept, fault
        assert house.rows().equals(before), fault
        everything_again_adds_nothing(house)
    assert house.is_sound()
