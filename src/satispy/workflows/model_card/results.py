"""The sections of a card on scores, and its figures."""

from collections.abc import Mapping, Sequence

from satispy.workflows.model_card import figures as drawn
from satispy.workflows.model_card.blocks import Block, Figure, Section, Table, Text, Tiles
from satispy.workflows.model_card.schema import HeldOut, ModelCard, Rule, Serving
from satispy.workflows.model_card.words import (
    MEANINGS,
    RULES,
    ends,
    in_brackets,
    maybe,
    percent,
    short,
    whole,
)

HEADLINE = ("accuracy", "f1_0", "f1_1", "macro_f1")


def at_a_glance(card: ModelCard) -> Section:
    """Return the numbers that one looks for first."""
    scores, data = card["metrics"]["scores"], card["data"]
    above = card["metrics"]["yardsticks"]["source_rule"]["difference"]["accuracy"]
    level = percent(card["metrics"]["interval"]["level"], 0)
    items = [
        ("accuracy", short(scores["accuracy"]["value"]), ends(scores["accuracy"])),
        ("macro-F1", short(scores["macro_f1"]["value"]), ends(scores["macro_f1"])),
        ("above the source rule", short(above["value"]), f"in accuracy, {ends(above)}"),
        ("exam", whole(data["exam_reviews"]), f"reviews, {whole(data['exam_texts'])} texts"),
    ]
    said = (
        f"On reviews whose text no training saw; behind each score its {level} interval. The "
        "source rule answers by where a review comes from and reads no text."
    )
    return Section("At a glance", [Tiles(items), Text(said)])


def metrics(card: ModelCard) -> Section:
    """Return the scores, and what they are beside rules, the serving model and other folds."""
    found = card["metrics"]
    level, scores = percent(found["interval"]["level"], 0), found["scores"]
    rows = [
        (name, short(score["value"], 4), ends(score, 4), MEANINGS.get(name, ""))
        for name, score in scores.items()
    ]
    how = (
        f"The intervals are {level} ones: {found['interval']['method']}, "
        f"{whole(found['interval']['resamples'])} draws, seed {found['interval']['seed']}. A "
        "difference to another run that lies within the interval may be chance."
    )
    blocks: list[Block] = [
        Table("Scores on the exam", ("score", "value", f"{level} interval", "what it says"), rows),
        Text(how),
        *_rules(found["yardsticks"]),
        *_serving(found["serving"]),
        *([] if found["held_out"] is None else _held_out(found["held_out"])),
    ]
    return Section("Metrics", blocks)


def figures(card: ModelCard) -> Section:
    """Return the figures, each with the table of its numbers."""
    found, error = card["figures"], card["metrics"]["scores"]["calibration_error"]["value"]
    table, bins = found["confusion"], found["calibration"]
    named = zip(("truly negative", "truly positive"), table, strict=True)
    blocks: list[Block] = [
        Figure(
            drawn.confusion(table),
            "Confusion matrix: of the reviews of each true label, how many are called what.",
            Table(
                "Confusion matrix",
                ("", "called negative", "called positive"),
                [(name, *(whole(count) for count in row)) for name, row in named],
            ),
        ),
        Figure(
            drawn.calibration(bins),
            "Calibration: where the dots lie on the diagonal, the probabilities mean what they "
            f"say. Calibration error {short(error)}.",
            Table(
                "Calibration",
                ("probability given", "reviews", "mean of it", "share that was positive"),
                [
                    (
                        f"{short(one['low'], 1)} to {short(one['high'], 1)}",
                        whole(one["n"]),
                        maybe(one["mean_probability"]),
                        maybe(one["share_positive"]),
                    )
                    for one in bins
                ],
            ),
        ),
    ]
    if (curve := found["learning_curve"]) is not None:
        learnt: Sequence[float | None] = curve["learnt"] or [None] * len(curve["steps"])
        points = zip(curve["steps"], learnt, curve["held_out"], strict=True)
        blocks.append(
            Figure(
                drawn.learning_curve(curve),
                f"Learning curve: log loss by {curve['axis']}. {curve['about']} The slice held "
                "out may be easier or harder than the exam: read the shape, not the height.",
                Table(
                    "Learning curve",
                    (curve["axis"], "log loss on what was learnt from", "on what was held out"),
                    [(whole(step), maybe(one, 4), short(held, 4)) for step, one, held in points],
                ),
            )
        )
    return Section("Figures", blocks)


def _rules(rules: Mapping[str, Rule]) -> list[Block]:
    rows = [
        (
            RULES.get(name, name),
            *(in_brackets(rule["scores"][score]) for score in ("accuracy", "macro_f1")),
            *(in_brackets(rule["difference"][score]) for score in ("accuracy", "macro_f1")),
        )
        for name, rule in rules.items()
    ]
    head = ("rule", "accuracy", "macro_f1", "model above it: accuracy", "model above it: macro_f1")
    within = ", ".join(
        f"{short(score['value'])} within {part['name']}"
        for part in rules["source_rule"]["within_source"]
        if (score := part["scores"]["macro_f1"]) is not None
    )
    said = "A model that is not above them has learnt nothing from the words."
    known = f" Macro-F1 of the source rule, which reads no word: {within}." if within else ""
    return [Table("Beside rules that read no text", head, rows), Text(said + known)]


def _serving(serving: Serving) -> list[Block]:
    scores, gaps = serving["scores"], serving["difference"]
    if serving["state"] == "none":
        return [Text("No model of this family served when this one was judged.")]
    if scores is None or gaps is None:
        who = serving["run"] or "What served"
        return [Text(f"{who} could not sit the exam ({serving['code']}).")]
    rows = [(name, in_brackets(scores[name]), in_brackets(gaps[name])) for name in HEADLINE]
    head = ("score", "that model", "this model above it")
    said = f"That model is {serving['run']}, on the same exam."
    return [Table("Beside the model that served before", head, rows), Text(said)]


def _held_out(held_out: HeldOut) -> list[Block]:
    folds = held_out["folds"]
    several = folds > 1
    rows = [
        (
            name,
            in_brackets(held_out["scores"][name]),
            *([short(held_out["mean"][name]), maybe(held_out["spread"][name])] if several else []),
        )
        for name in HEADLINE
    ]
    how = f"{folds} folds" if several else "one slice held out"
    said = (
        f"{whole(held_out['n'])} reviews of the training side, each answered by a model that had "
        f"not seen its text ({how}). In accuracy, that is above the source rule by "
        f"{in_brackets(held_out['above_source_rule']['accuracy'])}."
    )
    of_folds = ["mean of the folds", "their spread"] if several else []
    head = ("score", "all held-out reviews", *of_folds)
    return [Table("On the training side", head, rows), Text(said)]
