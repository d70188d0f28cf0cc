import pyarrow.parquet as pq
import pytest

from review_rows import upload
from satispy.core.database import Database
from satispy.core.errors import BaseDamaged, VersionErased
from satispy.data.generations import erase
from satispy.data.store import ReviewStore
from satispy.evaluation.split import is_exam
from satispy.workflows.retraining import prepared
from satispy.workflows.retraining.prepared import prepare


@pytest.fixture
def store(tmp_path, clock):
    database = Database(tmp_path / "x.sqlite3")
    yield ReviewStore(tmp_path / "data_MAJ.csv", database, clock)
    database.close()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "prepared"


def read(parts):
    return [row for path in parts for row in pq.read_table(path).to_pylist()]


def words(parts):
    return [" ".join(row["words"]) for row in read(parts)]


def test_reviews_are_cut_labelled_and_dealt_to_the_sides(store, folder):
    store.append(upload("Très BIEN,5,", '"Nul, nul",1,'))
    first, second = read(prepare(store, 1, folder))
    assert (first["id"], first["words"], first["label"], first["star"]) == (
        0,
        ["très", "bien"],
        1,
        5,
    )
    assert (second["words"], second["label"]) == (["nul", "nul"], 0)
    assert [first["exam"], second["exam"]] == [is_exam("Très BIEN"), is_exam("Nul, nul")]


def test_a_base_that_has_grown_is_extended_not_remade(store, folder, monkeypatch):
    store.append(upload("a,5,", "b,1,"))
    (first,) = prepare(store, 1, folder)
    before = first.stat().st_mtime_ns
    store.append(upload("c,5,"))
    store.append(upload("d,5,"))
    cut = []
    tokenize = prepared.tokenize
    monkeypatch.setattr(prepared, "tokenize", lambda text: cut.append(text) or tokenize(text))
    parts = prepare(store, 3, folder)
    assert cut == ["c", "d"]
    assert parts[0] == first
    assert first.stat().st_mtime_ns == before
    assert words(parts) == ["a", "b", "c", "d"]
    assert prepare(store, 3, folder) == parts


def test_an_older_version_is_read_from_the_parts_that_end_before_it(store, folder):
    store.append(upload("a,5,"))
    store.append(upload("b,5,"))
    prepare(store, 2, folder)
    assert words(prepare(store, 1, folder)) == ["a"]
    assert words(prepare(store, 2, folder)) == ["a", "b"]


def test_what_was_prepared_by_other_rules_is_removed(store, folder):
    """Nobody would read it again, nor take out of it what is erased from the base."""
    older = folder / "text-0"
    older.mkdir(parents=True)
    (older / "000000001-000000001-0123456789abcdef.parquet").write_text("x", encoding="utf-8")
    store.append(upload("a,5,"))
    (part,) = prepare(store, 1, folder)
    assert list(folder.iterdir()) == [part.parent]


def test_many_parts_are_written_together(store, folder, monkeypatch):
    monkeypatch.setattr(prepared, "MOST_PARTS", 3)
    for number in range(1, 6):
        store.append(upload(f"avis {number},5,"))
        parts = prepare(store, number, folder)
    assert len(list(parts[0].parent.iterdir())) <= 3
    assert words(parts) == [f"avis {number}" for number in range(1, 6)]


def test_what_was_prepared_before_an_erasure_is_not_taken_for_the_base_after_it(store, folder):
    store.append(upload("a,5,", "b,1,"))
    prepare(store, 1, folder)
    erase(store, [0], "operator")
    with pytest.raises(VersionErased):
        prepare(store, 1, folder)
    assert words(prepare(store, 2, folder)) == ["b"]


def test_what_is_erased_while_it_is_prepared_is_not_kept(store, folder, monkeypatch):
    store.append(upload("a,5,", "b,1,"))
    tokenize = prepared.tokenize

    def meanwhile_erased(text):
        if text == "b":
            erase(store, [0], "operator")
        return tokenize(text)

    monkeypatch.setattr(prepared, "tokenize", meanwhile_erased)
    with pytest.raises(VersionErased):
        prepare(store, 1, folder)
    assert list((folder / "text-1-columns-2").iterdir()) == []


def test_bytes_are_compared_with_the_ledger_even_where_all_is_prepared(store, folder):
    store.append(upload("a,5,", "b,1,"))
    prepare(store, 1, folder)
    store.file.path.write_bytes(store.file.path.read_bytes().replace(b"a,5", b"c,5"))
    with pytest.raises(BaseDamaged):
        prepare(store, 1, folder)


def test_an_interrupted_preparation_leaves_no_part(store, folder, monkeypatch):
    store.append(upload("a,5,"))

    def die(_text):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(prepared, "tokenize", die)
        with pytest.raises(KeyboardInterrupt):
            prepare(store, 1, folder)
    assert list((folder / "text-1-columns-2").iterdir()) == []
    assert words(prepare(store, 1, folder)) == ["a"]


def test_a_long_base_is_read_in_pieces(store, folder, monkeypatch):
    monkeypatch.setattr(
        "satispy.data.snapshot.read_rows.__kwdefaults__", {"after": None, "at_once": 2}
    )
    store.append(upload(*(f"avis {number},5," for number in range(5))))
    parts = prepare(store, 1, folder)
    assert pq.ParquetFile(parts[0]).num_row_groups == 3
    assert words(parts) == [f"avis {number}" for number in range(5)]
