import csv
import hashlib
from collections import Counter

import pytest

from satispy.core.types import label_of_star
from satispy.data.review_file import ReviewFile
from satispy.data.rules import Rules
from satispy.demo.reviews import write_reviews


def read(file):
    """Return the rows of a file as the base would hold them, and the bad ones."""
    with file.open("rb") as opened:
        batches = list(ReviewFile(opened, Rules()))
    lines = "".join(batch.rows.encode(0).decode() for batch in batches).splitlines()
    rows = [tuple(cells[1:]) for cells in csv.reader(lines)]
    return rows, [bad for batch in batches for bad in batch.bad]


@pytest.fixture
def files(tmp_path):
    return write_reviews(tmp_path)


def test_the_same_seed_gives_the_same_bytes_on_every_machine(files):
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    assert digest == "0b1d8e6146034485179d14a920223c9bf336e566d12395840aa6006b45c52e8e"


def test_another_seed_gives_other_reviews(files, tmp_path):
    others = write_reviews(tmp_path / "other", seed=21)
    assert all(
        mine.read_bytes() != other.read_bytes() for mine, other in zip(files, others, strict=True)
    )


def test_the_files_are_played_in_the_order_of_their_names(files):
    assert [file.name for file in files] == [
        "data_MAJ.csv",
        "02_avis_synthetiques.csv",
        "03_avis_synthetiques.csv",
    ]


def test_our_own_reader_finds_just_the_bad_rows_that_are_meant(files):
    parsed = [read(file) for file in files]
    assert [len(rows) for rows, _ in parsed] == [1200, 640, 300]
    assert [len(bad) for _, bad in parsed] == [0, 4, 0]


def test_the_second_file_has_a_mark_french_dates_and_rows_of_the_first(files):
    content = files[1].read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    first, second = (set(read(file)[0]) for file in files[:2])
    assert len(first & second) == 40


def test_every_row_is_labelled_as_synthetic(files):
    for file in files:
        assert all(
            row[2].startswith("Synthétique-") and row[3] == "DemoShop" for row in read(file)[0]
        )


def test_classes_are_mixed_as_in_real_reviews_and_texts_vary(files):
    rows = read(files[0])[0]
    labels = Counter(label_of_star(int(row[1])) for row in rows)
    assert 0.6 < labels[1] / len(rows) < 0.7
    assert len({row[0] for row in rows}) > 0.97 * len(rows)
