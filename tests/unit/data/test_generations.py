import hashlib

import polars as pl
import pytest

from review_rows import upload
from satispy.core.errors import BaseDamaged, NotFound, VersionErased
from satispy.data import ledger
from satispy.data.generations import adopt, erase, mask, restore
from satispy.data.request_keys import RequestKey
from satispy.data.rules import Rules, check_comments
from satispy.data.schema import HEADER
from satispy.data.snapshot import read_snapshot
from satispy.data.store import Sender
from satispy.data.verification import verify


class Killed(BaseException):
    pass


def dying_at(step):
    def at(reached):
        if reached == step:
            raise Killed

    return at


def texts(store):
    return read_snapshot(store, store.history.current().number)["Commentaire"].tolist()


def without_digits(series):
    return series.str.replace_all(r"\d+", "#")


@pytest.fixture
def three(store):
    store.append(upload("a 1,5,", 'b,"1",', '"c, ""2""",3,'))
    return store


def test_erased_rows_are_gone_the_others_keep_bytes_and_ids(three):
    entry = erase(three, [1], "operator")
    assert three.file.path.read_bytes() == HEADER + b'0,a 1,5,,,,,\n2,"c, ""2""",3,,,,,\n'
    assert (entry.kind, entry.generation, entry.rows_total, entry.last_id) == ("erased", 1, 2, 2)
    assert verify(three).sound
    assert three.append(upload("d,5,")).last_id == 3


def test_a_generation_begins_by_naming_the_head_that_it_replaced(three):
    old = three.history.current()
    new = erase(three, [0], "operator")
    digest = hashlib.sha256(three.file.path.read_bytes())
    assert new.chain == ledger.link(old.chain, digest)


def test_versions_before_an_erasure_are_reported_as_erased(three):
    erase(three, [1], "operator")
    with pytest.raises(VersionErased, match="version 1 is gone"):
        read_snapshot(three, 1)
    assert texts(three) == ["a 1", 'c, "2"']


def test_an_erased_row_may_come_again_and_the_others_are_duplicates_still(three):
    erase(three, [1], "operator")
    entry = three.append(upload("a 1,5,", "b,1,"))
    assert (entry.rows_accepted, entry.rows_duplicate) == (1, 1)


def test_an_unknown_id_erases_nothing(three):
    before = three.file.path.read_bytes()
    with pytest.raises(NotFound, match="7, 9 are not there; nothing was erased"):
        erase(three, [0, 7, 9], "operator")
    assert three.file.path.read_bytes() == before
    assert not three.file.next.exists()
    assert texts(three) == ["a 1", "b", 'c, "2"']


def test_what_an_erased_comment_was_sent_with_is_forgotten(store):
    rows = check_comments([{"Commentaire": "a", "star": "5"}], Rules()).rows
    sender = Sender("bob", RequestKey("bob", "key", "f" * 64))
    store.append_comments(rows, [sender])
    erase(store, [0], "operator")
    assert store.append_comments(rows, [sender])[0].row_id == 1


def test_masking_changes_texts_alone(three):
    entry = mask(three, without_digits, "operator")
    assert three.file.path.read_bytes() == HEADER + (
        b'0,a #,5,,,,,\n1,b,1,,,,,\n2,"c, ""#""",3,,,,,\n'
    )
    assert (entry.kind, entry.rows_total) == ("masked", 3)
    assert three.append(upload("a #,5,")).rows_duplicate == 1


def test_masking_what_needs_none_changes_nothing(three):
    head = three.history.current()
    assert mask(three, lambda series: series, "operator") is None
    assert three.history.current() == head
    assert not three.file.next.exists()


@pytest.mark.parametrize("step", ["rewritten", "begun", "committed", "moved"])
def test_an_erasure_that_is_interrupted_is_done_or_not_begun(three, open_store, step):
    with pytest.raises(Killed):
        erase(open_store(at=dying_at(step)), [1], "operator")
    store = open_store()
    done = step in ("committed", "moved")
    assert texts(store) == (["a 1", 'c, "2"'] if done else ["a 1", "b", 'c, "2"'])
    assert verify(store).sound
    again = store.append(upload("b,1,"))
    assert again.rows_accepted == int(done)
    assert not store.file.next.exists()


@pytest.mark.parametrize("few", [0, 4_000_000])
def test_the_index_after_an_interrupted_erasure_is_that_of_the_new_base(
    three, open_store, monkeypatch, few
):
    monkeypatch.setattr("satispy.data.known_rows.FEW_BYTES", few)
    with pytest.raises(Killed):
        erase(open_store(at=dying_at("committed")), [0], "operator")
    entry = open_store().append(upload("a 1,5,", 'b,"1",', '"c, ""2""",3,'))
    assert (entry.rows_accepted, entry.rows_duplicate) == (1, 2)


