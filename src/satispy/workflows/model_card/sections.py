"""What a card says, in order; after the sections of Mitchell et al. 2019."""

from collections.abc import Sequence

from satispy.workflows.model_card import parts, results
from satispy.workflows.model_card.blocks import Code, Document, Items, Section, Table, Text
from satispy.workflows.model_card.schema import ModelCard
from satispy.workflows.model_card.words import Words

SOURCES_SHOWN = 5


def document_of(card: ModelCard, words: Words) -> Document:
    """Tell a card in words, tables and figures.

    Parameters
    ----------
    card
        As `satispy.workflows.model_card.facts.card_of` gathered it, in the same language.
    words
        The language of all else.

    Returns
    -------
    Document
        Equal cards give equal documents.
    """
    sections = [
        results.at_a_glance(card, words),
        _details(card, words),
        _intended_use(card, words),
        Section(words("factors.title"), [Items(card["factors"])]),
        _data(card, words),
        results.metrics(card, words),
        results.figures(card, words),
        parts.slices(card, words),
        parts.fairness(card, words),
        Section(words("ethics.title"), [Items(card["ethics"])]),
        Section(
            words("caveats.title"),
            [
                Items(card["caveats"]),
                Text(words("recommendations.text")),
                Items(card["recommendations"]),
            ],
        ),
        _lineage(card, words),
    ]
    title = words("title", run=card["run"])
    return Document(title, card["details"]["about"], card["warnings"], sections)


def _details(card: ModelCard, words: Words) -> Section:
    details = card["details"]
    at, seconds = details["trained_at"], words.plain(details["train_seconds"])
    parameters = ", ".join(f"{name} {value}" for name, value in details["parameters"].items())
    rows = [
        (words("details.family"), details["family"]),
        (words("details.kind"), details["about"]),
        (words("details.trained"), words("details.trained.value", at=at, seconds=seconds)),
        (words("details.parameters"), parameters or words("details.defaults")),
        (words("details.answers"), words("details.answers.value")),
        (words("details.form"), words("details.form.value")),
    ]
    return Section(words("details.title"), [_facts(words("details.table"), rows)])


def _intended_use(card: ModelCard, words: Words) -> Section:
    use = card["intended_use"]
    return Section(
        words("use.title"),
        [
            Text(use["purpose"]),
            Text(words("use.meant", users=use["users"])),
            Items(use["uses"]),
            Text(words("use.not")),
            Items(use["out_of_scope"]),
        ],
    )


def _data(card: ModelCard, words: Words) -> Section:
    data = card["data"]
    side, learnt = words.whole(data["training_side"]), words.whole(data["learnt_from"])
    reviews, texts = words.whole(data["exam_reviews"]), words.whole(data["exam_texts"])
    drawn = (
        words("data.learnt.all", side=side)
        if data["learnt_from"] == data["training_side"]
        else words("data.learnt.draw", learnt=learnt, side=side)
    )
    rows = [
        (words("data.reviews"), words.whole(data["reviews"])),
        (words("data.learnt"), drawn),
        (words("data.exam"), words("data.exam.value", reviews=reviews, texts=texts)),
        (words("data.negative"), words.percent(data["negative"])),
        (words("data.words"), words("data.words.value", words=words.plain(data["median_words"]))),
        (words("data.sources"), _sources(card, words)),
    ]
    return Section(
        words("data.title"), [_facts(words("data.table"), rows), Text(words("data.text"))]
    )


def _lineage(card: ModelCard, words: Words) -> Section:
    lineage = card["lineage"]
    dataset, vectors, code = lineage["dataset"], lineage["vectors"], lineage["code"]
    number, held = dataset["number"], words.whole(dataset["rows"])
    libraries = ", ".join(f"{name} {version}" for name, version in lineage["libraries"].items())
    rows: list[tuple[str, str]] = [
        (words("lineage.run"), Code(card["run"])),
        (words("lineage.dataset"), words("lineage.dataset.value", number=number, rows=held)),
        (words("lineage.chain"), Code(dataset["chain"])),
    ]
    rows += [
        (words("lineage.upload", place=place), one)
        for place, one in enumerate(lineage["uploads"], 1)
    ]
    if further := lineage["further_uploads"]:
        count = words.whole(further)
        rows.append((words("lineage.further"), words("lineage.further.value", count=count)))
    rows += [
        (words("lineage.vectors"), Code(vectors["version"])),
        (words("lineage.vectors.sha256"), Code(vectors["sha256"])),
    ]
    if (coverage := vectors["coverage"]) is not None:
        rows.append((words("lineage.coverage"), words.percent(coverage)))
    if code is not None:
        commit = _commit(code["commit"], code["changed"], words)
        rows += [("satispy", code["satispy"]), (words("lineage.commit"), commit)]
    rows += [
        (words("lineage.seed"), str(lineage["seed"])),
        (words("lineage.text"), lineage["text_version"]),
        (words("lineage.libraries"), libraries),
        (words("lineage.job"), Code(lineage["job"])),
        (words("lineage.dag_run"), Code(lineage["dag_run"])),
    ]
    made = _facts(words("lineage.table"), rows)
    return Section(words("lineage.title"), [made, Text(words("lineage.closing"))])


def _commit(commit: str | None, changed: bool | None, words: Words) -> str:
    if commit is None:
        return words("lineage.commit.unknown")
    return words("lineage.commit.changed", commit=commit) if changed else Code(commit)


def _sources(card: ModelCard, words: Words) -> str:
    sources = card["data"]["sources"]
    named = [f"{name or words('slice.none')} {words.whole(rows)}" for name, rows in sources.items()]
    further = len(named[SOURCES_SHOWN:]) + card["data"]["further_sources"]
    shown = ", ".join(named[:SOURCES_SHOWN])
    return words("data.sources.more", sources=shown, more=further) if further else shown


def _facts(caption: str, rows: Sequence[tuple[str, str]]) -> Table:
    return Table(caption, (), rows)
