import numpy as np
import pytest

from review_rows import upload
from satispy.core.database import Database
from satispy.core.files import write_json
from satispy.data.store import ReviewStore
from satispy.evaluation.split import is_exam
from satispy.features.vectors import WordCount
from satispy.workflows.retraining import reviews
from satispy.workflows.retraining.jobs import Job
from satispy.workflows.retraining.prepared import draw_of, prepare
from satispy.workflows.retraining.reviews import (
    count_words,
    facts_of,
    read_side,
    sizes,
    take_reviews,
)


@pytest.fixture
def store(tmp_path, clock):
    database = Database(tmp_path / "x.sqlite3")
    yield ReviewStore(tmp_path / "data_MAJ.csv", database, clock)
    database.close()


@pytest.fixture
def job_of(store, tmp_path):
    """A function that adds reviews to the base and returns a job that holds all of them."""

    def made(*rows):
        store.append(upload(*rows))
        number = store.history.current().number
        job = Job(tmp_path / f"job-{number}")
        job.folder.mkdir()
        write_json(job.folder / "job.json", {})
        take_reviews(job, prepare(store, number, tmp_path / "prepared"))
        return job

    return made


def numbered(first, last):
    return [f"avis {number} très bien,{1 + 4 * (number % 2)}," for number in range(first, last)]


def test_a_draw_has_the_size_asked_for_and_keeps_the_order_of_the_base(job_of):
    job = job_of(*numbered(0, 60))
    whole, drawn = read_side(job.reviews, exam=False), read_side(job.reviews, exam=False, most=10)
    assert whole.total == drawn.total == len(whole.words) > 10
    assert len(drawn.ids) == len(drawn.words) == len(drawn.labels) == 10
    assert (np.diff(drawn.ids) > 0).all()
    places = np.flatnonzero(np.isin(whole.ids, drawn.ids))
    assert drawn.words == [whole.words[place] for place in places]
    assert (drawn.labels == whole.labels[places]).all()


def test_no_more_than_there_is_is_drawn(job_of):
    job = job_of(*numbered(0, 10))
    whole = read_side(job.reviews, exam=False)
    assert read_side(job.reviews, exam=False, most=whole.total).words == whole.words


def test_the_texts_drawn_are_those_of_the_smallest_numbers(job_of):
    side = read_side((job := job_of(*numbered(0, 60))).reviews, exam=False)
    smallest = sorted(side.words, key=draw_of)[:7]
    assert sorted(read_side(job.reviews, exam=False, most=7).words) == sorted(smallest)


def test_a_base_that_has_grown_gives_the_old_draw_but_for_what_new_texts_take_the_place_of(job_of):
    before = read_side(job_of(*numbered(0, 40)).reviews, exam=False, most=20)
    after = read_side(job_of(*numbered(40, 50)).reviews, exam=False, most=20)
    kept = set(before.ids.tolist()) & set(after.ids.tolist())
    new = [number for number in after.ids.tolist() if number not in kept]
    assert len(kept) + len(new) == 20
    assert all(number >= 40 for number in new)


def test_of_one_text_that_only_partly_fits_the_first_rows_stay(job_of):
    text = next(f"avis {n}" for n in range(50) if not is_exam(f"avis {n}"))
    job = job_of(*[f"{text},5,{number}" for number in range(8)])
    assert read_side(job.reviews, exam=False, most=3).ids.tolist() == [0, 1, 2]


def test_reading_in_small_pieces_gives_the_same(job_of, monkeypatch):
    job = job_of(*numbered(0, 30), "!!!,5,")  # the last has no words
    found = [side(job.reviews) for side in (count_words, sizes, facts_of)]
    whole = [read_side(job.reviews, exam=exam, most=5) for exam in (False, True)]
    monkeypatch.setattr(reviews, "ROWS_AT_ONCE", 4)
    assert [side(job.reviews) for side in (count_words, sizes, facts_of)] == found
    again = [read_side(job.reviews, exam=exam, most=5) for exam in (False, True)]
    assert [side.words for side in again] == [side.words for side in whole]


def test_words_are_counted_by_side(job_of):
    job = job_of(*numbered(0, 30))
    sides = [read_side(job.reviews, exam=exam).words for exam in (False, True)]
    learnt, both = count_words(job.reviews)
    assert learnt == WordCount.of(sides[0])
    assert both == WordCount.of([*sides[0], *sides[1]])
    assert sizes(job.reviews) == tuple(map(len, sides))


def test_equal_words_are_one_string_in_memory(job_of):
    words = [
        one for row in read_side(job_of(*numbered(0, 30)).reviews, exam=False).words for one in row
    ]
    assert len({id(word) for word in words}) == len(set(words)) < len(words)


def test_the_draw_does_not_depend_on_the_process_that_makes_it():
    """Bases are drawn from for years: Python's own hash differs in every process."""
    assert draw_of(["très", "bien"]) == 7661620289198514574
