"""How a card writes numbers and names."""

from satispy.workflows.model_card.schema import Sure

KINDS = {
    "source": "by source",
    "company": "by company",
    "star": "by stars given",
    "words": "by words in the review",
    "year": "by year",
}
RULES = {"majority": "always the commoner label", "source_rule": "the commoner label of the source"}
MEANINGS = {
    "accuracy": "share of the reviews that it labels right",
    "f1_0": "how well it finds the negative reviews: harmonic mean of precision_0 and recall_0",
    "f1_1": "the same for the positive ones",
    "macro_f1": "mean of both F1: the rarer class counts as much as the commoner one",
    "precision_0": "of the reviews that it calls negative, the share that are",
    "recall_0": "of the negative reviews, the share that it calls so",
    "precision_1": "of the reviews that it calls positive, the share that are",
    "recall_1": "of the positive reviews, the share that it calls so",
    "roc_auc": "how often a positive review gets a higher probability than a negative one",
    "log_loss": "mean of -ln(probability given to the true label); low is good",
    "brier": "mean squared distance of probability and label; low is good",
    "calibration_error": "mean distance of probability and what came true; low is good",
    "selection_rate": "the share that it calls positive, whatever is true",
}


def short(value: float, digits: int = 3) -> str:
    """Write a fraction as statisticians do: ``.906``, ``-.012``, ``1.000``."""
    shown = f"{abs(value):.{digits}f}"
    sign = "-" if value < 0 and float(shown) else ""
    return sign + shown.removeprefix("0")


def maybe(value: float | None, digits: int = 3) -> str:
    """Write a fraction as `short` does; empty where there is none."""
    return "" if value is None else short(value, digits)


def whole(number: float) -> str:
    """Write a count: ``3 080``."""
    return f"{number:,.0f}".replace(",", " ")


def percent(fraction: float, digits: int = 1) -> str:
    """Write a fraction of 1 in percent: ``88.7 %``."""
    return f"{100 * fraction:.{digits}f} %"


def ends(score: Sure, digits: int = 3) -> str:
    """Write an interval: ``.890 to .913``; empty where there is none."""
    if score["low"] is None or score["high"] is None:
        return ""
    return f"{short(score['low'], digits)} to {short(score['high'], digits)}"


def in_brackets(score: Sure | None) -> str:
    """Write a score with its interval: ``.902 (.890 to .913)``; empty where there is none."""
    if score is None:
        return ""
    between = ends(score)
    return f"{short(score['value'])} ({between})" if between else short(score["value"])


def kind_of(slices: str) -> str:
    """Name a way of parting the exam: ``by source``; one without a name of its own by its key."""
    return KINDS.get(slices, f"by {slices}")
