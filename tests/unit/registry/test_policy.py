"""The gate: what holds a candidate, and what does not."""

from dataclasses import replace

import pytest

from satispy.core.plan import load_plan
from satispy.core.types import Comparison, Gap, SliceGap
from satispy.registry.evidence import Evidence, Rehearsal, Serving
from satispy.registry.policy import choose_champion, holm, judge

PLAN = load_plan().gate
GOOD = {"accuracy": 0.91, "f1_0": 0.86, "f1_1": 0.93, "macro_f1": 0.895}
ANSWERS = Rehearsal("", 4, 4, 1.0, {"functionality": (50, 60), "negation": (1, 10)})
FIRST = Evidence(GOOD, 0.02, {"source": 0.95, "company": None}, ANSWERS, None)
EQUAL = Gap(0.001, -0.006, 0.008, 0.0035)
BETTER = Gap(0.012, 0.004, 0.020, 0.004)
WORSE = Gap(-0.016, -0.026, -0.006, 0.005)


def beside(gap=EQUAL, *, same_data=False, newer=False, slices=(), accuracy=None):
    scores = {"macro_f1": gap, "accuracy": accuracy or gap}
    return Serving("old-svm", same_data, newer, Comparison(scores, list(slices)))


def within(name, p, value=-0.05):
    return SliceGap("source", name, 500, "macro_f1", Gap(value, value - 0.01, 0, 0.01), p)


def failed(evidence, plan=PLAN):
    return [check.name for check in judge(evidence, plan).failed]


@pytest.mark.parametrize("name", ["accuracy", "f1_0", "f1_1"])
def test_a_score_that_is_not_above_its_floor_holds_the_first_model_of_a_family(name):
    held = judge(replace(FIRST, scores=GOOD | {name: 0.80}), PLAN)
    assert [check.name for check in held.failed] == [f"floor of {name}"]
    assert held.reason == f"{name} .800 is not above .800"


def test_the_first_model_of_a_family_needs_nothing_to_be_compared_with():
    verdict = judge(FIRST, PLAN)
    assert verdict.blessed
    assert verdict.reason == f"all {sum(check.gating for check in verdict.checks)} checks passed"


def test_an_equal_model_of_newer_data_is_blessed():
    assert failed(replace(FIRST, serving=beside(EQUAL))) == []


def test_an_equal_model_of_the_same_data_is_held_for_nothing_would_be_gained():
    verdict = judge(replace(FIRST, serving=beside(EQUAL, same_data=True)), PLAN)
    assert [check.name for check in verdict.failed] == ["better in macro_f1"]
    assert "not shown better than old-svm, trained on the same data" in verdict.reason


def test_a_better_model_of_the_same_data_is_blessed():
    assert failed(replace(FIRST, serving=beside(BETTER, same_data=True))) == []


def test_a_better_model_of_the_same_data_must_not_pay_with_accuracy():
    serving = beside(BETTER, same_data=True, accuracy=WORSE)
    assert failed(replace(FIRST, serving=serving)) == ["not worse in accuracy"]


def test_a_model_that_may_be_worse_than_is_allowed_is_held():
    verdict = judge(replace(FIRST, serving=beside(WORSE)), PLAN)
    assert [check.name for check in verdict.failed] == [
        "not worse in macro_f1",
        "not worse in accuracy",
    ]
    assert "-1.6 points above old-svm, -2.6 at worst; down to -2.0: 2.0 are allowed" in (
        verdict.reason
    )


def test_an_exam_too_small_to_show_the_margin_widens_it_and_says_so():
    small = Gap(0.0, -0.039, 0.039, 0.02)
    verdict = judge(replace(FIRST, serving=beside(small)), PLAN)
    assert verdict.blessed
    (check,) = (check for check in verdict.checks if check.name == "not worse in accuracy")
    assert check.figures["margin"] == pytest.approx((1.960 + 1.2816) * 0.02, abs=1e-4)
    assert "for this exam cannot show 2.0" in check.sentence


def test_a_small_exam_lets_no_model_pass_that_it_shows_worse():
    shown = Gap(-0.05, -0.089, -0.011, 0.02)
    assert "not worse in accuracy" in failed(replace(FIRST, serving=beside(shown)))


def test_a_slice_that_is_shown_worse_holds_and_is_named():
    serving = beside(slices=[within("TrustPilot", 0.0004), within("TrustedShop", 0.6)])
    verdict = judge(replace(FIRST, serving=serving), PLAN)
    assert verdict.reason == "worse within source TrustPilot (macro-F1 -5.0 points)"


def test_many_slices_share_one_error():
    """One of twenty slices at p = .03 is what chance gives an equal model half of the time."""
    lucky = [within(str(number), 0.9) for number in range(19)]
    assert failed(replace(FIRST, serving=beside(slices=[*lucky, within("one", 0.03)]))) == []


def test_holm_rejects_step_by_step_and_stops_at_the_first_that_stands():
    assert holm([0.04, 0.011, 0.012, 0.9], 0.05) == [False, True, True, False]
    assert holm([0.02, 0.02, 0.02], 0.05) == [False, False, False]
    assert holm([], 0.05) == []


def test_what_serves_and_is_newer_is_not_replaced():
    verdict = judge(replace(FIRST, serving=beside(BETTER, newer=True)), PLAN)
    assert verdict.reason == "old-svm, which serves, is newer"


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"calibration_error": 0.11}, "calibration"),
        ({"accuracy_ratios": {"source": 0.79}}, "fairness by source"),
        ({"accuracy_ratios": {"company": 0.5}}, "fairness by company"),
        ({"rehearsal": Rehearsal("model.onnx is missing")}, "loads and answers"),
        ({"rehearsal": replace(ANSWERS, right=3)}, "loads and answers"),
        ({"rehearsal": replace(ANSWERS, median_ms=51.0)}, "loads and answers"),
        ({"rehearsal": replace(ANSWERS, behaviour={"case": (1, 10)})}, "behaviour: case"),
    ],
)
def test_each_limit_holds(change, name):
    assert failed(replace(FIRST, **change)) == [name]


def test_negation_is_told_and_holds_nobody():
    told = [check for check in judge(FIRST, PLAN).checks if check.name == "behaviour: negation"]
    assert [(check.gating, check.sentence) for check in told] == [
        (False, "negation: 1 of 10 as expected")
    ]


def test_the_first_champion_has_the_highest_macro_f1():
    assert choose_champion(None, {"ann": 0.89, "svm": 0.90}, {}) == (
        "svm",
        "svm has the highest macro-F1 of the exam, .900",
    )


def test_a_champion_is_not_dethroned_by_chance():
    scores = {"ann": 0.89, "svm": 0.90}
    champion, reason = choose_champion("ann", scores, {"svm": Gap(0.01, -0.001, 0.021, 0.005)})
    assert (champion, reason) == ("ann", "no family is shown better than ann on the same reviews")


def test_a_family_that_is_shown_better_becomes_the_champion():
    scores = {"ann": 0.89, "gbc": 0.92, "svm": 0.91}
    beside = {"svm": Gap(0.02, 0.004, 0.03, 0.005), "gbc": Gap(0.03, 0.01, 0.05, 0.01)}
    champion, reason = choose_champion("ann", scores, beside)
    assert champion == "gbc"
    assert reason == "gbc is better than ann: macro-F1 by 3.0 points, 1.0 at worst"


def test_a_champion_that_cannot_sit_the_exam_gives_way():
    assert choose_champion("ann", {"svm": 0.9}, {})[0] == "svm"
