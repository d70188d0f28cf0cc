"""What a card says in sentences: of every model the same, or drawn from its numbers."""

from collections.abc import Mapping, Sequence

from satispy.workflows.lineage import UploadOrigin
from satispy.workflows.model_card.schema import IntendedUse, Metrics, Part
from satispy.workflows.model_card.words import Words
from satispy.workflows.retraining.reviews import ReviewFacts

SYNTHETIC = "Synthétique"
"""Reviews whose source begins so were made up, as those of the demo are."""


def intended_use(words: Words) -> IntendedUse:
    """Return what every model is for, for whom, and what it is not for."""
    return {
        "purpose": words("use.purpose"),
        "uses": words.all("use.for"),
        "users": words("use.users"),
        "out_of_scope": words.all("use.out"),
    }


def warnings(reviews: ReviewFacts, metrics: Metrics, words: Words) -> list[str]:
    """Return what must be read before any number; of most runs nothing."""
    found = []
    made_up = sum(rows for name, rows in reviews.sources.items() if name.startswith(SYNTHETIC))
    if made_up:
        found.append(words("warnings.synthetic", rows=words.whole(made_up)))
    gap = metrics["yardsticks"]["source_rule"]["difference"]["accuracy"]
    if gap["low"] is not None and gap["low"] <= 0:
        found.append(words("warnings.rule", gap=words.in_brackets(gap)))
    return found


def upload(origin: UploadOrigin, words: Words) -> str:
    """Return the line of an upload; the English one is that of `satispy lineage`."""
    return words(
        "lineage.upload.value",
        id=origin.upload_id,
        file=origin.filename,
        sha256=origin.sha256[:16],
        rows=origin.rows_accepted,
        by=origin.received_by,
        at=f"{origin.received_at:%Y-%m-%d %H:%M}",
        version=origin.dataset_version,
    )


def caveats(reviews: ReviewFacts, slices: Mapping[str, Sequence[Part]], words: Words) -> list[str]:
    """Return what to keep in mind of the model, its weakest slice among it."""
    commoner = max(reviews.negative, 1 - reviews.negative)
    found = [
        *words.all("caveats.said"),
        words(
            "caveats.source",
            right=words.percent(reviews.right_by_source),
            commoner=words.percent(commoner),
        ),
    ]
    steady = [
        (accuracy["value"], kind, part["name"], accuracy)
        for kind, parts in slices.items()
        for part in parts
        if not part["few"] and (accuracy := part["scores"]["accuracy"]) is not None
    ]
    if steady:
        _, kind, name, accuracy = min(steady, key=lambda item: item[0])
        found.append(
            words(
                "caveats.weakest",
                kind=words.kind_of(kind),
                name=words.told("slice", name),
                accuracy=words.in_brackets(accuracy),
            )
        )
    return found
