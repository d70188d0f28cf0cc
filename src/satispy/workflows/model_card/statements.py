"""What a card says in sentences: of every model the same, or drawn from its numbers."""

from collections.abc import Mapping, Sequence

from satispy.workflows.model_card.schema import IntendedUse, Metrics, Part
from satispy.workflows.model_card.words import in_brackets, kind_of, percent, whole
from satispy.workflows.retraining.reviews import ReviewFacts

SYNTHETIC = "Synthétique"
"""Reviews whose source begins so were made up, as those of the demo are."""

INTENDED_USE: IntendedUse = {
    "purpose": "Tells whether a French customer review is satisfied (label 1, positive: 3 to 5 "
    "stars) or not (label 0, negative: 1 or 2 stars), with a probability.",
    "uses": [
        "counting and following what many customers say;",
        "choosing which reviews to read first.",
    ],
    "users": "those who answer for a shop's customer service and those who retrain the model",
    "out_of_scope": [
        "decisions about single persons: who wrote a review, or who is named in it;",
        "other languages, and other kinds of text than customer reviews;",
        "finding out why a customer is unhappy: it tells that, not why.",
    ],
}

FACTORS = [
    "It reads the words of the review. It reads neither its source nor its company, nor date, "
    "stars or identity.",
    "The judgement parts the exam by source, company, stars given, words in the review and year, "
    "which the model never sees: a score over all hides where a model fails.",
    "Nothing is known of who wrote a review (age, gender, region), so nothing can be said about "
    "groups of persons.",
]

ETHICS = [
    "Reviews are written by persons, at times about persons. The words that the model knows stand "
    "in encoder.json beside it; names that several reviews hold may be among them.",
    "A gap in the share called positive is no fault where groups truly differ. A gap in recall_0 "
    "means that the unhappy customers of one group are heard less.",
    "Where the source gives the label away, a model learns the style of the source along with the "
    "opinion, and treats a review of unusual style unfairly.",
]

RECOMMENDATIONS = [
    "Compare two runs on the same exam by the difference, not by their intervals.",
    "Let a person read reviews whose probability is near .5 before anything follows from them.",
    "Do not rank sources or companies by the share called positive alone.",
    "Retrain when reviews of a new source, company or kind of product come in.",
]


def warnings(reviews: ReviewFacts, metrics: Metrics) -> list[str]:
    """Return what must be read before any number; of most runs nothing."""
    found = []
    made_up = sum(rows for name, rows in reviews.sources.items() if name.startswith(SYNTHETIC))
    if made_up:
        found.append(
            f"{whole(made_up)} of the reviews are synthetic, made up for a demonstration: the "
            "scores say that the machinery works, and nothing about real customers."
        )
    gap = metrics["yardsticks"]["source_rule"]["difference"]["accuracy"]
    if gap["low"] is not None and gap["low"] <= 0:
        found.append(
            "On this exam the model has not shown that it knows more than where a review comes "
            "from: in accuracy it is above the rule that answers by source alone by "
            f"{in_brackets(gap)}."
        )
    return found


def caveats(reviews: ReviewFacts, slices: Mapping[str, Sequence[Part]]) -> list[str]:
    """Return what to keep in mind of the model, its weakest slice among it."""
    found = [
        "French only; words that training never saw say nothing to it.",
        "Made for short texts: irony, comparisons and mixed opinions are often read wrongly.",
        "The label is the reviewer's stars, which at times contradict the text.",
        "In these reviews the source alone gives the label right in "
        f"{percent(reviews.right_by_source)} (always answering the commoner label: "
        f"{percent(max(reviews.negative, 1 - reviews.negative))}). The nearer to 100 %, the less "
        "is known about reviews of other sources, whose style the model may have learnt with it.",
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
            f"It is weakest in the slice {kind_of(kind)} “{name}”: accuracy "
            f"{in_brackets(accuracy)}."
        )
    return found
