import pytest

from satispy.monitoring.findings import findings


def part(name="TrustPilot", value=0.7, high=0.75, few=False):
    return {"name": name, "few": few, "accuracy": value, "accuracy_high": high}


def report(slices=None, **scores):
    known = {"accuracy": 0.9, "f1_0": 0.9, "f1_1": 0.9} | scores
    return {"family": "svm", "run": "1-svm", **known, "slices": slices or {}}


@pytest.mark.parametrize(("score", "red"), [(0.79, True), (0.80, True), (0.801, False)])
def test_a_score_is_red_where_it_is_not_above_the_threshold(score, red):
    found = findings(report(f1_0=score), 0.8)
    assert [one.key for one in found] == ["performance/svm/f1_0"] * red
    for one in found:
        assert (one.run, one.value, one.threshold) == ("1-svm", score, 0.8)
        assert "f1_0 of 1-svm" in one.detail


def test_a_report_of_before_there_were_slices_has_none():
    old = {"family": "svm", "run": "1-svm", "accuracy": 0.9, "f1_0": 0.9, "f1_1": 0.9}
    assert findings(old, 0.8) == []


@pytest.mark.parametrize(
    ("kind", "one", "red"),
    [
        ("source", part(), True),
        ("company", part(high=0.8), True),
        ("words", part(high=0.81), False),  # it may well be above
        ("year", part(few=True), False),
        ("star", part(), False),  # two stars are where the labels part
        ("source", {"name": "x", "few": False, "accuracy": 0.1, "accuracy_high": None}, False),
    ],
)
def test_a_slice_is_red_where_it_is_large_and_shown_not_to_be_above_the_threshold(kind, one, red):
    found = findings(report({kind: [part(value=0.9, high=0.95), one]}), 0.8)
    assert [finding.slice for finding in found] == [f"{kind}: {one['name']}"] * red


def test_the_same_thing_has_the_same_key_whatever_its_value_and_run():
    first = findings(report({"source": [part()]}, accuracy=0.5), 0.8)
    again = findings(report({"source": [part(value=0.6)]}, accuracy=0.4) | {"run": "2-svm"}, 0.8)
    assert [one.key for one in first] == [one.key for one in again]
    assert len({one.key for one in first}) == 2
