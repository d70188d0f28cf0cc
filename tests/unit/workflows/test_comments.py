import csv
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satispy.core.errors import BaseDamaged, Busy, DatabaseLost, KeyReused
from satispy.core.settings import load_settings
from satispy.data.rules import Rules
from satispy.data.schema import InvalidCell
from satispy.data.snapshot import read_snapshot
from satispy.workflows import comments
from satispy.workflows.comments import CommentQueue
from satispy.workflows.opening import open_home


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request, monkeypatch):
    if request.param == "postgresql":
        monkeypatch.setenv("SATISPY_DATABASE_URL", request.getfixturevalue("postgresql_url"))
    with open_home(load_settings()) as opened:
        yield opened


def cells(text="bien", **others):
    return {"Commentaire": text, "star": "5"} | others


def texts(home):
    with home.settings.paths.base.open(encoding="utf-8", newline="") as file:
        return [row["Commentaire"] for row in csv.DictReader(file)]


def test_a_comment_alone_is_one_entry(home):
    receipt = home.comments.add(cells(), "alice").result()
    assert (receipt.id, receipt.dataset_version) == (0, 1)


def test_what_waits_for_the_lock_is_one_entry_in_the_order_in_which_it_came(home):
    with home.store.guard.locked():
        waiting = [home.comments.add(cells(f"avis {n}"), "alice") for n in range(50)]
    assert [one.result().id for one in waiting] == list(range(50))
    assert texts(home) == [f"avis {n}" for n in range(50)]
    assert home.store.history.current().number <= 2


def test_an_entry_holds_so_many_comments_and_no_more(home, monkeypatch):
    monkeypatch.setattr(comments, "MOST_AT_ONCE", 20)
    with home.store.guard.locked():
        waiting = [home.comments.add(cells(f"avis {n}"), "alice") for n in range(50)]
    assert [one.result().id for one in waiting] == list(range(50))
    entries = home.store.history.newest(100)[:-1]
    assert max(entry.rows_accepted for entry in entries) <= 20
    assert sum(entry.rows_accepted for entry in entries) == 50


def test_a_bad_comment_is_refused_alone(home):
    with home.store.guard.locked():
        sent = ("a", " ", "b", "x" * 10_001, "c\0")
        waiting = [home.comments.add(cells(text), "x") for text in sent]
        bad_star = home.comments.add(cells("d", star="6"), "x")
    for one in (waiting[1], waiting[3], waiting[4], bad_star):
        with pytest.raises(InvalidCell):
            one.result()
    assert [waiting[place].result().id for place in (0, 2)] == [0, 1]
    assert texts(home) == ["a", "b"]


def test_a_key_that_comes_twice_in_one_batch_is_one_row(home):
    with home.store.guard.locked():
        same = [home.comments.add(cells("a"), "alice", "k") for _ in range(5)]
        other = home.comments.add(cells("b"), "alice", "k")
        bob = home.comments.add(cells("a"), "bob", "k")
    assert {one.result().id for one in same} == {0}
    with pytest.raises(KeyReused):
        other.result()
    assert bob.result().id == 1


def test_a_refusal_of_the_store_reaches_everybody_and_the_writer_lives_on(home):
    base = home.settings.paths.base
    committed = base.read_bytes()
    base.write_bytes(committed + b"0,ras,5,,,,,\n")
    for one in [home.comments.add(cells(), "alice") for _ in range(3)]:
        with pytest.raises(BaseDamaged):
            one.result()
    base.write_bytes(committed)
    assert home.comments.add(cells(), "alice").result().id == 0


def test_a_comment_that_may_have_been_committed_says_so(home):
    def lose(step):
        if step == "committed":
            raise DatabaseLost("the server does not answer")

    home.store.at = lose
    with pytest.raises(DatabaseLost, match="may have been added nevertheless; sent again under"):
        home.comments.add(cells(), "alice", "k").result()
    home.store.at = lambda _step: None
    assert home.comments.add(cells(), "alice", "k").result().id == 0
    assert texts(home) == ["bien"]


def test_who_went_away_before_the_comment_was_taken_up_adds_nothing(home):
    with home.store.guard.locked():
        first = home.comments.add(cells("a"), "alice")
        waiting = [home.comments.add(cells("b"), "alice") for _ in range(20)]
        gone = [one.cancel() for one in waiting]
    assert first.result().id == 0
    home.comments.close()
    assert len(texts(home)) == 1 + gone.count(False)


def test_beyond_ten_thousand_one_is_told_to_come_again(home, monkeypatch):
    monkeypatch.setattr(comments, "MOST_WAITING", 2)
    small = CommentQueue(home.store, Rules)

    def send_many():
        for _ in range(1000):
            small.add(cells(), "alice")

    with home.store.guard.locked(), pytest.raises(Busy, match="2 comments are waiting"):
        send_many()
    small.close()
    assert len(texts(home)) >= 2


def test_closing_writes_what_waits_and_the_next_comment_opens_again(home):
    waiting = [home.comments.add(cells(f"avis {n}"), "alice") for n in range(10)]
    home.comments.close()
    assert all(one.done() for one in waiting)
    home.comments.close()
    assert home.comments.add(cells(), "alice").result().id == 10


def test_two_homes_on_one_base_give_each_id_once(home):
    with open_home(load_settings()) as other, ThreadPoolExecutor(8) as pool:
        start = threading.Barrier(8)

        def send(number):
            start.wait()
            queue = (home, other)[number % 2].comments
            return [queue.add(cells(), "alice").result().id for _ in range(10)]

        ids = [one for some in pool.map(send, range(8)) for one in some]
    assert sorted(ids) == list(range(80))
    assert len(texts(home)) == 80


@given(st.lists(st.text(st.characters(codec="utf-8")), max_size=5))
@settings(deadline=None, max_examples=60)
def test_any_text_comes_out_of_the_snapshot_as_it_came_in(given_texts):
    with open_home(load_settings()) as home:
        before = home.store.history.current().rows_total
        waiting = [home.comments.add(cells(text), "alice") for text in given_texts]
        home.comments.close()
        kept = [text for text, one in zip(given_texts, waiting, strict=True) if not one.exception()]
        frame = read_snapshot(home.store, home.store.history.current().number)
        assert frame["Commentaire"].tolist()[before:] == kept
        assert all(
            "\0" in text or not text.strip() or not text.isprintable()
            for text in given_texts
            if text not in kept
        )
