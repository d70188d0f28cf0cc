"""How scores are named and written: percentages, but losses as they are."""

from reviews_ui.api.reports import FURTHER, LOWER_IS_BETTER
from reviews_ui.i18n import decimal, percent, t

ALL = ("accuracy", "f1_0", "f1_1", *FURTHER)


def meaning(metric: str) -> str:
    """Return in words what a score says; a score of a later version has no words here."""
    return t(f"metric.{metric}") if metric in (*ALL, "selection_rate") else metric


def named(metric: str) -> str:
    """Return a score's name with its meaning."""
    return f"{metric} · {meaning(metric)}" if metric in ALL else metric


def is_loss(metric: str) -> bool:
    """Return whether less of it is better."""
    return metric in LOWER_IS_BETTER


def written(metric: str, value: float, digits: int = 1) -> str:
    """Write a score: ``88,4 %``, and a loss as ``0,219``."""
    return decimal(value, 3) if is_loss(metric) else percent(value, digits)


def interval(metric: str, ends: tuple[float, float] | None) -> str:
    """Write an interval as ``83,8 à 86,0 %``, or nothing where there is none."""
    if ends is None:
        return ""
    low, high = ends
    if is_loss(metric):
        return t("reports.interval", low=decimal(low, 3), high=decimal(high, 3))
    return t("reports.interval", low=decimal(100 * low), high=percent(high))


def points(metric: str, difference: float) -> str:
    """Write a difference with its sign, in points of a hundred, or as it is for losses."""
    sign = "+" if difference > 0 else "−" if difference < 0 else "±"
    size = abs(difference)
    return f"{sign}{decimal(size, 3)}" if is_loss(metric) else f"{sign}{decimal(100 * size)} pt"


def overlap(one: tuple[float, float] | None, other: tuple[float, float] | None) -> bool | None:
    """Return whether two intervals have a value in common; None where one is missing."""
    if one is None or other is None:
        return None
    return max(one[0], other[0]) <= min(one[1], other[1])
