"""What a model card says of the exam: the numbers of the report, each with how sure it is."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from satispy.core.types import METRICS

SHOWN = (*METRICS, "macro_f1")
FURTHER = ("roc_auc", "log_loss", "brier", "calibration_error")
KINDS = {
    "source": "By source",
    "company": "By company",
    "star": "By stars given",
    "words": "By words in the review",
    "year": "By year",
}
RULES = {"majority": "always the commoner label", "source_rule": "the commoner label of the source"}


def exam_sections(metrics: Mapping[str, Any]) -> str:
    """Return the sections on exam, rules, serving model, cross-validation, slices and fairness.

    Parameters
    ----------
    metrics
        As in ``metrics.json``.

    Returns
    -------
    str
        Markdown.
    """
    parts = [
        _exam(metrics),
        _rules(metrics["yardsticks"]),
        _serving(metrics["serving"]),
        _held_out(metrics.get("held_out")),
        _slices(metrics["slices"]),
        _fairness(metrics["fairness"]),
    ]
    return "\n\n".join(part for part in parts if part)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell(text: str) -> str:
    """Return text from an upload as one cell of a table, or as a few words of a sentence."""
    return " ".join(text.replace("|", "/").split()) or "(none)"


def short(value: float) -> str:
    """Write a fraction as statisticians do: ``.906``, ``-.012``, ``1.000``."""
    shown = f"{value:.3f}"
    return (
        "-" + short(-value) if value < 0 and float(shown) else shown.lstrip("-").removeprefix("0")
    )


def whole(number: int) -> str:
    """Write a count: ``3 080``."""
    return f"{number:,}".replace(",", " ")


def _exam(metrics: Mapping[str, Any]) -> str:
    found, texts = metrics["details"], whole(metrics["exam_texts"])
    level = f"{metrics['interval']['level']:.0%}".replace("%", " %")
    sure = {name: _sure(metrics, name, f"{level} interval ") for name in SHOWN}
    rows = [
        (name, f"{source[name]:.4f}", _ends(source, name, digits=4))
        for source, names in ((metrics, SHOWN), (found, FURTHER))
        for name in names
        if source[name] is not None
    ]
    return f"""## Exam

Reviews whose text no training saw, answered by the very files beside this card: {texts} texts in
{whole(metrics["exam_rows"])} reviews. Accuracy {sure["accuracy"][:-1]}, {texts} texts); macro-F1
{sure["macro_f1"]}. Of the reviews that it calls negative, {found["precision_0"]:.0%} are; of those
that are, it finds {found["recall_0"]:.0%}. A difference to another run that lies within the
interval may be chance.

{table(("score", "value", f"{level} interval"), rows)}"""


def _rules(yardsticks: Mapping[str, Any]) -> str:
    rows = [
        (
            what,
            _sure(yardsticks[name], "accuracy"),
            _sure(yardsticks[name], "macro_f1"),
            _difference(yardsticks[name]["difference"]["accuracy"]),
            _difference(yardsticks[name]["difference"]["macro_f1"]),
        )
        for name, what in RULES.items()
    ]
    head = ("rule", "accuracy", "macro-F1", "this model above it: accuracy", "macro-F1")
    within = ", ".join(
        f"{short(one['macro_f1'])} within {cell(one['name'])}"
        for one in yardsticks["source_rule"]["within_source"]
        if one["macro_f1"] is not None
    )
    known = f"\n\nMacro-F1 of the source rule, which reads no word: {within}." if within else ""
    return f"""## Beside rules that read no text

A model that is not above them has learnt nothing from the words.

{table(head, rows)}{known}"""


def _serving(serving: Mapping[str, Any]) -> str:
    if serving["state"] == "none":
        said = "No model of this family served when this one was judged."
    elif serving["state"] == "unreadable":
        said = f"{serving['run'] or 'What served'} could not sit the exam ({serving['code']})."
    else:
        gaps = serving["difference"]
        said = (
            f"{serving['run']} scores on the same reviews: accuracy {_sure(serving, 'accuracy')}, "
            f"macro-F1 {_sure(serving, 'macro_f1')}. This model is above it by "
            f"{_difference(gaps['accuracy'])} in accuracy and by {_difference(gaps['macro_f1'])} "
            "in macro-F1."
        )
    return f"## Beside the model that served\n\n{said}"


def _held_out(held_out: Mapping[str, Any] | None) -> str:
    if held_out is None:
        return ""
    folds = len(held_out["folds"])
    rows = [
        (
            name,
            _sure(held_out, name),
            short(held_out["mean"][name]),
            short(held_out["spread"][name]) if held_out["spread"][name] is not None else "",
        )
        for name in SHOWN
    ]
    how = f"{folds} folds" if folds > 1 else "one slice held out"
    gap = held_out["source_rule"]["difference"]["accuracy"]
    return f"""## On the training side

{whole(held_out["n"])} reviews, each answered by a model that had not seen its text ({how}). In
accuracy, that is above the source rule by {_difference(gap)}.

{table(("score", "all held-out reviews", "mean of the folds", "their spread"), rows)}"""


def _slices(slices: Mapping[str, Any]) -> str:
    rows = [
        (
            f"{title}: {cell(one['name'])}",
            whole(one["n"]),
            _sure(one, "accuracy"),
            _sure(one, "macro_f1") if one["macro_f1"] is not None else "",
            "few" if one["few"] else "",
        )
        for kind, title in KINDS.items()
        for one in slices[kind]
    ]
    return f"""## Where it is better and where worse

{table(("slice of the exam", "reviews", "accuracy", "macro-F1", ""), rows)}

"few" marks slices too small to be relied on."""


def _fairness(fairness: Mapping[str, Any]) -> str:
    rows = []
    for kind, found in fairness.items():
        largest, widest = cell(found["largest"]), found["widest"]
        for name in ("accuracy", "recall_0", "recall_1", "selection_rate"):
            if (gap := widest[f"{name}_difference"]) is not None:
                ratio = widest[f"{name}_ratio"]
                shown = short(ratio) if ratio is not None else ""
                rows.append((kind, largest, name, short(gap), shown))
    if not rows:
        return ""
    head = ("between", "largest group", "measure", "widest gap", "lowest ratio")
    return f"""## Fairness between groups

Groups marked "few" are left out; each group beside the largest stands in the report.

{table(head, rows)}"""


def _sure(scores: Mapping[str, Any], name: str, before: str = "") -> str:
    return f"{short(scores[name])} ({before}{_ends(scores, name)})"


def _ends(scores: Mapping[str, Any], name: str, digits: int = 3) -> str:
    if f"{name}_low" not in scores:
        return ""
    low, high = scores[f"{name}_low"], scores[f"{name}_high"]
    if digits == 3:
        return f"{short(low)} to {short(high)}"
    return f"{low:.{digits}f} to {high:.{digits}f}"


def _difference(gap: Mapping[str, float]) -> str:
    return f"{short(gap['value'])} ({short(gap['low'])} to {short(gap['high'])})"
