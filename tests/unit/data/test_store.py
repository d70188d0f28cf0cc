import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satispy.core.clock import system_clock
from satispy.core.database import Database
from satispy.core.errors import BaseDamaged, DuplicateUpload
from satispy.data.parsing import parse_file
from satispy.data.schema import HEADER, checked_row
from satispy.data.snapshot import read_snapshot
from satispy.data.store import Delivery, ReviewStore


@pytest.fixture
def open_store(tmp_path, clock):
    """Open the store of a folder; all are closed in the end."""
    opened = []

    def open_it(folder=tmp_path, clock=clock):
        opened.append(Database(folder / "x.sqlite3"))
        return ReviewStore(folder / "data_MAJ.csv", opened[-1], clock)

    yield open_it
    for database in opened:
        database.close()


@pytest.fixture
def store(open_store):
    return open_store()


def row(text="bien", star="5", index=""):
    return checked_row({"Commentaire": text, "star": star, "index_org": index})


def upload(*rows, sha256=None):
    return Delivery(kind="upload", rows=rows, received_by="admin", upload_id=sha256, sha256=sha256)


def snapshot(store):
    return read_snapshot(store.base, store.history(store.current().number))


def test_the_same_file_is_refused_and_nothing_is_added(store):
    store.append(upload(row(), sha256="a" * 64))
    before = store.base.read_bytes()
    with pytest.raises(DuplicateUpload, match="nothing was added"):
        store.append(upload(row("autre"), sha256="a" * 64))
    assert store.base.read_bytes() == before


def test_a_base_that_is_shorter_than_the_ledger_says_is_not_written_to(store):
    store.append(upload(row()))
    store.base.write_bytes(HEADER)
    with pytest.raises(BaseDamaged, match="restore"):
        store.append(upload(row("autre")))
    assert store.base.read_bytes() == HEADER


def test_a_missing_base_is_not_made_anew(store):
    store.base.unlink()
    with pytest.raises(BaseDamaged, match="gone"):
        store.append(upload(row()))


def test_a_changed_byte_is_found_when_the_snapshot_is_read(store):
    store.append(upload(row("bien")))
    store.append(upload(row("mal", "1")))
    store.base.write_bytes(store.base.read_bytes().replace(b"bien", b"rien"))
    with pytest.raises(BaseDamaged, match="dataset version 1"):
        snapshot(store)


def test_what_an_interrupted_writer_left_is_cut_off_and_never_read(store):
    store.append(upload(row("bien")))
    with store.base.open("ab") as file:
        file.write(b'1,"half a ro')
    assert snapshot(store)["Commentaire"].tolist() == ["bien"]
    store.append(upload(row("mal", "1")))
    assert snapshot(store)["Commentaire"].tolist() == ["bien", "mal"]


def test_a_row_is_a_duplicate_by_all_columns_but_the_id(store):
    first = store.append(
        upload(row("ras", index="1"), row("ras", index="1"), row("ras", index="2"))
    )
    again = store.append(upload(row("ras", index="2"), row("ras", index="3")))
    assert (first.rows_accepted, first.rows_duplicate) == (2, 1)
    assert (again.rows_accepted, again.rows_duplicate, again.rows_total) == (1, 1, 3)


def test_comments_are_never_deduplicated(store):
    for _ in range(2):
        store.append(Delivery("comment", [row()], "alice", keep_duplicates=True))
    assert store.current().rows_total == 2


def test_mistake_8_ids_go_on_from_the_last_one_and_never_change(store):
    store.append(upload(row("a"), row("b")))
    before = store.base.read_bytes()
    store.append(upload(row("c")))
    assert store.base.read_bytes().startswith(before)
    assert snapshot(store)["inID"].tolist() == [0, 1, 2]


def test_an_older_version_is_a_prefix(store):
    store.append(upload(row("a")))
    store.append(upload(row("b")))
    assert read_snapshot(store.base, store.history(1))["Commentaire"].tolist() == ["a"]


def test_an_existing_base_is_adopted_byte_for_byte(tmp_path, open_store):
    content = HEADER + b"7,bien,5,A,B,1,5,2021-06-20 00:00:00+00:00\n9,mal,1,A,B,2,1,\n"
    (tmp_path / "data_MAJ.csv").write_bytes(content)
    store = open_store()
    assert store.current().kind == "adopted"
    store.append(upload(row("nouveau"), parse_file(content).rows[0]))
    assert store.base.read_bytes() == content + b"10,nouveau,5,,,,,\n"
    assert store.current().rows_duplicate == 1


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"a,b\n1,2\n", "missing"),
        (HEADER + b"0,bien,9,,,,,\n", "line 2, star"),
        (HEADER + b"0,bien,5,,,,,", "line end"),
        (HEADER + b"0,bien,5,,,,,\n0,mal,1,,,,,\n", "each inID once"),
        (HEADER + b"x,bien,5,,,,,\n", "whole numbers"),
        (HEADER.replace(b"\n", b"\r\n") + b"0,bien,5,,,,,\r\n", "LF"),
    ],
)
def test_a_base_that_cannot_be_adopted_is_left_alone_and_explained(
    tmp_path, open_store, content, why
):
    (tmp_path / "data_MAJ.csv").write_bytes(content)
    with pytest.raises(BaseDamaged, match=why):
        open_store()
    assert (tmp_path / "data_MAJ.csv").read_bytes() == content


def test_a_base_whose_stars_are_decimals_is_adopted_and_can_be_read(tmp_path, open_store):
    (tmp_path / "data_MAJ.csv").write_bytes(HEADER + b"0,bien,5.00,,,,,\n1,mal,1.0 ,,,,,\n")
    assert snapshot(open_store())["star"].tolist() == [5, 1]


def test_parallel_writers_lose_nothing(open_store):
    stores = [open_store() for _ in range(4)]

    def write(number):
        for step in range(5):
            stores[number].append(upload(row(f"{number} {step}")))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    frame = snapshot(stores[0])
    assert frame["inID"].tolist() == list(range(20))
    assert set(frame["Commentaire"]) == {f"{n} {s}" for n in range(4) for s in range(5)}


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(TEXT.map(lambda text: f"{text}é"), min_size=1, max_size=5), other=TEXT)
def test_any_text_comes_back_from_the_snapshot_as_it_went_in(tmp_path_factory, texts, other):
    folder = tmp_path_factory.mktemp("base")
    database = Database(folder / "x.sqlite3")
    store = ReviewStore(folder / "data_MAJ.csv", database, system_clock)
    rows = [checked_row({"Commentaire": text, "star": "3", "source": other}) for text in texts]
    store.append(Delivery("upload", rows, "admin", keep_duplicates=True))
    frame = snapshot(store)
    assert frame["Commentaire"].tolist() == texts
    assert set(frame["source"]) == {other}
    database.close()
