import numpy as np
import pytest

from satispy.core.errors import InvalidInput
from satispy.models.held_out import HeldOut, out_of_fold

FOLD = np.array([0, 1, 0], dtype=np.int64)
CHANCES = np.array([0.2, np.nan, 0.9], dtype=np.float32)


@pytest.mark.parametrize(
    ("fold", "chances"),
    [
        (FOLD[:2], CHANCES),
        (FOLD.astype(np.int32), CHANCES),
        (FOLD, CHANCES.astype(np.float64)),
        (FOLD, np.full(3, np.nan, dtype=np.float32)),
        (np.array([0, 1, -1]), CHANCES),
    ],
)
def test_what_does_not_fit_together_is_refused(fold, chances):
    with pytest.raises(InvalidInput, match="expected"):
        HeldOut(fold, chances)


def test_only_comments_with_an_answer_were_held_out():
    assert HeldOut(FOLD, CHANCES).rows.tolist() == [0, 2]


def test_comments_that_were_not_drawn_were_in_no_fold():
    found = HeldOut(FOLD, CHANCES).among(np.array([1, 3, 4]), 6)
    assert found.fold.tolist() == [-1, 0, -1, 1, 0, -1]
    assert found.rows.tolist() == [1, 4]


def test_each_fold_is_scored_by_what_learnt_from_the_others():
    asked = []

    def score(learnt, held):
        asked.append((learnt.tolist(), held.tolist()))
        return held * 10.0

    fold = np.array([1, 0, 2, 1])
    assert out_of_fold(fold, score).tolist() == [0, 10, 20, 30]
    assert asked == [([0, 2, 3], [1]), ([1, 2], [0, 3]), ([0, 1, 3], [2])]
