"""Performance alerts: a score that is not above its threshold is one."""

from collections.abc import Mapping

from satispy.core.errors import InvalidInput
from satispy.core.types import METRICS, Alert

DEFAULT_THRESHOLD = 0.80


def performance_alerts(
    family: str, scores: Mapping[str, float], threshold: float = DEFAULT_THRESHOLD
) -> list[Alert]:
    """Compare accuracy and both F1 of one run with the threshold.

    Returns
    -------
    list of Alert
        One per metric, in the order of `METRICS`: ``ok`` where the score is above the threshold,
        ``alert`` where it is equal or below.

    Raises
    ------
    InvalidInput
        If the threshold is no fraction of 1.
    """
    if not 0 <= threshold <= 1:
        raise InvalidInput(f"expected a threshold from 0 to 1, but received {threshold}")
    return [
        Alert(
            family=family,
            metric=metric,
            value=scores[metric],
            threshold=threshold,
            state="ok" if scores[metric] > threshold else "alert",
        )
        for metric in METRICS
    ]
