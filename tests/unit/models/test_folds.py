import numpy as np
import pytest

from satispy.core.errors import TrainingImpossible
from satispy.models.folds import drawn_rows, folds_by_text

TOKENS = [["avis", str(number % 40)] for number in range(200)]
LABELS = np.array([number % 40 < 10 for number in range(200)], dtype=np.int8)


@pytest.mark.parametrize("labels", [[0, 0, 0, 1], [1, 0, 1, 1]])
def test_a_class_with_a_single_text_is_refused(labels):
    tokens = [["a"], ["b"], ["c"], ["d"]]
    with pytest.raises(TrainingImpossible, match="2 distinct comments of each class"):
        folds_by_text(tokens, np.array(labels, dtype=np.int8), 5, seed=1)


def test_no_text_stands_in_two_folds():
    """A tenth of the first system's exam stood in its training data."""
    folds = folds_by_text(TOKENS, LABELS, 5, seed=1)
    for text in {words[1] for words in TOKENS}:
        of_text = [fold for fold, words in zip(folds, TOKENS, strict=True) if words[1] == text]
        assert len(set(of_text)) == 1


def test_each_fold_has_its_share_of_both_classes():
    folds = folds_by_text(TOKENS, LABELS, 5, seed=1)
    for fold in range(5):
        assert (folds == fold).sum() == 40
        assert LABELS[folds == fold].sum() == 10


def test_fewer_folds_are_dealt_where_texts_are_few():
    tokens = [["a"], ["b"], ["c"], ["d"], ["e"]]
    folds = folds_by_text(tokens, np.array([0, 0, 0, 1, 1], dtype=np.int8), 10, seed=1)
    assert set(folds) == {0, 1}


def test_a_text_with_both_labels_is_in_one_fold():
    tokens = [["ok"], ["ok"], ["a"], ["b"], ["c"], ["d"]]
    folds = folds_by_text(tokens, np.array([0, 1, 0, 0, 1, 1], dtype=np.int8), 2, seed=1)
    assert folds[0] == folds[1]


def test_the_seed_decides():
    first, again, other = (folds_by_text(TOKENS, LABELS, 5, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_large_base_is_drawn_from_and_a_small_one_is_taken_whole():
    assert drawn_rows(5, 5, seed=1).tolist() == [0, 1, 2, 3, 4]
    drawn = drawn_rows(1000, 100, seed=1)
    assert len(set(drawn.tolist())) == 100
    assert (np.diff(drawn) > 0).all()
    assert np.array_equal(drawn, drawn_rows(1000, 100, seed=1))
    assert not np.array_equal(drawn, drawn_rows(1000, 100, seed=2))