def test_a_committed_generation_is_known_by_its_bytes_where_the_home_was_copied(three, open_store):
    with pytest.raises(Killed):
        erase(open_store(at=dying_at("committed")), [0], "operator")
    following = three.file.next
    copy = following.with_name("copy")
    copy.write_bytes(following.read_bytes())
    copy.replace(following)  # another inode, another time
    store = open_store()
    assert texts(store) == ["b", 'c, "2"']
    assert store.append(upload("d,5,")).rows_total == 3


def test_owner_and_permissions_of_the_base_outlive_a_generation(three):
    base = three.file.path
    assert base.stat().st_mode & 0o777 == 0o600
    base.chmod(0o640)
    erase(three, [0], "operator")
    assert base.stat().st_mode & 0o777 == 0o640


def test_what_a_base_lost_by_adoption_may_be_sent_again(three):
    lost = upload("perdu,5,")
    three.append(lost)
    rows = check_comments([{"Commentaire": "aussi", "star": "5"}], Rules()).rows
    sender = Sender("bob", RequestKey("bob", "key", "f" * 64))
    three.append_comments(rows, [sender])
    three.file.path.write_bytes(HEADER)
    adopt(three, "operator")
    assert three.append(lost.__class__(**{**vars(lost), "upload_id": "again"})).rows_accepted == 1
    assert three.append_comments(rows, [sender])[0].row_id == three.history.current().last_id


@pytest.mark.parametrize("row_id", ["1_0", "+5", " 5", "٣", "-4", "9" * 20, "", "01"])
def test_an_id_that_we_would_not_write_is_not_adopted(three, row_id):
    three.file.path.write_bytes(HEADER + f"{row_id},a,5,,,,,\n".encode())
    with pytest.raises(BaseDamaged, match="at most 18 digits"):
        adopt(three, "operator")


def test_a_base_edited_by_hand_is_adopted_as_a_new_one(three):
    base = three.file.path
    edited = base.read_bytes().replace(b"a 1", b"A 1") + b"9,ajout,4,,,,,\n"
    base.write_bytes(edited)
    entry = adopt(three, "operator")
    assert (entry.kind, entry.generation, entry.last_id) == ("adopted", 1, 9)
    assert base.read_bytes() == edited
    with pytest.raises(VersionErased):
        read_snapshot(three, 1)
    assert three.append(upload("ajout,4,", "b,1,", "d,5,")).last_id == 10


def test_ids_of_rows_that_an_adopted_base_lacks_are_not_given_again(three):
    three.file.path.write_bytes(HEADER)
    adopt(three, "operator")
    assert three.append(upload("d,5,")).last_id == 3


def test_an_edited_base_that_is_none_is_not_adopted(three):
    three.file.path.write_bytes(HEADER + b"0,a,9,,,,,\n")
    with pytest.raises(BaseDamaged, match="line 2, star"):
        adopt(three, "operator")
    assert three.history.current().generation == 0


def test_rows_that_an_interrupted_writer_left_are_not_adopted(three, open_store):
    with pytest.raises(Killed):
        open_store(at=dying_at("appended")).append(upload("perdu,5,"))
    assert adopt(three, "operator").rows_total == 3
    assert texts(three) == ["a 1", "b", 'c, "2"']


def test_restore_takes_out_what_was_added_and_keeps_it_aside(three):
    base = three.file.path
    committed = base.read_bytes()
    base.write_bytes(committed + b"9,ajout,4,,,,,\n")
    done = restore(three, [])
    assert base.read_bytes() == committed
    assert done.replaced.read_bytes() == committed + b"9,ajout,4,,,,,\n"
    assert three.append(upload("d,5,")).rows_total == 4


def test_restore_takes_each_part_from_the_file_that_still_holds_it(three, tmp_path):
    base = three.file.path
    backup = tmp_path / "backup.csv"
    backup.write_bytes(base.read_bytes())
    three.append(upload("d,5,"))
    committed = base.read_bytes()
    base.write_bytes(committed.replace(b"a 1", b"A 1"))
    with pytest.raises(BaseDamaged, match=r"version 1 in .*; nothing was changed"):
        restore(three, [])
    restore(three, [backup])
    assert base.read_bytes() == committed
    assert verify(three).sound


def test_restore_brings_a_lost_base_back_from_a_backup(three, tmp_path):
    backup = three.file.path.rename(tmp_path / "backup.csv")
    done = restore(three, [backup])
    assert (done.version, done.replaced) == (1, None)
    assert three.append(upload("d,5,")).rows_total == 4


def test_restore_leaves_a_sound_base_alone(three):
    inode = three.file.path.stat().st_ino
    assert restore(three, []).replaced is None
    assert three.file.path.stat().st_ino == inode


def test_masks_are_vectorised_over_parts(store, monkeypatch):
    monkeypatch.setattr("satispy.data.base_rows.ROWS_AT_ONCE", 2)
    store.append(upload(*(f"avis {number},5," for number in range(5))))
    seen = []

    def noted(series: pl.Series) -> pl.Series:
        seen.append(len(series))
        return without_digits(series)

    mask(store, noted, "operator")
    assert seen == [2, 2, 1]
    assert texts(store) == ["avis #"] * 5
