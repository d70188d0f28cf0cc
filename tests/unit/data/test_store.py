import logging
import os
import threading

import pytest
from sqlalchemy import delete

from review_rows import rows_of, upload
from satispy.core.errors import BaseDamaged, Busy, DuplicateUpload, KeyReused, NotFound
from satispy.data import ledger
from satispy.data.request_keys import KEPT_FOR, Placed, RequestKey
from satispy.data.rules import Rules, check_comments
from satispy.data.schema import GIVEN, HEADER
from satispy.data.snapshot import copy_version, read_snapshot
from satispy.data.store import Sender


def comment(*texts):
    rows = check_comments([{"Commentaire": text, "star": "5"} for text in texts], Rules()).rows
    return rows


def texts(store, number=None):
    version = store.history.current().number if number is None else number
    return read_snapshot(store, version)["Commentaire"].tolist()


def key(content="a", name="key 1", sender="admin"):
    return RequestKey(sender, name, content * 64)


def test_the_same_file_is_refused_and_nothing_is_added(store):
    store.append(upload("bien,5,", sha256="a" * 64))
    before = store.file.path.read_bytes()
    with pytest.raises(DuplicateUpload, match="nothing was added"):
        store.append(upload("autre,5,", sha256="a" * 64))
    assert store.file.path.read_bytes() == before


def test_rows_are_added_in_order_with_ids_that_go_on_and_never_change(store):
    store.append(upload("a,5,", "b,1,"))
    before = store.file.path.read_bytes()
    store.append(upload("c,3,"))
    assert store.file.path.read_bytes() == before + b"2,c,3,,,,,\n"
    assert read_snapshot(store, 2)["inID"].tolist() == [0, 1, 2]


def test_a_row_is_a_duplicate_by_all_columns_but_the_id(store):
    first = store.append(upload("ras,5,1", "ras,5,1", "ras,5,2"))
    again = store.append(upload("ras,5,2", "ras,5,3"))
    assert (first.rows_accepted, first.rows_duplicate) == (2, 1)
    assert (again.rows_accepted, again.rows_duplicate, again.rows_total) == (1, 1, 3)


def test_duplicates_are_found_without_the_index_for_it_is_made_anew(store, tmp_path):
    store.append(upload("a,5,", "b,5,"))
    store.append_comments(comment("c", "c"), [Sender("alice"), Sender("bob")])
    for path in (tmp_path / "identities").iterdir():
        path.unlink()
    entry = store.append(upload("b,5,", "c,5,", "d,5,"))
    assert (entry.rows_accepted, entry.rows_duplicate) == (1, 2)


def test_comments_that_commit_together_are_one_entry_and_never_deduplicated(store):
    placed = store.append_comments(comment("a", "a"), [Sender("bob"), Sender("alice")])
    assert placed == [Placed(0, 1), Placed(1, 1)]
    entry = store.history.current()
    assert (entry.kind, entry.rows_accepted, entry.received_by) == ("comment", 2, "alice, bob")
    assert texts(store) == ["a", "a"]


def test_an_older_version_is_a_prefix(store, tmp_path):
    store.append(upload("a,5,"))
    prefix = store.file.path.read_bytes()
    store.append(upload("b,5,"))
    assert texts(store, 1) == ["a"]
    with (tmp_path / "copy").open("wb") as out:
        copy_version(store, 1, out)
    assert (tmp_path / "copy").read_bytes() == prefix
    with pytest.raises(NotFound, match="from 0 to 2"):
        texts(store, 3)


def test_a_key_and_its_content_are_written_once(store):
    first = store.append(upload("a,5,", key=key()))
    assert store.append(upload("a,5,", key=key())) == first
    with pytest.raises(KeyReused, match="another content"):
        store.append(upload("b,5,", key=key("b")))
    other = store.append(upload("c,5,", key=key("c", sender="bob")))
    assert (store.history.current(), other.rows_total) == (other, 2)


def test_a_comments_key_brings_its_first_place_also_within_one_batch(store):
    senders = [Sender("bob", key()), Sender("bob", key()), Sender("bob"), Sender("bob", key("b"))]
    placed = store.append_comments(comment("a", "a", "b", "c"), senders)
    assert placed[:3] == [Placed(0, 1), Placed(0, 1), Placed(1, 1)]
    assert isinstance(placed[3], KeyReused)
    again = store.append_comments(comment("a"), [Sender("bob", key())])
    assert again == [Placed(0, 1)]
    assert (store.history.current().number, texts(store)) == (1, ["a", "b"])


def test_a_key_is_forgotten_after_thirty_days(store, clock):
    store.append(upload("a,5,", key=key()))
    clock.now += KEPT_FOR
    store.append(upload("b,5,", key=key(name="key 2")))
    assert store.append(upload("c,5,", key=key("c"))).rows_total == 3


def test_a_tail_that_an_interrupted_writer_left_is_cut_off_said_so_and_never_read(
    open_store, caplog
):
    class Killed(BaseException):
        pass

    def die(step):
        if step == "appended":
            raise Killed

    dying = open_store(at=die)
    with pytest.raises(Killed):
        dying.append(upload("perdu,5,"))
    store = open_store()
    assert store.file.path.read_bytes() == HEADER + b"0,perdu,5,,,,,\n"
    assert texts(store) == []
    with caplog.at_level(logging.WARNING):
        store.append(upload("bien,5,"))
    assert "cutting 15 bytes" in caplog.text
    assert store.file.path.read_bytes() == HEADER + b"0,bien,5,,,,,\n"


