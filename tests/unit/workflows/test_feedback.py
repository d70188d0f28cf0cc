"""What an accepted correction does to the base, to what learns from it, and to erasures."""

import io
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from satispy.core.errors import InvalidInput, NotFound, StorageFull
from satispy.core.settings import load_settings
from satispy.data.snapshot import read_snapshot
from satispy.data.verification import verify
from satispy.workflows import base
from satispy.workflows.feedback import (
    NewFeedback,
    accept_feedback,
    add_feedback,
    erase_feedback,
    feedback_page,
    reject_feedback,
    replaced_reviews,
    waiting_feedback,
)
from satispy.workflows.ingest import Delivery, ingest_file
from satispy.workflows.opening import open_home
from satispy.workflows.retraining.corrected import corrected_rows
from satispy.workflows.retraining.jobs import Job
from satispy.workflows.retraining.prepared import prepare
from satispy.workflows.retraining.reviews import take_reviews

BASE = b"""Commentaire,star,source,company,date
"Long, mais bien",1,TrustPilot,DemoShop,2026-02-03
bof,2,TrustedShop,A,2026-02-04
bof,4,TrustedShop,B,2026-02-05
parfait,5,TrustPilot,DemoShop,2026-02-06
parfait,5,TrustPilot,DemoShop,2026-02-07
"""
SECRET = "écrivez à jean@exemple.fr"


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request, monkeypatch):
    if request.param == "postgresql":
        monkeypatch.setenv("SATISPY_DATABASE_URL", request.getfixturevalue("postgresql_url"))
    with open_home(load_settings()) as opened:
        ingest_file(opened, Delivery(io.BytesIO(BASE), "avis.csv", "admin"))
        yield opened


def correct(home, text, star, author="alice"):
    return add_feedback(home, NewFeedback(text, star, author)).id


def accepted(home, text, star):
    return accept_feedback(home, correct(home, text, star), "admin")


def row(home, number):
    frame = read_snapshot(home.store, home.store.history.current().number)
    return frame[frame["inID"] == number].iloc[0].to_dict()


def rows(home):
    return home.store.history.current().rows_total


def everything(home):
    return feedback_page(home, state=None, author=None, page=1, page_size=200)[0]


# What the base holds already


def test_a_review_with_another_star_is_replaced_and_keeps_what_else_was_known_of_it(home):
    done = accepted(home, "Long, mais bien", 4)
    assert (done.review_id, done.replaces) == (5, 0)
    assert row(home, 5) == {
        "inID": 5,
        "Commentaire": "Long, mais bien",
        "star": 4,
        "source": "feedback",
        "company": "DemoShop",
        "index_org": f"feedback {done.id}",
        "star_org": "1",
        "date": "2026-02-03",
    }
    assert row(home, 0)["star"] == 1  # the base only grows
    assert verify(home.store).sound


def test_a_review_that_has_the_star_already_is_named_and_nothing_is_added(home):
    done = accepted(home, "parfait", 5)
    assert (done.state, done.review_id, done.replaces) == ("accepted", 4, None)
    assert rows(home) == 5


def test_of_several_reviews_with_one_text_none_is_replaced(home):
    done = accepted(home, "bof", 3)
    assert (done.review_id, done.replaces) == (5, None)
    assert rows(home) == 6


def test_a_correction_is_corrected_in_its_turn(home):
    accepted(home, "Long, mais bien", 4)
    assert accepted(home, "Long, mais bien", 4).review_id == 5
    back = accepted(home, "Long, mais bien", 1)
    assert (back.review_id, back.replaces) == (6, 5)
    assert replaced_reviews(home) == {0: 5, 5: 6}


def test_a_text_that_is_there_in_another_spelling_is_another_text(home):
    done = accepted(home, "long, mais bien", 4)
    assert (done.review_id, done.replaces) == (5, None)


def test_what_arrives_between_the_search_and_the_locks_is_seen(home, monkeypatch):
    number = correct(home, "tardif", 4)
    settle = home.store.guard.settle

    def meanwhile():
        settle()
        monkeypatch.undo()
        home.comments.add({"Commentaire": "tardif", "star": "1"}, "bob").result()

    monkeypatch.setattr(home.store.guard, "settle", meanwhile)
    assert accept_feedback(home, number, "admin").replaces == 5


def test_an_erasure_between_the_search_and_the_locks_is_seen(home, monkeypatch):
    number = correct(home, "Long, mais bien", 4)
    stat = home.store.file.stat

    def meanwhile():
        found = stat()
        monkeypatch.undo()
        base.erase_reviews(home, [1], "operator")
        return found

    monkeypatch.setattr(home.store.file, "stat", meanwhile)
    assert accept_feedback(home, number, "admin").replaces == 0


@pytest.mark.parametrize("company", ["x" * 300, "DemoShop"])
def test_what_an_adopted_base_held_by_other_rules_does_not_stand_in_the_way(home, company):
    path = home.settings.paths.base
    path.write_bytes(path.read_bytes() + f"9,adopté,1,,{company},,,31/12/2999\n".encode())
    base.adopt_base(home, "operator")
    done = accepted(home, "adopté", 4)
    found = row(home, done.review_id)
    assert (found["company"], found["star_org"], done.replaces) == ("", "1", 9)
    assert found["date"] == f"{done.at:%Y-%m-%d}"


# What stands in the way


def test_a_text_that_the_base_would_not_take_today_is_not_accepted(home, monkeypatch):
    number = correct(home, "un peu long", 4)
    monkeypatch.setenv("SATISPY_MAX_TEXT_LENGTH", "5")
    home.close()
    with (
        open_home(load_settings()) as stricter,
        pytest.raises(InvalidInput, match="at most 5 characters"),
    ):
        accept_feedback(stricter, number, "admin")
    with open_home(load_settings()) as again:
        assert waiting_feedback(again) == 1


