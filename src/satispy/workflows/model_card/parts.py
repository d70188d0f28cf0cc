"""The sections of a card on parts of the exam: slices, and groups beside each other."""

from collections.abc import Sequence

from satispy.workflows.model_card.blocks import Block, Section, Table, Text
from satispy.workflows.model_card.schema import ModelCard, Part
from satispy.workflows.model_card.words import MEANINGS, in_brackets, kind_of, maybe, whole

OF_A_SLICE = ("accuracy", "f1_0", "f1_1", "macro_f1")
OF_A_GROUP = ("accuracy", "recall_0", "recall_1", "selection_rate")


def slices(card: ModelCard) -> Section:
    """Return the scores of the parts of the exam, a table for each way of parting it."""
    said = (
        "Where it is better and where worse. The bins were fixed before any run was judged; within "
        "one star there is only one class, so only accuracy means anything. “few” marks slices too "
        "small to be relied on."
    )
    return Section("Slices", [Text(said), *(_parts(*one) for one in card["slices"].items())])


def fairness(card: ModelCard) -> Section:
    """Return the scores of groups, and the widest gaps between those that are not few."""
    said = (
        "Is it as good for one group of reviews as for another? Gaps and ratios are between the "
        "groups that are not “few”."
    )
    blocks: list[Block] = [Text(said)]
    for kind, found in card["fairness"].items():
        noted = any(group["few"] for group in found["groups"])
        rows = [
            (
                group["name"] + (" (the largest)" if group["name"] == found["largest"] else ""),
                whole(group["n"]),
                *(maybe(group["scores"][name]) for name in OF_A_GROUP),
                *_note(group["few"], noted),
            )
            for group in found["groups"]
        ]
        gaps = [maybe(found["widest_gap"][name]) for name in OF_A_GROUP]
        ratios = [maybe(found["lowest_ratio"][name]) for name in OF_A_GROUP]
        if any(gaps):
            empty = _note(False, noted)
            rows += [("widest gap", "", *gaps, *empty), ("lowest ratio", "", *ratios, *empty)]
        head = ("group", "reviews", *OF_A_GROUP, *(["note"] if noted else []))
        blocks.append(Table(f"Groups {kind_of(kind)}", head, rows))
    blocks.append(Text(f"selection_rate is {MEANINGS['selection_rate']}."))
    return Section("Fairness", blocks)


def _parts(kind: str, parts: Sequence[Part]) -> Table:
    """Return the table of one way of parting the exam, without columns that hold nothing."""
    names = [name for name in OF_A_SLICE if any(part["scores"][name] for part in parts)]
    noted = any(part["few"] for part in parts)
    rows = [
        (
            part["name"],
            whole(part["n"]),
            whole(part["n_0"]),
            *(in_brackets(part["scores"][name]) for name in names),
            *_note(part["few"], noted),
        )
        for part in parts
    ]
    head = ("slice", "reviews", "negative", *names, *(["note"] if noted else []))
    return Table(f"Scores {kind_of(kind)}", head, rows)


def _note(few: bool, noted: bool) -> list[str]:
    return ["few" if few else ""] if noted else []
