"""Predictions on their way into the database."""

import threading
from dataclasses import dataclass
from datetime import timedelta

import pytest

from satispy.core.database import Database
from satispy.core.errors import Busy, NotFound
from satispy.core.settings import Settings
from satispy.workflows.lineage import find_prediction
from satispy.workflows.opening import open_home
from satispy.workflows.prediction_log import PredictionLog


@dataclass(frozen=True)
class Said:
    label: int = 1
    probability: float = 0.9
    model_version: str = "20260101T000000.000000Z-svm"


@pytest.fixture
def make(database_place, tmp_path, clock):
    database = Database(database_place)
    made = []

    def log(**settings):
        made.append(PredictionLog(Settings(home=tmp_path, **settings), database, clock))
        return made[-1]

    yield log
    for one in made:
        one.close()
    database.close()


def test_what_was_predicted_is_found_by_its_id_with_the_run_that_answered(make):
    log = make()
    ids = log.record("anne", ["bien", "nul"], [{"svm": Said()}, {"svm": Said(0, 0.1)}])
    found = log.find(ids[1])
    assert (found.asked_by, found.text) == ("anne", None)
    assert found.answers == {
        "svm": {"run": Said.model_version, "label": 0, "probability": 0.1},
    }


def test_a_text_is_kept_only_where_the_settings_ask_for_it(make):
    hidden, kept = make(), make(prediction_text="kept")
    first, second = (log.record("anne", ["une honte"], [{}])[0] for log in (hidden, kept))
    assert hidden.find(first).text is None
    assert kept.find(second).text == "une honte"


def test_equal_texts_have_equal_marks_that_a_dictionary_does_not_open(make, tmp_path):
    """A plain hash of "parfait" is looked up in a minute: the marks hang on a key of this home."""
    log = make()
    one, same, other = (
        log.find(number) for number in log.record("anne", ["ras", "ras", "rien"], [{}] * 3)
    )
    assert one.text_mark == same.text_mark != other.text_mark
    key = tmp_path / "secrets" / "prediction_key"
    assert key.stat().st_mode & 0o077 == 0
    before = key.read_text()
    again = make()
    assert again.find(again.record("anne", ["ras"], [{}])[0]).text_mark == one.text_mark
    assert key.read_text() == before


def test_nothing_is_kept_where_the_days_are_none(make, tmp_path):
    assert make(prediction_days=0).record("anne", ["bien"], [{}]) is None
    assert not (tmp_path / "secrets").exists()


def test_what_is_too_old_is_forgotten(make, clock):
    log = make(prediction_days=30)
    (old,) = log.record("anne", ["bien"], [{}])
    assert log.find(old) is not None
    clock.now += timedelta(days=31)
    (new,) = log.record("anne", ["bien"], [{}])
    log.flush()
    assert log.sweep() == 1
    assert log.find(old) is None
    assert log.find(new) is not None


def test_ids_sort_as_time_does_and_none_comes_twice(make):
    log = make()
    ids = [number for _ in range(50) for number in log.record("anne", ["a"] * 20, [{}] * 20)]
    assert len(set(ids)) == 1000
    assert [one[:12] for one in ids] == sorted(one[:12] for one in ids)


def test_many_threads_lose_nothing(make):
    log = make()
    ids, lock = [], threading.Lock()

    def work():
        for _ in range(20):
            found = log.record("anne", ["a"] * 5, [{"svm": Said()}] * 5)
            with lock:
                ids.extend(found)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.flush(patience=30)
    assert all(log.find(number) for number in ids[::37])
    assert len(set(ids)) == 800


def test_a_log_that_ends_writes_first(make):
    log = make()
    ids = log.record("anne", ["bien"] * 100, [{}] * 100)
    log.close()
    assert make().find(ids[-1]) is not None


def test_a_database_that_stays_locked_loses_predictions_loudly_and_not_the_answers(
    make, caplog, monkeypatch
):
    log = make()

    def busy():
        raise Busy("others hold the lock")

    monkeypatch.setattr(log._database, "writing", busy)
    assert log.record("anne", ["bien"], [{}]) is not None
    log.flush()
    assert "1 predictions were answered but not kept: others hold the lock" in caplog.text
    monkeypatch.undo()
    (number,) = log.record("anne", ["bien"], [{}])
    assert log.find(number) is not None


def test_a_prediction_that_is_not_there_says_how_long_they_are_kept(tmp_path):
    with (
        open_home(Settings(home=tmp_path, prediction_days=7)) as home,
        pytest.raises(NotFound, match="kept for 7 days"),
    ):
        find_prediction(home, "0" * 32)
