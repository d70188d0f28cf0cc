"""The sections of a card on scores, and its figures."""

from collections.abc import Mapping, Sequence

from satispy.models.curve import PlainCurve
from satispy.workflows.model_card import figures as drawn
from satispy.workflows.model_card.blocks import Block, Figure, Section, Table, Text, Tiles
from satispy.workflows.model_card.schema import Bin, HeldOut, ModelCard, Rule, Serving
from satispy.workflows.model_card.words import Words

HEADLINE = ("accuracy", "f1_0", "f1_1", "macro_f1")


def at_a_glance(card: ModelCard, words: Words) -> Section:
    """Return the numbers that one looks for first."""
    scores, data = card["metrics"]["scores"], card["data"]
    above = card["metrics"]["yardsticks"]["source_rule"]["difference"]["accuracy"]
    level = words.percent(card["metrics"]["interval"]["level"], 0)
    in_accuracy = words("glance.above.note", interval=words.ends(above))
    texts = words("glance.exam.note", texts=words.whole(data["exam_texts"]))
    items = [
        ("accuracy", words.short(scores["accuracy"]["value"]), words.ends(scores["accuracy"])),
        ("macro-F1", words.short(scores["macro_f1"]["value"]), words.ends(scores["macro_f1"])),
        (words("glance.above"), words.short(above["value"]), in_accuracy),
        (words("glance.exam"), words.whole(data["exam_reviews"]), texts),
    ]
    said = words("glance.text", level=level)
    return Section(words("glance.title"), [Tiles(items), Text(said)])


def metrics(card: ModelCard, words: Words) -> Section:
    """Return the scores, and what they are beside rules, the serving model and other folds."""
    found = card["metrics"]
    interval = found["interval"]
    level = words.percent(interval["level"], 0)
    rows = [
        (name, words.short(score["value"], 4), words.ends(score, 4), words.of("meaning", name, ""))
        for name, score in found["scores"].items()
    ]
    head = (
        *(words("metrics.score"), words("value")),
        *(words("metrics.interval", level=level), words("metrics.meaning")),
    )
    how = words(
        "metrics.how",
        level=level,
        method=words.told("method", interval["method"]),
        draws=words.whole(interval["resamples"]),
        seed=interval["seed"],
    )
    blocks: list[Block] = [
        Table(words("metrics.table"), head, rows),
        Text(how),
        *_rules(found["yardsticks"], words),
        *_serving(found["serving"], words),
        *([] if found["held_out"] is None else _held_out(found["held_out"], words)),
    ]
    return Section(words("metrics.title"), blocks)


def figures(card: ModelCard, words: Words) -> Section:
    """Return the figures, each with the table of its numbers."""
    found, error = card["figures"], card["metrics"]["scores"]["calibration_error"]["value"]
    blocks = [
        _confusion(found["confusion"], words),
        _calibration(found["calibration"], error, words),
    ]
    if (curve := found["learning_curve"]) is not None:
        blocks.append(_learning_curve(curve, words))
    return Section(words("figures.title"), blocks)


def _confusion(table: Sequence[Sequence[int]], words: Words) -> Figure:
    labels = words("label.0"), words("label.1")
    head = ("", *(words("confusion.column", label=label) for label in labels))
    rows = [
        (words("confusion.row", label=label), *map(words.whole, counts))
        for label, counts in zip(labels, table, strict=True)
    ]
    numbers = Table(words("confusion.title"), head, rows)
    return Figure(drawn.confusion(table, words), words("confusion.caption"), numbers)


def _calibration(bins: Sequence[Bin], error: float, words: Words) -> Figure:
    head = (
        *(words("calibration.given"), words("reviews")),
        *(words("calibration.mean"), words("calibration.share")),
    )
    rows = [
        (
            words("interval", low=words.short(one["low"], 1), high=words.short(one["high"], 1)),
            words.whole(one["n"]),
            words.maybe(one["mean_probability"]),
            words.maybe(one["share_positive"]),
        )
        for one in bins
    ]
    caption = words("calibration.caption", error=words.short(error))
    numbers = Table(words("calibration.table"), head, rows)
    return Figure(drawn.calibration(bins, words), caption, numbers)


def _learning_curve(curve: PlainCurve, words: Words) -> Figure:
    axis, about = words.told("axis", curve["axis"]), words.told("curve", curve["about"])
    learnt: Sequence[float | None] = curve["learnt"] or [None] * len(curve["steps"])
    points = zip(curve["steps"], learnt, curve["held_out"], strict=True)
    head = axis, words("learning.column.learnt"), words("learning.column.held_out")
    rows = [
        (words.whole(step), words.maybe(one, 4), words.short(held, 4)) for step, one, held in points
    ]
    caption = words("learning.caption", axis=axis, about=about)
    numbers = Table(words("learning.title"), head, rows)
    return Figure(drawn.learning_curve(curve, words), caption, numbers)


def _rules(rules: Mapping[str, Rule], words: Words) -> list[Block]:
    compared = ("accuracy", "macro_f1")
    rows = [
        (
            words.of("rule", name, name),
            *(words.in_brackets(rule["scores"][score]) for score in compared),
            *(words.in_brackets(rule["difference"][score]) for score in compared),
        )
        for name, rule in rules.items()
    ]
    above = [words("rules.above", score=score) for score in compared]
    within = ", ".join(
        words(
            "rules.within",
            score=words.short(score["value"]),
            name=words.told("slice", part["name"]),
        )
        for part in rules["source_rule"]["within_source"]
        if (score := part["scores"]["macro_f1"]) is not None
    )
    said = words("rules.text")
    if within:
        said += " " + words("rules.known", within=within)
    head = (words("rules.rule"), *compared, *above)
    return [Table(words("rules.table"), head, rows), Text(said)]


def _serving(serving: Serving, words: Words) -> list[Block]:
    scores, gaps = serving["scores"], serving["difference"]
    if serving["state"] == "none":
        return [Text(words("serving.none"))]
    if scores is None or gaps is None:
        who = serving["run"] or words("serving.unknown")
        return [Text(words("serving.unreadable", who=who, code=serving["code"]))]
    rows = [
        (name, words.in_brackets(scores[name]), words.in_brackets(gaps[name])) for name in HEADLINE
    ]
    head = words("metrics.score"), words("serving.that"), words("serving.above")
    said = words("serving.text", run=serving["run"])
    return [Table(words("serving.table"), head, rows), Text(said)]


def _held_out(held_out: HeldOut, words: Words) -> list[Block]:
    folds = held_out["folds"]
    several = folds > 1
    rows = [
        (
            name,
            words.in_brackets(held_out["scores"][name]),
            *(
                [words.short(held_out["mean"][name]), words.maybe(held_out["spread"][name])]
                if several
                else []
            ),
        )
        for name in HEADLINE
    ]
    said = words(
        "held.text",
        reviews=words.whole(held_out["n"]),
        how=words("held.folds", folds=folds) if several else words("held.one"),
        gap=words.in_brackets(held_out["above_source_rule"]["accuracy"]),
    )
    of_folds = [words("held.mean"), words("held.spread")] if several else []
    head = (words("metrics.score"), words("held.all"), *of_folds)
    return [Table(words("held.table"), head, rows), Text(said)]
