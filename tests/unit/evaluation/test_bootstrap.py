import numpy as np
import pytest

from satispy.evaluation import bootstrap
from satispy.evaluation.bootstrap import (
    paired_difference,
    probability_intervals,
    score_intervals,
    with_ends,
)
from satispy.evaluation.metrics import details, scores_of_table

SEED = 20


def answers(n=600, right=0.85, seed=1):
    """Labels, answers of which a share is right, and texts, every one of its own."""
    chance = np.random.default_rng(seed)
    labels = (chance.random(n) < 0.65).astype(np.int8)
    wrong = chance.random(n) >= right
    return labels, np.where(wrong, 1 - labels, labels).astype(np.int8), np.arange(n)


def resampled_one_by_one(labels, given, texts, resamples):
    """The definition, written out: draw texts, take all their rows."""
    chance = np.random.default_rng(5)
    rows_of = [np.flatnonzero(texts == text) for text in np.unique(texts)]
    accuracies = []
    for _ in range(resamples):
        drawn = chance.integers(0, len(rows_of), len(rows_of))
        rows = np.concatenate([rows_of[text] for text in drawn])
        accuracies.append((labels[rows] == given[rows]).mean())
    return np.quantile(accuracies, [0.025, 0.975])


def test_an_interval_holds_its_score_and_is_as_wide_as_theory_says():
    labels, given, texts = answers(n=2000)
    accuracy = (labels == given).mean()
    low, high = score_intervals(labels, given, texts, seed=SEED)["accuracy"]
    assert low < accuracy < high
    error = np.sqrt(accuracy * (1 - accuracy) / 2000)
    assert high - low == pytest.approx(2 * 1.96 * error, rel=0.1)


def test_the_few_kinds_of_texts_are_drawn_as_the_texts_would_be():
    labels, given, _ = answers(n=400)
    texts = np.random.default_rng(2).integers(0, 150, 400)
    expected = resampled_one_by_one(labels, given, texts, 4000)
    found = score_intervals(labels, given, texts, seed=SEED, resamples=4000)["accuracy"]
    assert found == pytest.approx(expected, abs=0.004)


def test_a_text_that_repeats_makes_a_score_less_sure():
    """277 times 'parfait' is one thing known, not 277."""
    labels, given, texts = answers()
    given[:200] = labels[:200]
    repeated = np.where(texts < 200, 0, texts)
    low, high = score_intervals(labels, given, texts, seed=SEED)["accuracy"]
    low_2, high_2 = score_intervals(labels, given, repeated, seed=SEED)["accuracy"]
    assert high_2 - low_2 > 1.5 * (high - low)


def test_the_truth_lies_inside_as_often_as_the_level_says():
    inside = 0
    for seed in range(200):
        labels, given, texts = answers(n=300, seed=seed)
        low, high = score_intervals(labels, given, texts, seed=SEED, resamples=400)["accuracy"]
        inside += low <= 0.85 <= high
    assert 0.90 <= inside / 200 <= 0.99


def test_the_same_seed_gives_the_same_interval_and_another_one_another():
    given = answers()
    assert score_intervals(*given, seed=1) == score_intervals(*given, seed=1)
    assert score_intervals(*given, seed=1) != score_intervals(*given, seed=2)


def test_one_row_has_an_interval_of_no_width():
    one = np.ones(1, np.int8)
    assert score_intervals(one, one, np.zeros(1, np.int64), seed=SEED)["accuracy"] == (1.0, 1.0)


def test_a_model_is_not_above_itself():
    labels, given, texts = answers()
    found = paired_difference(labels, given, given, texts, scores=["macro_f1"], seed=SEED)
    assert found == {"macro_f1": {"value": 0.0, "low": 0.0, "high": 0.0}}


def test_a_difference_is_that_of_the_scores_and_changes_sign_with_the_order():
    labels, given, texts = answers(right=0.9)
    others = answers(right=0.7)[1]
    names = ("accuracy", "f1_0", "f1_1", "macro_f1")
    found = paired_difference(labels, given, others, texts, scores=names, seed=SEED)
    back = paired_difference(labels, others, given, texts, scores=names, seed=SEED)
    tables = [np.bincount(labels * 2 + one, minlength=4) for one in (given, others)]
    for name in names:
        first, second = (scores_of_table(table)[name] for table in tables)
        assert found[name]["value"] == pytest.approx(first - second)
        assert back[name]["value"] == pytest.approx(-found[name]["value"])
        assert found[name]["low"] > 0 > back[name]["high"]


def test_models_that_fail_on_the_same_reviews_are_told_apart_by_the_pair():
    """Apart, their intervals overlap; together, what makes a resample hard cancels out."""
    labels, given, texts = answers(n=1000)
    better = given.copy()
    better[np.flatnonzero(given != labels)[:25]] = labels[np.flatnonzero(given != labels)[:25]]
    apart = [score_intervals(labels, one, texts, seed=SEED)["accuracy"] for one in (better, given)]
    assert apart[0][0] < apart[1][1]
    found = paired_difference(labels, better, given, texts, scores=["accuracy"], seed=SEED)
    assert found["accuracy"]["low"] > 0


def probabilities(n=500):
    labels, given, texts = answers(n=n)
    chances = np.clip(0.5 + (given - 0.5) * 0.6 + np.linspace(-0.2, 0.2, n), 0, 1)
    return labels, chances.astype(np.float32).round(2), texts // 2


def test_the_losses_and_the_roc_auc_have_intervals_around_them():
    labels, chances, texts = probabilities()
    point = details(labels, chances)
    found = probability_intervals(labels, chances, texts, seed=SEED)
    assert set(found) == {"log_loss", "brier", "roc_auc"}
    for name, (low, high) in found.items():
        assert low < point[name] < high


def test_how_many_resamples_are_held_at_once_changes_nothing(monkeypatch):
    given = probabilities()
    before = probability_intervals(*given, seed=SEED)
    monkeypatch.setattr(bootstrap, "_CELLS_AT_ONCE", 7 * 500)
    for name, interval in probability_intervals(*given, seed=SEED).items():
        assert interval == pytest.approx(before[name])


def test_a_huge_exam_takes_fewer_resamples_but_never_too_few(monkeypatch):
    asked = []
    drawn = bootstrap._resampled_rows

    def counted(texts, *, seed, resamples):
        asked.append(resamples)
        return drawn(texts, seed=seed, resamples=resamples)

    monkeypatch.setattr(bootstrap, "_resampled_rows", counted)
    for cells in (500 * 600, 500):
        monkeypatch.setattr(bootstrap, "_CELLS", cells)
        probability_intervals(*probabilities(), seed=SEED)
    assert asked == [600, bootstrap.FEWEST_RESAMPLES]


def test_with_one_class_there_is_no_interval_of_the_roc_auc():
    ones = np.ones(5, np.int8)
    found = probability_intervals(ones, np.full(5, 0.9, np.float32), np.arange(5), seed=SEED)
    assert set(found) == {"log_loss", "brier"}


def test_a_value_that_is_missing_has_no_ends():
    assert with_ends({"a": None, "b": 1.0, "c": 2}, {"a": (0.0, 1.0), "b": (0.5, 1.5)}) == {
        "a": None,
        "b": 1.0,
        "b_low": 0.5,
        "b_high": 1.5,
        "c": 2,
    }
