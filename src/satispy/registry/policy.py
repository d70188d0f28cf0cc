"""Which model may serve: the gate as pure functions of evidence and plan.

A model is blessed only if it passes every check. The first of a family is judged by itself; later
ones also beside the model that serves, on the same reviews:

- trained on newer data, it must be shown *not worse* by more than a margin (non-inferiority);
- trained on the same data, it must be shown *better*, or nothing would be gained by the change;
- within no slice of the exam may it be shown worse; the slices share one error (Holm 1979, *A
  simple sequentially rejective multiple test procedure*).

An exam can be too small to show what the margin asks for, even of an equal model: then the margin
widens to what the exam can show, and the sentence says so. docs/promotion.md has the reasons,
docs/decisions/0005-the-gate.md the error rates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import NormalDist

from satispy.core.plan import GatePlan
from satispy.core.types import Gap, SliceGap
from satispy.registry.evidence import Check, Evidence, Rehearsal, Serving, Verdict

COMPARED = ("macro_f1", "accuracy")
"""Scores that are compared with the serving model's; better than it means better in the first."""
BETWEEN_FAMILIES = "macro_f1"
"""The score that the champion is chosen by: the rarer class counts as much as the commoner."""
_SURE = 0.975
_TITLES = {"macro_f1": "macro-F1"}


def judge(evidence: Evidence, plan: GatePlan) -> Verdict:
    """Ask every check; a candidate is blessed if none that counts fails."""
    checks = [
        *_floors(evidence.scores, plan),
        *_beside_serving(evidence.serving, plan),
        _calibration(evidence.calibration_error, plan),
        *_fairness(evidence.accuracy_ratios, plan),
        *_rehearsal(evidence.rehearsal, plan),
    ]
    return Verdict(checks)


def choose_champion(
    champion: str | None, scores: Mapping[str, float], beside: Mapping[str, Gap]
) -> tuple[str, str]:
    """Choose the family that answers for all.

    The champion stays unless another is shown better than it on the same reviews: a title that
    changes hands by chance would tell nothing.

    Parameters
    ----------
    champion
        The present one; None where there is none.
    scores
        Family to macro-F1 on today's exam, of the model that serves it from now on; families whose
        model could not sit it are left out. At least one.
    beside
        Family to how far its model is above the champion's.

    Returns
    -------
    tuple of str
        The family, and why, in a sentence.
    """
    ranked = sorted(scores, key=lambda family: (-scores[family], family))
    best = ranked[0]
    if champion is None or champion not in scores:
        return best, f"{best} has the highest macro-F1 of the exam, {short(scores[best])}"
    better = [family for family in ranked if family in beside and beside[family].low > 0]
    if better:
        gap = beside[better[0]]
        return better[0], (
            f"{better[0]} is better than {champion}: macro-F1 by {points(gap.value)} points, "
            f"{points(gap.low)} at worst"
        )
    return champion, f"no family is shown better than {champion} on the same reviews"


def short(value: float) -> str:
    """Write a fraction as statisticians do: ``.906``."""
    return f"{value:.3f}".removeprefix("0")


def points(value: float) -> str:
    """Write a difference of fractions in points: ``-1.2``."""
    return f"{100 * value:.1f}"


def holm(p_values: Sequence[float], error: float) -> list[bool]:
    """Tell which hypotheses are rejected, so that any true one is with probability `error` at most.

    Parameters
    ----------
    p_values
        One per hypothesis.
    error
        Family-wise error rate.

    Returns
    -------
    list of bool
        In the order of the p-values (Holm 1979).
    """
    rejected = [False] * len(p_values)
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    for rank, place in enumerate(order):
        if p_values[place] > error / (len(p_values) - rank):
            break
        rejected[place] = True
    return rejected


def _floors(scores: Mapping[str, float], plan: GatePlan) -> Iterator[Check]:
    for name, floor in plan.floors.items():
        value, passed = scores[name], scores[name] > floor
        said = "is above" if passed else "is not above"
        yield Check(
            f"floor of {name}",
            passed,
            f"{_title(name)} {short(value)} {said} {short(floor)}",
            {"value": value, "floor": floor},
        )


