import json

import numpy as np
import pytest

from satispy.core.types import METRICS
from satispy.evaluation.examination import SCHEMA, beside, examine
from satispy.evaluation.metrics import details, headline, predicted
from satispy.evaluation.yardsticks import source_rule


def test_every_headline_score_says_how_sure_it_is(two_sources, chances):
    labels, traits = two_sources
    found = examine(labels, chances(labels, 0.9), traits, seed=20)
    assert found["schema_version"] == SCHEMA
    for name in (*METRICS, "macro_f1"):
        assert found[f"{name}_low"] < found[name] < found[f"{name}_high"]
    for name in ("roc_auc", "log_loss", "brier", "precision_0", "recall_1"):
        one = found["details"]
        assert one[f"{name}_low"] < one[name] < one[f"{name}_high"]
    assert {name: found[name] for name in METRICS} == vars(headline(labels, chances(labels, 0.9)))


def test_the_judgement_is_json_and_the_same_each_time(two_sources, chances):
    labels, traits = two_sources
    once, again = (
        json.dumps(examine(labels, chances(labels, 0.9), traits, seed=20), allow_nan=False)
        for _ in range(2)
    )
    assert once == again


def test_repeated_texts_are_counted_as_one(two_sources, chances):
    labels, traits = two_sources
    repeated = type(traits)(**{**vars(traits), "texts": traits.texts // 4})
    found = examine(labels, chances(labels, 0.9), repeated, seed=20)
    assert (found["exam_rows"], found["exam_texts"]) == (1000, 250)


def test_mistake_4_a_model_that_learnt_the_source_is_found_out(two_sources):
    """Its global scores look fine; within a source it knows nothing, and it beats no rule."""
    labels, traits = two_sources
    rule = source_rule(traits.source, labels)
    of_source = np.where(rule.answers(traits.source) == 1, 0.95, 0.05).astype(np.float32)
    found = examine(labels, of_source, traits, seed=20)
    assert found["accuracy"] > 0.88
    assert found["macro_f1"] > 0.85
    assert all(one["macro_f1"] < 0.5 for one in found["slices"]["source"])
    against = beside(labels, predicted(of_source), rule.answers(traits.source), traits, seed=20)
    assert against["difference"]["macro_f1"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    assert against["within_source"] == found["slices"]["source"]


def test_mistake_4_a_model_that_reads_the_texts_is_above_the_rule(two_sources, chances):
    labels, traits = two_sources
    answers = predicted(chances(labels, 0.96))
    rule = source_rule(traits.source, labels)
    against = beside(labels, answers, rule.answers(traits.source), traits, seed=20)
    assert against["difference"]["accuracy"]["low"] > 0


def test_the_scores_beside_are_those_of_the_other(two_sources, chances):
    labels, traits = two_sources
    others = chances(labels, 0.7)
    found = beside(labels, labels, predicted(others), traits, seed=20)
    assert found["macro_f1"] == pytest.approx(details(labels, others)["macro_f1"])
    assert found["difference"]["accuracy"]["value"] == pytest.approx(1 - found["accuracy"])
