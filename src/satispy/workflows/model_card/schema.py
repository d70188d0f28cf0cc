"""The form of ``card.json``: all that a card says, as data. Raise `SCHEMA` when it changes."""

from typing import Literal, TypedDict

from satispy.core.code_version import CodeVersion
from satispy.models.curve import PlainCurve

SCHEMA = 1

Language = Literal["en", "fr"]

JSON_FILE, MARKDOWN_FILE = "card.json", "card.md"
HTML_FILES: dict[Language, str] = {"en": "card.html", "fr": "card.fr.html"}
"""Data and Markdown are in English alone; people get the page in their language."""


class Sure(TypedDict):
    """A score, or a difference of scores, with the ends of its interval where it has one."""

    value: float
    low: float | None
    high: float | None


class Details(TypedDict):
    """What the model is."""

    family: str
    about: str
    trained_at: str
    train_seconds: float
    parameters: dict[str, int | float]


class IntendedUse(TypedDict):
    """What it is for, for whom, and what it is not for."""

    purpose: str
    uses: list[str]
    users: str
    out_of_scope: list[str]


class Data(TypedDict):
    """What it learnt from, and what it was examined on."""

    reviews: int
    training_side: int
    learnt_from: int
    exam_reviews: int
    exam_texts: int
    negative: float
    median_words: float
    sources: dict[str, int]
    further_sources: int


class Interval(TypedDict):
    """How the ends of the intervals were found."""

    level: float
    method: str
    resamples: int
    seed: int


class Part(TypedDict):
    """Scores of a part of the exam; None where a class is missing, so that one means nothing."""

    name: str
    n: int
    n_0: int
    n_1: int
    few: bool
    scores: dict[str, Sure | None]


class Rule(TypedDict):
    """A rule that reads no text: its scores, by how much the model is above it."""

    scores: dict[str, Sure]
    difference: dict[str, Sure]
    within_source: list[Part]


class Serving(TypedDict):
    """The model that served before, on the same exam; scores are None unless it was examined."""

    state: Literal["none", "unreadable", "examined"]
    run: str | None
    code: str | None
    scores: dict[str, Sure] | None
    difference: dict[str, Sure] | None


class HeldOut(TypedDict):
    """Cross-validation on the training side."""

    n: int
    folds: int
    scores: dict[str, Sure]
    mean: dict[str, float]
    spread: dict[str, float | None]
    above_source_rule: dict[str, Sure]


class Metrics(TypedDict):
    """How it scored."""

    interval: Interval
    scores: dict[str, Sure]
    yardsticks: dict[str, Rule]
    serving: Serving
    held_out: HeldOut | None


class Group(TypedDict):
    """Scores of one group; None where a class is missing."""

    name: str
    n: int
    few: bool
    scores: dict[str, float | None]


class Fairness(TypedDict):
    """Groups beside each other; gaps and ratios are between those that are not few."""

    largest: str
    groups: list[Group]
    widest_gap: dict[str, float | None]
    lowest_ratio: dict[str, float | None]


class Bin(TypedDict):
    """One bin of the calibration curve; the means are None where it is empty."""

    low: float
    high: float
    n: int
    mean_probability: float | None
    share_positive: float | None


class Figures(TypedDict):
    """What the figures are drawn from; confusion has true labels as rows."""

    confusion: list[list[int]]
    calibration: list[Bin]
    learning_curve: PlainCurve | None


class Dataset(TypedDict):
    """Which version of the base."""

    number: int
    chain: str
    rows: int


class Vectors(TypedDict):
    """Which word vectors."""

    version: str
    sha256: str
    coverage: float | None


class Lineage(TypedDict):
    """What it takes to make the run again.

    `uploads` has a line for each upload that the dataset version holds rows of, oldest first, and
    `further_uploads` says how many more there are.
    """

    dataset: Dataset
    uploads: list[str]
    further_uploads: int
    vectors: Vectors
    code: CodeVersion | None
    seed: int
    text_version: str
    libraries: dict[str, str]
    job: str
    dag_run: str


class ModelCard(TypedDict):
    """The whole card; a reader of an older schema finds no field that changed its meaning."""

    schema_version: int
    run: str
    warnings: list[str]
    details: Details
    intended_use: IntendedUse
    factors: list[str]
    data: Data
    metrics: Metrics
    figures: Figures
    slices: dict[str, list[Part]]
    fairness: dict[str, Fairness]
    ethics: list[str]
    caveats: list[str]
    recommendations: list[str]
    lineage: Lineage
