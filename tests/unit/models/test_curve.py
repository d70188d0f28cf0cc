"""Learning curves: what they must be, and that each family's says what its models answered."""

import json
import random

import numpy as np
import pytest
from scipy.special import logit

from satispy.core.errors import InvalidInput
from satispy.core.types import WordVectors
from satispy.models.base import TrainingData
from satispy.models.catalog import family_class
from satispy.models.curve import LearningCurve, log_loss, steps_of

SMALL = {
    "gbc": {"trees": 45, "depth": 2},
    "svm": {},
    "ann": {"epochs": 4, "batch": 64, "dropout": 0.1},
}


def comments(count):
    """Comments of five words of which two give the label away, five times in six."""
    chance = random.Random(8)  # noqa: S311 - reviews, no secrets
    words = ["".join(chance.choices("aeioubcdfglmnprstv", k=6)) for _ in range(150)]
    pools = words[:50], words[50:100]
    tokens, labels = [], []
    for _ in range(count):
        label = int(chance.random() > 0.4)
        told = label if chance.random() < 5 / 6 else 1 - label
        tokens.append(chance.choices(pools[told], k=2) + chance.choices(words[100:], k=3))
        labels.append(label)
    return TrainingData(
        tokens, np.array(labels, dtype=np.int8), WordVectors("none", {}, np.zeros((0, 4), "f4"))
    )


DATA = comments(1500)


@pytest.fixture(scope="module")
def fitted():
    return {name: family_class(name)(SMALL[name], seed=3).fit(DATA) for name in SMALL}


@pytest.mark.parametrize(
    ("steps", "learnt", "held_out"),
    [
        ((), (), ()),
        ((1, 2), (0.5, 0.4), (0.6,)),
        ((1, 2), (0.5,), (0.6, 0.5)),
        ((2, 1), None, (0.6, 0.5)),
        ((1, 1), None, (0.6, 0.5)),
        ((0, 1), None, (0.6, 0.5)),
        ((1, 2), None, (0.6, float("nan"))),
        ((1, 2), (float("inf"), 0.1), (0.6, 0.5)),
        ((1, 2), None, (0.6, -0.1)),
    ],
)
def test_a_curve_that_is_none_is_refused(steps, learnt, held_out):
    with pytest.raises(InvalidInput, match="learning curve by trees of rising steps"):
        LearningCurve("trees", "", steps, learnt, held_out)


def test_a_curve_is_written_as_plain_rounded_lists():
    curve = LearningCurve("epochs", "how", (1, 3), None, (0.123456, 0.1))
    assert json.loads(json.dumps(curve.plain())) == {
        "axis": "epochs",
        "about": "how",
        "steps": [1, 3],
        "learnt": None,
        "held_out": [0.1235, 0.1],
    }


def test_the_loss_of_log_odds_is_that_of_their_probabilities_and_never_endless():
    odds, labels = np.array([0.0, 2.0, -1.0]), np.array([1, 0, 0], dtype=np.int8)
    chances = 1 / (1 + np.exp(-odds))
    by_hand = -np.log([chances[0], 1 - chances[1], 1 - chances[2]]).mean()
    assert log_loss(odds, labels) == pytest.approx(by_hand)
    assert log_loss(np.array([800.0]), np.array([0], dtype=np.int8)) == pytest.approx(800)


def test_steps_go_from_the_first_to_the_last():
    assert steps_of(500, 20)[0] == 1
    assert steps_of(500, 20)[-1] == 500
    assert len(steps_of(500, 20)) == 20
    assert steps_of(3, 20) == (1, 2, 3)
    assert steps_of(1, 20) == (1,)


def test_the_curve_of_gbc_ends_at_what_its_first_fold_answered(fitted):
    """The held-out answers went through the sigmoid; taken back, they are the scores."""
    family = fitted["gbc"]
    first = np.flatnonzero(family.held_out_.fold == 0)
    chances = family.held_out_.probabilities[first].astype(float)
    scores = (logit(chances) - family.sigmoid_.offset) / family.sigmoid_.slope
    assert family.curve_.steps[-1] == SMALL["gbc"]["trees"]
    assert family.curve_.held_out[-1] == pytest.approx(log_loss(scores, DATA.labels[first]), 1e-3)


def test_the_curve_of_gbc_begins_near_the_shares_of_the_classes(fitted):
    """A tree moves little: also proof that deviance and log loss are not taken for each other."""
    share = DATA.labels.mean()
    entropy = -(share * np.log(share) + (1 - share) * np.log(1 - share))
    assert fitted["gbc"].curve_.learnt[0] == pytest.approx(entropy, rel=0.05)
    assert fitted["gbc"].curve_.held_out[0] == pytest.approx(entropy, rel=0.05)


def test_the_best_epoch_of_ann_has_the_loss_of_its_held_out_answers(fitted):
    family = fitted["ann"]
    held = family.held_out_.rows
    odds = logit(family.held_out_.probabilities[held].astype(float))
    assert min(family.curve_.held_out) == pytest.approx(log_loss(odds, DATA.labels[held]), 1e-3)
    assert family.curve_.steps == tuple(range(1, len(family.curve_.steps) + 1))


def test_the_curve_of_svm_ends_at_the_comments_outside_its_first_fold(fitted):
    """Its last loss is that of the fold's answers, up to the sigmoids, which are of halves."""
    family = fitted["svm"]
    first = family.held_out_.fold == 0
    odds = logit(family.held_out_.probabilities[first].astype(float))
    outside = (~first).sum()
    assert family.curve_.steps == tuple(round(part * outside) for part in (0.1, 0.25, 0.5, 1))
    assert family.curve_.held_out[-1] == pytest.approx(log_loss(odds, DATA.labels[first]), rel=0.1)


def test_a_machine_of_few_comments_knows_these_better_and_others_worse(fitted):
    curve = fitted["svm"].curve_
    assert curve.learnt[0] < curve.learnt[-1] < curve.held_out[-1] < curve.held_out[0]


def test_a_fold_of_few_comments_gives_svm_no_curve():
    data = comments(60)
    assert family_class("svm")({}, seed=3).fit(data).curve_ is None
    assert family_class("svm")({"folds": 2}, seed=3).fit(data).curve_ is not None


def test_a_family_that_is_trained_again_forgets_its_former_curve():
    family = family_class("svm")({}, seed=3).fit(DATA)
    assert family.curve_ is not None
    assert family.fit(comments(60)).curve_ is None
