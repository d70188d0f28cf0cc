import numpy as np

from satispy.evaluation.yardsticks import majority_rule, source_rule, source_rule_by_fold


def labels_of(*labels):
    return np.array(labels, dtype=np.int8)


def test_the_majority_rule_answers_the_commoner_label_whatever_the_source():
    assert majority_rule(labels_of(0, 0, 1)).answers(["a", "b"]).tolist() == [0, 0]
    assert majority_rule(labels_of(0, 1)).answers(["a"]).tolist() == [1]


def test_the_source_rule_answers_the_commoner_label_of_the_source():
    rule = source_rule(["a", "a", "a", "b", "b"], labels_of(1, 1, 0, 0, 0))
    assert rule.by_source == {"a": 1, "b": 0}
    assert rule.answers(["b", "a", "unseen"]).tolist() == [0, 1, 0]


def test_a_source_with_as_many_of_both_is_called_positive():
    assert source_rule(["a", "a"], labels_of(0, 1)).by_source == {"a": 1}


def test_in_a_fold_the_rule_is_learnt_from_the_reviews_outside_it():
    """Inside its fold, source b is positive; the rule cannot know, and answers what it saw."""
    sources = ["a", "b", "b", "a", "b", "b"]
    labels = labels_of(1, 1, 1, 1, 0, 0)
    folds = np.array([0, 0, 0, 1, 1, 1])
    assert source_rule_by_fold(sources, labels, folds).tolist() == [1, 0, 0, 1, 1, 1]


def test_where_one_slice_was_held_out_the_rule_is_learnt_from_the_rest():
    found = source_rule_by_fold(["a", "a", "b"], labels_of(0, 0, 1), np.array([-1, 0, -1]))
    assert found.tolist() == [0, 0, 0]
