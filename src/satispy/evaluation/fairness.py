"""Is a model as good for one group of reviews as for another: fairlearn's MetricFrame.

Imported where runs are judged, and nowhere else: fairlearn brings pandas and scikit-learn along,
which the processes that serve do without.
"""

from functools import partial
from typing import Any

import numpy as np
from fairlearn.metrics import MetricFrame

from satispy.evaluation.metrics import Labels, scores_of_table
from satispy.evaluation.slices import Grouping, is_few

COMPARED = ("accuracy", "recall_0", "recall_1", "f1_0", "f1_1", "selection_rate")
"""``selection_rate`` is the share that the model calls positive, whatever is true."""
_NEEDS_BOTH = {"recall_0", "recall_1", "f1_0", "f1_1"}


def group_fairness(labels: Labels, answers: Labels, grouping: Grouping) -> dict[str, Any]:
    """Compare the scores of each group with those of the largest one.

    Parameters
    ----------
    labels, answers
        True and predicted labels, shape (n,).
    grouping
        The groups.

    Returns
    -------
    dict
        ``largest`` (name); ``groups``: per group ``name``, ``n``, ``few`` and each of `COMPARED`
        with ``_difference`` (the group minus the largest) and ``_ratio`` (the group over the
        largest), None where a class is missing or the divisor is 0; ``widest``: the widest gap
        and the lowest ratio between any two groups that are not ``few``, None with fewer than two.
    """
    # MetricFrame takes seconds per 100 000 rows; rows that are alike go in once, with their number.
    alike = np.bincount(grouping.of_row * 4 + labels.astype(np.int64) * 2 + answers)
    kinds = np.flatnonzero(alike)
    metrics = {name: partial(_score, name) for name in ("n_0", "n_1", *COMPARED)}
    frame = MetricFrame(
        metrics=metrics,
        y_true=kinds // 2 % 2,
        y_pred=kinds % 2,
        sensitive_features=[grouping.names[place] for place in kinds // 4],
        sample_params={name: {"sample_weight": alike[kinds]} for name in metrics},
    )
    by_name = {str(name): row for name, row in frame.by_group.to_dict("index").items()}
    found = [(name, by_name[name]) for name in grouping.names if name in by_name]
    largest, norm = max(found, key=lambda item: item[1]["n_0"] + item[1]["n_1"])
    groups, steady = [], []
    for name, row in found:
        negative, positive = int(row["n_0"]), int(row["n_1"])
        group: dict[str, Any] = {"name": name, "n": negative + positive}
        group["few"] = is_few(negative, positive)
        for score in COMPARED:
            value, beside = _known(row, score), _known(norm, score)
            group |= {score: value, f"{score}_difference": None, f"{score}_ratio": None}
            if value is not None and beside is not None:
                group[f"{score}_difference"] = value - beside
                group[f"{score}_ratio"] = value / beside if beside else None
        groups.append(group)
        if not group["few"]:
            steady.append(group)
    return {"largest": largest, "groups": groups, "widest": _widest(steady)}


def _widest(groups: list[dict[str, Any]]) -> dict[str, float | None]:
    widest: dict[str, float | None] = {}
    for score in COMPARED:
        values = [group[score] for group in groups if group[score] is not None]
        compared = len(values) > 1
        widest[f"{score}_difference"] = max(values) - min(values) if compared else None
        widest[f"{score}_ratio"] = min(values) / max(values) if compared and max(values) else None
    return widest


def _known(row: dict[str, float], score: str) -> float | None:
    """Return a score, or None where it means nothing because a class is missing."""
    if score in _NEEDS_BOTH and not (row["n_0"] and row["n_1"]):
        return None
    return float(row[score])


def _score(name: str, labels: Any, answers: Any, sample_weight: Any) -> float:
    cells = np.asarray(labels, dtype=np.int64) * 2 + np.asarray(answers, dtype=np.int64)
    table = np.bincount(cells, weights=np.asarray(sample_weight), minlength=4)
    if name == "selection_rate":
        return float((table[1] + table[3]) / table.sum())
    if name in ("n_0", "n_1"):
        return float(table[:2].sum() if name == "n_0" else table[2:].sum())
    return float(scores_of_table(table)[name])