def _beside_serving(serving: Serving | None, plan: GatePlan) -> Iterator[Check]:
    if serving is None:
        return
    yield Check(
        "newer than what serves",
        not serving.newer,
        f"{serving.run}, which serves, is {'newer' if serving.newer else 'not newer'}",
        {"serving": serving.run},
    )
    for name in COMPARED:
        gap = serving.beside.scores[name]
        if serving.same_data and name == COMPARED[0]:
            yield _better(name, gap, serving.run)
        else:
            yield _not_worse(name, gap, serving.run, plan)
    yield _slices(serving.beside.slices, plan)


def _better(name: str, gap: Gap, run: str) -> Check:
    passed = gap.low > 0
    said = "better" if passed else "not shown better"
    return Check(
        f"better in {name}",
        passed,
        f"{said} than {run}, trained on the same data: {_title(name)} by {points(gap.value)} "
        f"points, {points(gap.low)} at worst",
        {"value": gap.value, "low": gap.low, "high": gap.high},
    )


def _not_worse(name: str, gap: Gap, run: str, plan: GatePlan) -> Check:
    shown = NormalDist().inv_cdf(_SURE) + NormalDist().inv_cdf(plan.power)
    margin = max(plan.margin, shown * gap.error)
    passed = gap.low > -margin
    allowed = f"{points(margin)} are allowed"
    if margin > plan.margin:
        allowed += f", for this exam cannot show {points(plan.margin)}"
    return Check(
        f"not worse in {name}",
        passed,
        f"{_title(name)} {points(gap.value)} points above {run}, {points(gap.low)} at worst; "
        f"down to {points(-margin)}: {allowed}",
        {"value": gap.value, "low": gap.low, "high": gap.high, "margin": margin},
    )


def _slices(slices: Sequence[SliceGap], plan: GatePlan) -> Check:
    rejected = holm([one.p_worse for one in slices], plan.slice_error)
    worse = [one for one, is_worse in zip(slices, rejected, strict=True) if is_worse]
    named = ", ".join(
        f"{one.kind} {one.name} ({_title(one.score)} {points(one.gap.value)} points)"
        for one in worse
    )
    figures = {
        "tested": len(slices),
        "margin": plan.slice_margin,
        "worse": [
            {"kind": one.kind, "name": one.name, "n": one.n, "score": one.score}
            | {"value": one.gap.value, "p": one.p_worse}
            for one in worse
        ],
    }
    said = f"worse within {named}" if worse else f"worse within none of {len(slices)} slices"
    return Check("no slice is worse", not worse, said, figures)


def _calibration(error: float, plan: GatePlan) -> Check:
    passed = error <= plan.calibration_error
    said = "is at most" if passed else "is above"
    return Check(
        "calibration",
        passed,
        f"calibration error {short(error)} {said} {short(plan.calibration_error)}",
        {"value": error, "limit": plan.calibration_error},
    )


def _fairness(ratios: Mapping[str, float | None], plan: GatePlan) -> Iterator[Check]:
    for kind, ratio in ratios.items():
        if ratio is None:
            continue
        passed = ratio >= plan.accuracy_ratio
        said = "at least" if passed else "below"
        yield Check(
            f"fairness by {kind}",
            passed,
            f"lowest accuracy by {kind} is {short(ratio)} of the highest, {said} "
            f"{short(plan.accuracy_ratio)}",
            {"value": ratio, "limit": plan.accuracy_ratio},
        )


def _rehearsal(found: Rehearsal, plan: GatePlan) -> Iterator[Check]:
    if found.problem:
        yield Check("loads and answers", False, f"does not answer: {found.problem}", {})
        return
    in_time = found.median_ms <= plan.latency_ms
    yield Check(
        "loads and answers",
        in_time and found.right == found.asked,
        f"loaded in a process of its own, answered {found.right} of {found.asked} golden texts "
        f"right, one in {found.median_ms:.1f} ms (at most {plan.latency_ms:g})",
        {"right": found.right, "asked": found.asked, "median_ms": found.median_ms},
    )
    rates = plan.behaviour.model_dump()
    for kind, (passed, asked) in found.behaviour.items():
        rate, wanted = passed / asked, rates.get(kind)
        yield Check(
            f"behaviour: {kind}",
            wanted is None or rate >= wanted,
            f"{kind}: {passed} of {asked} as expected"
            + ("" if wanted is None else f", {wanted:.0%} wanted"),
            {"passed": passed, "asked": asked, "wanted": wanted},
            gating=wanted is not None,
        )


def _title(name: str) -> str:
    return _TITLES.get(name, name)
