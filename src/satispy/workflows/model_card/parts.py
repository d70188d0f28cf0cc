"""The sections of a card on parts of the exam: slices, and groups beside each other."""

from collections.abc import Sequence

from satispy.workflows.model_card.blocks import Block, Section, Table, Text
from satispy.workflows.model_card.schema import ModelCard, Part
from satispy.workflows.model_card.words import Words

OF_A_SLICE = ("accuracy", "f1_0", "f1_1", "macro_f1")
OF_A_GROUP = ("accuracy", "recall_0", "recall_1", "selection_rate")


def slices(card: ModelCard, words: Words) -> Section:
    """Return the scores of the parts of the exam, a table for each way of parting it."""
    tables = [_parts(kind, parts, words) for kind, parts in card["slices"].items()]
    return Section(words("slices.title"), [Text(words("slices.text")), *tables])


def fairness(card: ModelCard, words: Words) -> Section:
    """Return the scores of groups, and the widest gaps between those that are not few."""
    blocks: list[Block] = [Text(words("fairness.text"))]
    for kind, found in card["fairness"].items():
        noted = any(group["few"] for group in found["groups"])
        rows = [
            (
                _group(group["name"], found["largest"], words),
                words.whole(group["n"]),
                *(words.maybe(group["scores"][name]) for name in OF_A_GROUP),
                *_note(group["few"], noted, words),
            )
            for group in found["groups"]
        ]
        gaps = [words.maybe(found["widest_gap"][name]) for name in OF_A_GROUP]
        ratios = [words.maybe(found["lowest_ratio"][name]) for name in OF_A_GROUP]
        if any(gaps):
            empty = _note(False, noted, words)
            rows.append((words("fairness.gap"), "", *gaps, *empty))
            rows.append((words("fairness.ratio"), "", *ratios, *empty))
        head = (words("fairness.group"), words("reviews"), *OF_A_GROUP, *_noted(noted, words))
        blocks.append(Table(words("fairness.table", kind=words.kind_of(kind)), head, rows))
    blocks.append(Text(words("fairness.selection", meaning=words("meaning.selection_rate"))))
    return Section(words("fairness.title"), blocks)


def _group(name: str, largest: str, words: Words) -> str:
    shown = words.told("slice", name)
    return words("fairness.largest", name=shown) if name == largest else shown


def _parts(kind: str, parts: Sequence[Part], words: Words) -> Table:
    """Return the table of one way of parting the exam, without columns that hold nothing."""
    names = [name for name in OF_A_SLICE if any(part["scores"][name] for part in parts)]
    noted = any(part["few"] for part in parts)
    rows = [
        (
            words.told("slice", part["name"]),
            words.whole(part["n"]),
            words.whole(part["n_0"]),
            *(words.in_brackets(part["scores"][name]) for name in names),
            *_note(part["few"], noted, words),
        )
        for part in parts
    ]
    columns = words("slices.slice"), words("reviews"), words("slices.negative")
    head = (*columns, *names, *_noted(noted, words))
    return Table(words("slices.table", kind=words.kind_of(kind)), head, rows)


def _noted(noted: bool, words: Words) -> list[str]:
    return [words("note")] if noted else []


def _note(few: bool, noted: bool, words: Words) -> list[str]:
    return [words("few") if few else ""] if noted else []