def test_a_database_that_falls_one_commit_back_lets_no_acknowledged_row_be_cut(store):
    store.append(upload("a,5,"))
    before = store.history.current()
    store.append(upload("b,5,"))
    with store.database.writing() as connection:
        connection.execute(delete(ledger.LEDGER).where(ledger.LEDGER.c.number > before.number))
    for add in (add_upload, add_comment):
        with pytest.raises(BaseDamaged, match="no upload of ours"):
            add(store)
    assert b"1,b,5" in store.file.path.read_bytes()


def test_a_row_typed_in_after_a_cut_is_refused_and_not_cut_too(open_store):
    class Killed(BaseException):
        pass

    def die(step):
        if step == "appended":
            raise Killed

    with pytest.raises(Killed):
        open_store(at=die).append(upload("perdu,5,"))
    store = open_store()
    store.count_fresh(rows_of("x,5,"))  # takes the locks, which cuts
    with store.file.path.open("ab") as file:
        file.write(b"0,ajout,5,,,,,\n")
    with pytest.raises(BaseDamaged, match="no upload of ours"):
        store.append(upload("bien,5,"))


def add_upload(store):
    return store.append(upload("autre,5,"))


def add_comment(store):
    return store.append_comments(comment("autre"), [Sender("bob")])


@pytest.mark.parametrize("add", [add_upload, add_comment])
@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (lambda base: base.write_bytes(HEADER), "ends at byte"),
        (lambda base: base.write_bytes(base.read_bytes().replace(b"bien", b"rien")), "was changed"),
        (lambda base: base.write_bytes(base.read_bytes() + b"1,mal,1,,,,,\n"), "no upload of ours"),
        (lambda base: base.unlink(), "gone"),
    ],
    ids=["shorter", "changed", "longer", "gone"],
)
def test_a_base_that_was_edited_by_hand_is_refused_left_alone_and_explained(store, edit, why, add):
    store.append(upload("bien,5,"))
    base = store.file.path
    edit(base)
    before = base.read_bytes() if base.exists() else None
    with pytest.raises(BaseDamaged, match=why) as refused:
        add(store)
    assert "satispy data restore" in str(refused.value)
    assert (base.read_bytes() if base.exists() else None) == before


def test_a_base_that_was_only_touched_or_copied_back_goes_on(store):
    store.append(upload("a,5,"))
    base = store.file.path
    content = base.read_bytes()
    base.unlink()
    base.write_bytes(content)
    store.append(upload("b,5,"))
    os.utime(base, ns=(0, 0))
    store.append(upload("c,5,"))
    assert texts(store) == ["a", "b", "c"]


def test_a_changed_byte_is_found_when_a_snapshot_is_read(store):
    store.append(upload("bien,5,"))
    store.append(upload("mal,1,"))
    store.file.path.write_bytes(store.file.path.read_bytes().replace(b"bien", b"rien"))
    with pytest.raises(BaseDamaged, match="dataset version 1"):
        texts(store)


def test_a_writer_that_waits_too_long_is_told_to_try_again(open_store):
    store, other = open_store(), open_store(patience=0.05)
    with store.guard.locked(), pytest.raises(Busy, match="try again"):
        other.append(upload("a,5,"))
    assert other.append(upload("a,5,")).rows_total == 1


def test_parallel_writers_lose_nothing(open_store):
    stores = [open_store() for _ in range(4)]

    def write(number):
        for step in range(5):
            stores[number].append(upload(f"{number} {step},5,"))
            stores[number].append_comments(comment(f"{number} {step}"), [Sender("bob")])

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    frame = read_snapshot(stores[0], 40)
    assert frame["inID"].tolist() == list(range(40))
    assert sorted(frame["Commentaire"]) == sorted(
        f"{number} {step}" for number in range(4) for step in range(5) for _ in range(2)
    )


def test_rows_of_many_parts_are_deduplicated_across_them(store):
    parts = [*rows_of("a,5,", "b,5,"), *rows_of("b,5,", "c,5,", "a,5,")]
    entry = store.append(upload(rows=parts))
    assert (entry.rows_accepted, entry.rows_duplicate) == (3, 2)
    assert texts(store) == ["a", "b", "c"]


def test_an_existing_base_is_adopted_byte_for_byte(tmp_path, open_store):
    content = HEADER + b"7,bien,5,A,B,1,5,2021-06-20 00:00:00+00:00\n9,mal,1.0,A,B,2,1,\n"
    (tmp_path / "data_MAJ.csv").write_bytes(content)
    store = open_store()
    assert store.history.current().kind == "adopted"
    known = rows_of("bien,5,A,B,1,5,20/06/2021", header=",".join(GIVEN))
    entry = store.append(upload(rows=[*rows_of("nouveau,5,"), *known]))
    assert store.file.path.read_bytes() == content + b"10,nouveau,5,,,,,\n"
    assert entry.rows_duplicate == 1
    assert read_snapshot(store, 1)["star"].tolist() == [5, 1, 5]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"a,b\n1,2\n", "missing"),
        (HEADER + b"0,bien,9,,,,,\n", "line 2, star"),
        (HEADER + b"0,bien,5,,,,,", "line end"),
        (HEADER + b"0,bien,5,,,,,\n0,mal,1,,,,,\n", "stands twice"),
        (HEADER + b"x,bien,5,,,,,\n", "whole number"),
        (HEADER.replace(b"\n", b"\r\n") + b"0,bien,5,,,,,\r\n", "LF"),
        (b"\xef\xbb\xbf" + HEADER + b"0,bien,5,,,,,\n", "byte-order mark"),
        (HEADER + b'0,"bien,5,,,,,\n', "quote"),
    ],
)
def test_a_base_that_cannot_be_adopted_is_left_alone_and_explained(
    tmp_path, open_store, content, why
):
    (tmp_path / "data_MAJ.csv").write_bytes(content)
    with pytest.raises(BaseDamaged, match=why):
        open_store()
    assert (tmp_path / "data_MAJ.csv").read_bytes() == content