def test_where_the_disk_is_full_nothing_is_decided(home, monkeypatch):
    number = correct(home, "neuf", 4)

    def full(*_arguments):
        raise StorageFull("no room")

    monkeypatch.setattr(home.store.file, "append", full)
    with pytest.raises(StorageFull):
        accept_feedback(home, number, "admin")
    monkeypatch.undo()
    assert waiting_feedback(home) == 1
    assert accept_feedback(home, number, "admin").review_id == 5


# What learns from it


def learnt(home, tmp_path):
    parts = prepare(home.store, home.store.history.current().number, tmp_path / "prepared")
    job = Job(tmp_path / "job")
    take_reviews(job, parts, without=corrected_rows(parts, replaced_reviews(home)))
    kept = [one for path in parts for one in pq.read_table(path)["id"].to_pylist()]
    return kept, [one for path in job.reviews for one in pq.read_table(path)["id"].to_pylist()]


def test_models_learn_the_corrected_star_in_place_of_the_former(home, tmp_path):
    prepare(home.store, home.store.history.current().number, tmp_path / "prepared")
    accepted(home, "Long, mais bien", 4)
    assert learnt(home, tmp_path) == ([0, 1, 2, 3, 4, 5], [1, 2, 3, 4, 5])
    accepted(home, "Long, mais bien", 1)
    assert learnt(home, tmp_path)[1] == [1, 2, 3, 4, 6]


def test_without_a_correction_and_after_its_erasure_models_learn_what_is_there(home, tmp_path):
    assert learnt(home, tmp_path)[1] == [0, 1, 2, 3, 4]
    done = accepted(home, "Long, mais bien", 4)
    base.erase_reviews(home, [done.review_id], "operator")
    assert learnt(home, tmp_path)[1] == [0, 1, 2, 3, 4]


def test_an_adopted_base_whose_ids_are_others_loses_no_review(home, tmp_path):
    accepted(home, "Long, mais bien", 4)
    path = home.settings.paths.base
    path.write_bytes(path.read_bytes().replace(b'0,"Long, mais bien"', b"0,tout autre chose"))
    base.adopt_base(home, "operator")
    assert learnt(home, tmp_path)[1] == [0, 1, 2, 3, 4, 5]
    assert base.erase_reviews(home, [0], "operator").entry.rows_total == 5


# What is erased and masked


def test_an_erased_review_takes_its_corrections_and_all_feedback_of_its_text_with_it(home):
    accepted(home, "Long, mais bien", 4)
    accepted(home, "Long, mais bien", 5)
    correct(home, "Long, mais bien", 2)
    kept = accepted(home, "parfait", 5).id
    done = base.erase_reviews(home, [0], "operator")
    assert (done.entry.rows_total, done.feedback) == (4, 3)
    assert [one.id for one in everything(home)] == [kept]
    assert verify(home.store).sound


def test_feedback_behind_a_row_that_stays_stays_though_another_with_its_text_is_erased(home):
    done = accepted(home, "parfait", 5)
    assert base.erase_reviews(home, [3], "operator").feedback == 0
    assert base.erase_reviews(home, [4], "operator").feedback == 1
    assert done.review_id == 4


def test_an_erasure_that_is_refused_forgets_no_feedback(home):
    correct(home, "parfait", 1)
    with pytest.raises(NotFound):
        base.erase_reviews(home, [3, 77], "operator")
    assert waiting_feedback(home) == 1


def holders(home, secret):
    folder = home.settings.paths.clean_data
    return [
        path.name
        for path in folder.rglob("*")
        if path.is_file() and secret.encode() in path.read_bytes()
    ]


def test_what_is_erased_or_masked_is_in_no_file(home):
    assert holders(home, SECRET) == []
    first = accepted(home, SECRET, 4)
    correct(home, SECRET, 2)
    assert holders(home, SECRET)
    base.erase_reviews(home, [first.review_id], "operator")
    assert holders(home, SECRET) == []
    erase_feedback(home, correct(home, SECRET, 2))
    assert holders(home, SECRET) == []
    reject_feedback(home, correct(home, SECRET, 2), "admin", f"non: {SECRET}")
    assert base.mask_feedback(home) == 1
    assert base.mask_feedback(home) == 0
    (found,) = everything(home)
    assert (found.text, found.reason) == ("écrivez à [email]", "non: écrivez à [email]")
    assert holders(home, SECRET) == []


def test_ids_are_not_given_again_after_an_erasure(home):
    first = correct(home, "a", 1)
    erase_feedback(home, first)
    assert correct(home, "b", 1) == first + 1
    with pytest.raises(NotFound):
        erase_feedback(home, first)


def test_feedback_that_became_a_row_is_erased_with_the_row_alone(home):
    done = accepted(home, "neuf", 4)
    with pytest.raises(InvalidInput, match=f"satispy data erase {done.review_id}"):
        erase_feedback(home, done.id)
    assert [one.id for one in everything(home)] == [done.id]


def test_an_accepted_text_is_masked_where_the_settings_ask_for_it_by_now(home, monkeypatch):
    number = correct(home, SECRET, 4)
    monkeypatch.setenv("SATISPY_MASK_PERSONAL_DATA", "true")
    home.close()
    with open_home(load_settings()) as masking:
        done = accept_feedback(masking, number, "admin")
        assert done.text == row(masking, done.review_id)["Commentaire"] == "écrivez à [email]"
        assert Path(masking.settings.paths.base).read_bytes().count(b"jean@") == 0
