"""What the columns say is what stands in the base, whoever wrote it and however they were made."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from review_rows import rows_of, upload
from satispy.core.errors import ArtifactDamaged, BaseDamaged
from satispy.data import column_reader, column_shelf
from satispy.data.column_reader import Span, read_block
from satispy.data.column_shelf import ColumnShelf
from satispy.data.columns import UNDATED, join, open_block, write_block
from satispy.data.generations import adopt, erase
from satispy.data.schema import HEADER
from satispy.data.store import Sender

HEAD = "Commentaire,star,source,company,date"


def dated(*lines):
    return upload(rows=rows_of(*lines, header=HEAD))


def told(view):
    """All that the columns say, row by row."""
    return [
        (
            int(block.ids[at]),
            int(block.entries[at]),
            int(block.stars[at]),
            int(block.days[at]),
            int(block.lengths[at]),
            block.source_names[block.sources[at]],
            block.company_names[block.companies[at]],
        )
        for block in view.blocks
        for at in range(len(block))
    ]


def starts(view):
    return [int(start) for block in view.blocks for start in block.starts]


@pytest.fixture
def many(monkeypatch):
    """Every block is written, and few are kept apart."""
    monkeypatch.setattr(column_shelf, "FEW_ROWS", 0)


def test_columns_say_what_the_rows_are(store):
    store.append(dated('"a, ""b""\nç",5,web,X,2020-01-02', "b,1,,,"))
    store.append(dated("c,3,web,Y,"))
    assert told(ColumnShelf(store).view()) == [
        (0, 1, 5, 18263, 8, "web", "X"),
        (1, 1, 1, UNDATED, 1, "", ""),
        (2, 2, 3, UNDATED, 1, "web", "Y"),
    ]


def test_rows_begin_where_the_columns_say(store):
    store.append(dated('"a\n""b""",5,,,', "b,1,,,", '",",3,,,'))
    content = store.file.path.read_bytes()
    beginnings = starts(ColumnShelf(store).view())
    ends = [*beginnings[1:], len(content)]
    cells = [content[start:end].decode() for start, end in zip(beginnings, ends, strict=True)]
    assert cells == ['0,"a\n""b""",5,,,,,\n', "1,b,1,,,,,\n", '2,",",3,,,,,\n']


def test_an_empty_base_has_no_rows(store):
    assert len(ColumnShelf(store).view()) == 0


@pytest.mark.usefixtures("many")
def test_what_is_written_is_read_again_and_only_what_is_new_is_added(store):
    store.append(dated("a,5,web,X,"))
    first = told(ColumnShelf(store).view())
    store.append(dated("b,4,site,Y,"))
    shelf = ColumnShelf(store)
    assert told(shelf.view()) == [*first, (1, 2, 4, UNDATED, 1, "site", "Y")]
    assert len(list(shelf.folder.iterdir())) == 2
    assert told(ColumnShelf(store).view()) == told(shelf.view())


@pytest.mark.usefixtures("many")
def test_many_blocks_become_one(store):
    for number in range(column_shelf.MOST_BLOCKS + 3):
        store.append(dated(f"text {number},{1 + number % 5},s{number % 2},c{number % 3},"))
        shelf = ColumnShelf(store)
        view = shelf.view()
        assert [row[0] for row in told(view)] == list(range(number + 1))
    assert len(list(shelf.folder.iterdir())) < column_shelf.MOST_BLOCKS
    whole = told(view)
    assert [row[5:] for row in whole[:3]] == [("s0", "c0"), ("s1", "c1"), ("s0", "c2")]
    column_shelf.forget(store.file.path)
    assert told(ColumnShelf(store).view()) == whole


def test_a_few_rows_are_no_reason_to_write(store):
    shelf = ColumnShelf(store)
    store.append_comments(rows_of("a,5,")[0], [Sender("alice")])
    assert len(shelf.view()) == 1
    assert not shelf.folder.exists()


@pytest.mark.usefixtures("many")
def test_a_generation_that_is_gone_leaves_no_columns(store):
    store.append(dated("a,5,,,", "b,1,,,"))
    shelf = ColumnShelf(store)
    shelf.view()
    erase(store, [0], "operator")
    assert [row[:2] for row in told(shelf.view())] == [(1, 2)]
    assert len(list(shelf.folder.iterdir())) == 1


@pytest.mark.usefixtures("many")
def test_damaged_columns_are_read_from_the_base_again(store):
    store.append(dated("a,5,,,", "b,1,,,"))
    whole = told(ColumnShelf(store).view())
    (folder,) = ColumnShelf(store).folder.iterdir()
    (folder / "stars.npy").write_bytes(b"no numbers")
    assert told(ColumnShelf(store).view()) == whole


def test_rows_that_were_adopted_in_another_form_are_read_too(store):
    rows = (
        b'7,"quoted without need",5.0,"web",,,,2020-01-02 00:00:00+00:00\n\n3,b,1,,,,,27/07/2020\n'
    )
    store.file.path.write_bytes(HEADER + rows)
    adopt(store, "operator")
    assert told(ColumnShelf(store).view()) == [
        (7, 1, 5, 18263, 19, "web", ""),
        (3, 1, 1, 18470, 1, "", ""),
    ]


def test_what_the_quick_way_does_not_understand_is_read_row_by_row(store, monkeypatch):
    store.append(dated('"a\n""b""",5,web,X,2020-01-02', "b,1,,,"))
    quick = told(ColumnShelf(store).view()), starts(ColumnShelf(store).view())
    monkeypatch.setattr(column_reader, "_quickly", lambda *_: iter([None]))
    assert (told(ColumnShelf(store).view()), starts(ColumnShelf(store).view())) == quick


def test_a_base_that_does_not_hold_its_rows_is_refused(store):
    store.append(dated("a,5,,,", "b,1,,,"))
    path = store.file.path
    path.write_bytes(path.read_bytes()[:-4] + b"\n\n\n\n")
    with pytest.raises(BaseDamaged, match="satispy data verify"):
        ColumnShelf(store).view()


CELL = st.text(st.sampled_from('a,"\n\ré€👍 '), max_size=8)


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=30))
def test_any_rows_are_found_however_small_the_pieces(tmp_path_factory, cells):
    """The reader of the standard library says what the rows are."""
    path = tmp_path_factory.mktemp("any") / "data_MAJ.csv"
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for number, (text, source) in enumerate(cells):
        writer.writerow([number, text, 1 + number % 5, source, "", "", "", ""])
    path.write_bytes(HEADER + out.getvalue().encode())
    span = Span(1, path.stat().st_size, len(cells))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(column_reader, "BYTES_AT_ONCE", 16)
        block = read_block(path, 0, [span])
    assert block.ids.tolist() == list(range(len(cells)))
    assert block.lengths.tolist() == [len(text) for text, _ in cells]
    assert [block.source_names[at] for at in block.sources] == [source for _, source in cells]


def test_joined_blocks_are_what_they_were(store, tmp_path):
    store.append(dated("a,5,web,X,", "b,4,site,Y,"))
    (block,) = ColumnShelf(store).view().blocks
    twice = join([block, block])
    assert twice.stars.tolist() == [5, 4, 5, 4]
    assert twice.source_names == ["web", "site"]
    (tmp_path / "block").mkdir()
    write_block(tmp_path / "block", twice)
    again = open_block(tmp_path / "block")
    assert np.array_equal(again.sources, twice.sources)
    np.save(tmp_path / "block" / "stars.npy", np.zeros(3, np.int8))
    with pytest.raises(ArtifactDamaged, match="expected 4 numbers of int8"):
        open_block(tmp_path / "block")
