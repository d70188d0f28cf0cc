"""Picks scores, with the ends of their intervals, out of a metrics file."""

from collections.abc import Iterable, Mapping
from typing import Any

from satispy.workflows.model_card.schema import Part, Sure


def part(found: Mapping[str, Any], names: Iterable[str]) -> Part:
    """Return a part of the exam, with these scores."""
    scores = {name: None if found[name] is None else sure(found, name) for name in names}
    return {
        "name": found["name"],
        "n": found["n"],
        "n_0": found["n_0"],
        "n_1": found["n_1"],
        "few": found["few"],
        "scores": scores,
    }


def all_sure(found: Mapping[str, Any], names: Iterable[str]) -> dict[str, Sure]:
    """Return these scores, without those that mean nothing here."""
    return {name: sure(found, name) for name in names if found[name] is not None}


def sure(found: Mapping[str, Any], name: str) -> Sure:
    """Return a score; its ends are None where it has none."""
    return {
        "value": found[name],
        "low": found.get(f"{name}_low"),
        "high": found.get(f"{name}_high"),
    }


def gaps(found: Mapping[str, Any]) -> dict[str, Sure]:
    """Return by how much the model is above another, score by score."""
    return {
        name: {"value": gap["value"], "low": gap["low"], "high": gap["high"]}
        for name, gap in found["difference"].items()
    }
