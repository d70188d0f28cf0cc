"""What the API's words for alerts and slices are in the visitor's language."""

import re

from reviews_ui.i18n import t

KINDS = ("performance", "slice", "retraining-failed", "model-damaged")
WAYS = ("source", "company", "star", "words", "year")
_RANGE = re.compile(r"(\d+) to (\d+)")
_FROM = re.compile(r"(\d+) or more")


def kind_named(kind: str) -> str:
    """Return in words what kind of alert it is; one of a later version keeps its name."""
    return t(f"alert.kind.{kind}") if kind in KINDS else kind


def kind_of_slice(kind: str) -> str:
    """Return what a way of slicing goes by; one of a later version keeps its name."""
    return t(f"slice.{kind}") if kind in WAYS else kind


def group_named(name: str) -> str:
    """Return the name of a slice: ours in the visitor's language, the customers' as they are."""
    if name == "(none)":
        return t("slice.none")
    if name == "(others)":
        return t("slice.others")
    if found := _RANGE.fullmatch(name):
        return t("slice.range", low=found[1], high=found[2])
    if found := _FROM.fullmatch(name):
        return t("slice.from", low=found[1])
    return name


def slice_named(slice_: str) -> str:
    """Return ``source: TrustPilot`` in the visitor's language."""
    kind, _, name = slice_.partition(": ")
    return f"{kind_of_slice(kind)} = {group_named(name)}" if name else slice_
