import pytest

from satispy.core.errors import InvalidInput
from satispy.monitoring.thresholds import performance_alerts


def states(**scores):
    return {alert.metric: alert.state for alert in performance_alerts("gbc", scores)}


@pytest.mark.parametrize("threshold", [-0.1, 1.1, 80, float("nan")])
def test_a_threshold_that_is_no_fraction_is_refused(threshold):
    with pytest.raises(InvalidInput, match="0 to 1"):
        performance_alerts("gbc", {}, threshold)


def test_mistake_6_a_low_accuracy_alone_is_an_alert():
    found = states(accuracy=0.79, f1_0=0.9, f1_1=0.9)
    assert found == {"accuracy": "alert", "f1_0": "ok", "f1_1": "ok"}


def test_a_score_must_be_above_its_threshold_not_at_it():
    assert states(accuracy=0.80, f1_0=0.801, f1_1=1.0) == {
        "accuracy": "alert",
        "f1_0": "ok",
        "f1_1": "ok",
    }
