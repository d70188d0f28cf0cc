from datetime import date

import numpy as np
import pytest

from review_rows import rows_of, upload
from satispy.core.errors import BaseDamaged, InvalidInput
from satispy.data import column_shelf, search
from satispy.data.generations import erase, mask
from satispy.data.search import Question, Search
from satispy.data.statistics import LARGEST_COMPANIES, statistics_of
from satispy.data.store import Sender

HEAD = "Commentaire,star,source,company,date"
ROWS = (
    "Livraison rapide,5,web,X,2020-01-02",
    '"Déçu, colis\nperdu",1,web,Y,2020-01-31',
    "Rien à dire,3,,X,",
    "livraison lente mais colis entier,2,site,X,2020-02-01",
)


@pytest.fixture
def filled(store):
    store.append(upload(rows=rows_of(*ROWS, header=HEAD)))
    return store


def ids(found, **asked):
    rows, total = found.page(Question(**asked), offset=0, limit=50)
    assert total == len(rows)
    return [row.id for row in rows]


def test_a_row_comes_as_it_stands_in_the_base(filled):
    (row,), total = Search(filled).page(Question(text="perdu"), offset=0, limit=10)
    assert total == 1
    assert (row.id, row.text, row.star) == (1, "Déçu, colis\nperdu", 1)
    assert (row.source, row.company, row.date, row.entry) == ("web", "Y", date(2020, 1, 31), 1)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, [3, 2, 1, 0]),
        ({"text": "LIVRAISON"}, [3, 0]),
        ({"text": "colis livraison"}, [3]),
        ({"text": "absent"}, []),
        ({"stars": (1, 5)}, [1, 0]),
        ({"sources": ("web",)}, [1, 0]),
        ({"sources": ("",)}, [2]),
        ({"sources": ("nowhere",)}, []),
        ({"companies": ("X",), "text": "livraison", "stars": (5,)}, [0]),
        ({"since": date(2020, 1, 31)}, [3, 1]),
        ({"until": date(2020, 1, 31)}, [1, 0]),
        ({"since": date(2020, 1, 3), "until": date(2020, 1, 31)}, [1]),
        ({"since": date(2021, 1, 1)}, []),
        ({"since": date(2020, 2, 1), "until": date(2020, 1, 1)}, []),
    ],
    ids=str,
)
def test_each_condition_narrows_the_answer_and_the_newest_come_first(filled, asked, expected):
    assert ids(Search(filled), **asked) == expected


def test_pages_follow_one_another_and_end(filled):
    found = Search(filled)
    for asked in ({}, {"stars": (1, 2, 3, 5)}):
        pages = [found.page(Question(**asked), offset=at, limit=3) for at in (0, 3, 6, 4_000_000)]
        assert [[row.id for row in rows] for rows, _ in pages] == [[3, 2, 1], [0], [], []]
        assert {total for _, total in pages} == {4}


def test_a_row_is_seen_as_soon_as_it_is_committed(filled):
    found = Search(filled)
    assert ids(found, text="nouveau") == []
    filled.append_comments(rows_of("Nouveau,5,")[0], [Sender("alice")])
    assert ids(found, text="nouveau") == [4]


def test_what_an_interrupted_writer_left_is_not_seen(filled):
    with filled.file.path.open("ab") as file:
        file.write(b"4,jamais,5,,,,,\n")
    assert ids(Search(filled), text="jamais") == []
    assert ids(Search(filled)) == [3, 2, 1, 0]


def test_an_erased_row_is_not_found_not_even_by_who_had_looked_before(filled):
    found = Search(filled)
    assert ids(found, text="colis") == [3, 1]
    erase(filled, [1], "operator")
    assert ids(found, text="colis") == [3]
    assert sorted(found.by_id([0, 1, 2])) == [0, 2]


def test_a_row_erased_while_somebody_looks_is_not_shown(filled, monkeypatch):
    """The rows were read, then comes the erasure, then the answer: it is thrown away."""
    found, read = Search(filled), Search._rows
    erased = []

    def slow(self, view, places):
        rows = read(self, view, places)
        if not erased:
            erased.append(erase(filled, [1], "operator"))
        return rows

    monkeypatch.setattr(Search, "_rows", slow)
    assert ids(found, text="colis") == [3]


def test_a_masked_text_is_shown_as_it_is_now(filled):
    found = Search(filled)
    assert ids(found, text="perdu") == [1]
    mask(filled, lambda texts: texts.str.replace_all("perdu", "***"), "operator")
    assert ids(found, text="perdu") == []
    assert found.by_id([1])[1].text == "Déçu, colis\n***"


