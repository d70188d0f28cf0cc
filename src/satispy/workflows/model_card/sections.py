"""What a card says, in order; after the sections of Mitchell et al. 2019."""

from collections.abc import Sequence

from satispy.workflows.model_card import parts, results
from satispy.workflows.model_card.blocks import Code, Document, Items, Section, Table, Text
from satispy.workflows.model_card.schema import ModelCard
from satispy.workflows.model_card.words import percent, whole

SOURCES_SHOWN = 5


def document_of(card: ModelCard) -> Document:
    """Tell a card in words, tables and figures.

    Parameters
    ----------
    card
        As in ``card.json``.

    Returns
    -------
    Document
        Equal cards give equal documents.
    """
    sections = [
        results.at_a_glance(card),
        _details(card),
        _intended_use(card),
        Section("Factors", [Items(card["factors"])]),
        _data(card),
        results.metrics(card),
        results.figures(card),
        parts.slices(card),
        parts.fairness(card),
        Section("Ethical considerations", [Items(card["ethics"])]),
        Section(
            "Caveats and recommendations",
            [Items(card["caveats"]), Text("Recommended:"), Items(card["recommendations"])],
        ),
        _lineage(card),
    ]
    about = card["details"]["about"]
    return Document(f"Model card: {card['run']}", about, card["warnings"], sections)


def _details(card: ModelCard) -> Section:
    details = card["details"]
    parameters = ", ".join(f"{name} {value}" for name, value in details["parameters"].items())
    rows = [
        ("family", details["family"]),
        ("kind", details["about"]),
        ("trained at", f"{details['trained_at']}, in {details['train_seconds']:g} s"),
        ("hyper-parameters", parameters or "the defaults of its family"),
        ("answers", "the probability of label 1; from .5 on a review counts as positive"),
        (
            "form",
            "ONNX, beside this card; the very files that sat the exam may serve",
        ),
    ]
    return Section("Model details", [_facts("What it is", rows)])


def _intended_use(card: ModelCard) -> Section:
    use = card["intended_use"]
    return Section(
        "Intended use",
        [
            Text(use["purpose"]),
            Text(f"Meant for {use['users']}, and for:"),
            Items(use["uses"]),
            Text("Not meant for:"),
            Items(use["out_of_scope"]),
        ],
    )


def _data(card: ModelCard) -> Section:
    data = card["data"]
    learnt, side = data["learnt_from"], data["training_side"]
    drawn = "all" if learnt == side else f"a draw of {whole(learnt)} of the"
    rows = [
        ("reviews in the base", whole(data["reviews"])),
        ("learnt from", f"{drawn} {whole(side)} that are not in the exam"),
        ("exam", f"{whole(data['exam_reviews'])} reviews, {whole(data['exam_texts'])} texts"),
        ("negative", percent(data["negative"])),
        ("words of a review", f"{data['median_words']:g} in the median"),
        ("sources", _sources(card)),
    ]
    exam = (
        "One text in five, chosen by a hash of the text, is never learnt from: the exam. A text is "
        "in it or not for ever, so it stands on one side only, and runs of different days answer "
        "the same questions, plus the new ones that uploads brought."
    )
    return Section("Data and exam", [_facts("Reviews", rows), Text(exam)])


def _lineage(card: ModelCard) -> Section:
    lineage = card["lineage"]
    dataset, vectors, code = lineage["dataset"], lineage["vectors"], lineage["code"]
    libraries = ", ".join(f"{name} {version}" for name, version in lineage["libraries"].items())
    coverage = vectors["coverage"]
    rows: list[tuple[str, str]] = [
        ("run", Code(card["run"])),
        ("dataset version", f"{dataset['number']}, {whole(dataset['rows'])} rows"),
        ("chain of the dataset", Code(dataset["chain"])),
    ]
    if lineage["uploads"] is not None:
        rows.append(("uploads", ", ".join(lineage["uploads"])))
    rows += [
        ("word vectors", Code(vectors["version"])),
        ("sha256 of the vectors", Code(vectors["sha256"])),
    ]
    if coverage is not None:
        rows.append(("words that have a vector", percent(coverage)))
    if code is not None:
        rows += [("satispy", code["satispy"]), ("commit", _commit(code["commit"], code["changed"]))]
    rows += [
        ("seed", str(lineage["seed"])),
        ("text version", lineage["text_version"]),
        ("libraries", libraries),
        ("job", Code(lineage["job"])),
        ("DAG run", Code(lineage["dag_run"])),
    ]
    closing = "The manifest beside this card holds a hash of every file of the run, this too."
    return Section("Lineage", [_facts("What made it", rows), Text(closing)])


def _commit(commit: str | None, changed: bool | None) -> str:
    if commit is None:
        return "unknown: not trained from a checkout"
    return f"{commit}, with changes that were not committed" if changed else Code(commit)


def _sources(card: ModelCard) -> str:
    sources = card["data"]["sources"]
    shown = [f"{name or '(none)'} {whole(rows)}" for name, rows in sources.items()][:SOURCES_SHOWN]
    further = len(sources) - len(shown) + card["data"]["further_sources"]
    return ", ".join(shown) + (f", and {further} more" if further else "")


def _facts(caption: str, rows: Sequence[tuple[str, str]]) -> Table:
    return Table(caption, (), rows)