def test_a_base_changed_by_hand_is_refused_where_other_rows_stand(filled):
    found = Search(filled)
    assert ids(found) == [3, 2, 1, 0]
    path = filled.file.path
    path.write_bytes(path.read_bytes().replace(b"3,livraison lente", b"8,livraison lente"))
    with pytest.raises(BaseDamaged, match="satispy data verify"):
        ids(found)


def test_words_are_looked_for_in_every_part_of_a_large_base(store, monkeypatch):
    monkeypatch.setattr(search, "BYTES_AT_ONCE", 64)
    monkeypatch.setattr(column_shelf, "FEW_ROWS", 3)
    kinds = ("pair", "impair")
    for start in (0, 40):
        lines = [f'"avis {one}\n{kinds[one % 2]}",5,' for one in range(start, start + 40)]
        store.append(upload(*lines))
    assert ids(Search(store), text="impair")[:3] == [79, 77, 75]
    assert len(ids(Search(store), text="pair avis")) == 40


def test_a_question_asked_again_looks_into_new_rows_only(filled, monkeypatch):
    found, looked = Search(filled), []
    between = search.texts_between

    def counted(file, start, end, rows):
        looked.append(rows)
        return between(file, start, end, rows)

    monkeypatch.setattr(search, "texts_between", counted)
    assert ids(found, text="colis") == [3, 1]
    assert ids(found, text="colis") == [3, 1]
    filled.append_comments(rows_of("Encore un colis,5,", "rien,1,")[0], [Sender("a"), Sender("b")])
    assert ids(found, text="colis") == [4, 3, 1]
    assert looked == [4, 2]


def test_a_reader_does_not_wait_for_a_generation_that_is_being_written(open_store):
    store = open_store(patience=0.2)
    store.append(upload(rows=rows_of(*ROWS, header=HEAD)))
    with store.guard.locked():
        store.file.next.write_bytes(b"half a ba")
        assert ids(Search(store), text="colis") == [3, 1]


def test_a_committed_generation_is_moved_into_its_place_by_who_reads(open_store):
    store = open_store()
    store.append(upload(rows=rows_of(*ROWS, header=HEAD)))
    found = Search(store)
    assert ids(found, text="colis") == [3, 1]

    def die(step):
        if step == "committed":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        erase(open_store(at=die), [1], "operator")
    assert store.file.next.exists()
    assert ids(found, text="colis") == [3]
    assert not store.file.next.exists()


def test_answers_are_remembered_and_forgotten(filled, monkeypatch):
    monkeypatch.setattr(search, "REMEMBERED", 2)
    found = Search(filled)
    for star in (1, 2, 3, 1):
        assert len(ids(found, stars=(star,))) == 1
    assert len(found._answers) == 2


def test_a_text_without_words_is_refused(filled):
    with pytest.raises(InvalidInput, match="expected words"):
        Search(filled).page(Question(text="?!"), offset=0, limit=1)
    assert ids(Search(filled), text="  ") == [3, 2, 1, 0]


def test_statistics_count_every_row_once(filled):
    found = Search(filled).view().statistics
    assert found.rows == 4
    assert found.stars == {1: 1, 2: 1, 3: 1, 4: 0, 5: 1}
    assert found.sources == [("web", 2), ("", 1), ("site", 1)]
    assert (found.companies, found.other_companies) == ([("X", 3), ("Y", 1)], 0)
    lengths = [(one.begin, one.end, one.rows) for one in found.lengths]
    assert lengths[:2] == [(0, 49, 4), (50, 99, 0)]
    assert found.lengths[-1].end is None
    months = [(one.month, one.rows, one.mean_star) for one in found.months]
    assert months == [("2020-01", 2, 3.0), ("2020-02", 1, 2.0)]
    assert found.undated == 1


def test_statistics_are_those_of_all_blocks_together(filled, monkeypatch):
    (block,) = Search(filled).view().blocks
    once, twice = statistics_of([block]), statistics_of([block, block])
    assert twice.rows == 2 * once.rows
    assert twice.sources == [(name, 2 * rows) for name, rows in once.sources]
    assert [one.mean_star for one in twice.months] == [one.mean_star for one in once.months]
    assert statistics_of([]).months == []


def test_companies_beyond_the_largest_are_counted_together(store):
    lines = [f"avis,5,,c{number:02d}," for number in range(LARGEST_COMPANIES + 5)]
    store.append(upload(rows=rows_of(*lines, "avis,5,,c24,", "encore,5,,c24,", header=HEAD)))
    found = Search(store).view().statistics
    assert found.companies[0] == ("c24", 2)
    assert len(found.companies) == LARGEST_COMPANIES
    assert found.other_companies == 5
    assert np.sum([rows for _, rows in found.companies]) + 5 == found.rows
