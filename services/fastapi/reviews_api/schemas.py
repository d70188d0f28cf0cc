"""What goes in and out, as the OpenAPI page shows it."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator


class BadRow(BaseModel):
    """What is wrong with one row."""

    line: int = Field(description="Line of the file on which the row starts; the header is line 1")
    column: str = Field(description="Empty where the row as a whole is wrong")
    reason: str


class BadRows(BaseModel):
    """What is wrong with the rows of a file."""

    rows_received: int | None = None
    rows_quarantined: int
    by_column: dict[str, int]
    first: list[BadRow] = Field(description="The first 20")


class Problem(BaseModel):
    """A refusal (RFC 9457): a stable code for programs, a sentence for people."""

    type: str = Field(description="Where this kind of refusal is explained, on this API")
    title: str = Field(description="What kind it is; in French where Accept-Language prefers it")
    status: int = Field(description="The HTTP status again")
    detail: str = Field(description="What is wrong in this one case")
    instance: str = Field(description="The path that was asked")
    code: str = Field(description="For programs; docs/errors.md lists them")
    request_id: str = Field(description="The same as in X-Request-ID; the log knows it")
    summary: BadRows | None = Field(None, description="Of a file with too many bad rows")


class ProblemKind(BaseModel):
    """One kind of refusal, explained."""

    model_config = ConfigDict(from_attributes=True)

    type: str
    code: str
    status: int
    title: str = Field(description="In English")
    titre: str = Field(description="In French")
    remedy: str = Field(description="What whoever meets it can do")


class ProblemKinds(BaseModel):
    """Every kind of refusal, by status and code."""

    items: list[ProblemKind]


class Upload(BaseModel):
    """What became of an uploaded file."""

    upload_id: str | None = Field(description="None after a dry run, which adds nothing")
    filename: str
    sha256: str
    rows_received: int = Field(description="Data rows in the file")
    rows_accepted: int = Field(description="Rows added to the base")
    rows_quarantined: int = Field(description="Bad rows, set aside with the reason")
    rows_duplicate: int = Field(description="Rows that the base held already")
    dataset_version: int
    rows_total: int = Field(description="Rows of the base after this upload")
    resubmits: str | None = Field(None, description="The upload whose bad rows this one corrects")
    warnings: list[str] = Field([], description="Such as columns that were left out")
    bad_rows: BadRows | None = Field(
        None,
        description="Why rows were bad. Null where none was; in GET /uploads always, and in an "
        "answer by Idempotency-Key once the quarantine was taken away",
    )


class PastUpload(Upload):
    """An upload in the history."""

    received_by: str
    received_at: datetime


class OneUpload(PastUpload):
    """An upload, and what became of its bad rows."""

    resubmitted_by: list[str] = Field(description="The uploads that brought them back, corrected")


class UploadPage(BaseModel):
    """A page of the uploads, newest first."""

    items: list[PastUpload]
    page: int
    page_size: int
    total: int


class Comment(BaseModel):
    """A single review, with the columns of the base."""

    model_config = ConfigDict(extra="forbid")

    Commentaire: str = Field(examples=["Livraison rapide, je recommande."])
    star: int = Field(ge=1, le=5, strict=True, examples=[5])
    source: str | None = Field(None, max_length=200, examples=["site"])
    company: str | None = Field(None, max_length=200, examples=["DemoShop"])
    date: str | None = Field(
        None, max_length=40, description="YYYY-MM-DD or DD/MM/YYYY", examples=["2026-11-21"]
    )

    def cells(self) -> dict[str, str]:
        """Return the values by column, as text."""
        return {name: str(value) for name, value in self.model_dump(exclude_none=True).items()}


class CommentReceipt(BaseModel):
    """What became of a comment."""

    id: int = Field(description="Its inID in the base")
    dataset_version: int


Text = Annotated[str, StringConstraints(max_length=10_000)]


class PredictionRequest(BaseModel):
    """Texts to judge, and by whom."""

    model_config = ConfigDict(extra="forbid")

    texts: list[Text] = Field(
        min_length=1,
        max_length=100,
        examples=[["Colis jamais arrivé, service client injoignable."]],
    )
    families: list[str] | None = Field(
        None,
        min_length=1,
        description="All that serve where left out",
        examples=[["gbc", "svm", "ann"]],
    )
    explain: bool = Field(False, description="Also say how much each word contributes")

    @field_validator("texts")
    @classmethod
    def _none_blank(cls, texts: list[str]) -> list[str]:
        for place, text in enumerate(texts):
            if not text.strip():
                raise ValueError(f"expected the text of a review, but texts[{place}] is blank")
        return texts


class Contribution(BaseModel):
    """A word as the models read it, and by how much it raises the probability of `positif`."""

    model_config = ConfigDict(from_attributes=True)

    word: str
    weight: float


class Prediction(BaseModel):
    """What one model says of one text."""

    model_config = ConfigDict(from_attributes=True, protected_namespaces=())

    label: Literal[0, 1]
    label_name: Literal["négatif", "positif"]
    probability: float = Field(description="P(label 1)")
    model_version: str = Field(description="Name of the run folder")
    words: list[Contribution] | None = Field(
        None, description="Where `explain` was asked for: its words in their order, each once"
    )


class Predictions(BaseModel):
    """The predictions for one text, by family."""

    predictions: dict[str, Prediction]
    prediction_id: str | None = Field(
        None, description="Absent where predictions are not kept (SATISPY_PREDICTION_DAYS=0)"
    )


class PredictionResponse(BaseModel):
    """One entry per text, in the order of the request."""

    results: list[Predictions]
    champion: str | None = Field(None, description="The family that answers for all")


class UploadOrigin(BaseModel):
    """One upload that a dataset version holds rows of."""

    model_config = ConfigDict(from_attributes=True)

    upload_id: str
    filename: str
    sha256: str = Field(description="Of the file received")
    received_by: str
    received_at: datetime
    rows_accepted: int
    dataset_version: int


class DatasetOrigin(BaseModel):
    """A version of the base."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    rows: int
    chain: str = Field(description="Hash of all bytes of the base up to it, entry by entry")


class Lineage(BaseModel):
    """Where a run came from."""

    model_config = ConfigDict(from_attributes=True)

    run: str
    family: str
    trained_at: datetime
    dag_run: str
    job: str
    code_version: str | None
    text_version: str
    seed: int
    vectors_version: str
    vectors_sha256: str
    dataset: DatasetOrigin
    erased: bool = Field(description="Its bytes are gone: the base was written anew since")
    uploads: list[UploadOrigin] = Field(description="Oldest first")
    comments: int = Field(description="Ledger entries of single comments")
    comment_rows: int
    rewritten: list[str] = Field(description="When, why and by whom the base was written anew")


class KeptAnswer(BaseModel):
    """What one family answered."""

    run: str
    label: Literal[0, 1]
    probability: float


class KeptPrediction(BaseModel):
    """A text that was judged."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    at: datetime
    asked_by: str
    text_mark: str = Field(description="Keyed hash: equal texts have equal marks")
    text: str | None = Field(description="Where SATISPY_PREDICTION_TEXT=kept")
    answers: dict[str, KeptAnswer]


class WholePrediction(BaseModel):
    """A prediction, and the lineage of each run that answered."""

    prediction: KeptPrediction
    lineage: list[Lineage]


class Identity(BaseModel):
    """Who the credentials belong to."""

    username: str
    role: Literal["viewer", "user", "admin"]


class Dataset(BaseModel):
    """State of the base."""

    version: int
    rows: int


class Status(BaseModel):
    """State of the service."""

    service: str
    version: str
    dataset: Dataset
    serving: dict[str, str] = Field(description="Run that answers, by family")
    champion: str | None = Field(description="The family that answers for all")
    alerts: int = Field(description="Models that should answer and cannot; GET /models names them")


_LOW = "Lower end of the 95 % interval; None in reports of an earlier version"
_HIGH = "Upper end of the 95 % interval; None in reports of an earlier version"


class Report(BaseModel):
    """Scores of one run on the exam, as fractions of 1, and how sure they are."""

    family: str
    run: str
    dag_run: str
    trained_at: datetime
    date_heure: str
    rows: int
    dataset_version: int
    accuracy: float
    accuracy_low: float | None = Field(None, description=_LOW)
    accuracy_high: float | None = Field(None, description=_HIGH)
    f1_0: float
    f1_0_low: float | None = Field(None, description=_LOW)
    f1_0_high: float | None = Field(None, description=_HIGH)
    f1_1: float
    f1_1_low: float | None = Field(None, description=_LOW)
    f1_1_high: float | None = Field(None, description=_HIGH)
    macro_f1: float | None = Field(None, description="Mean of f1_0 and f1_1")
    macro_f1_low: float | None = Field(None, description=_LOW)
    macro_f1_high: float | None = Field(None, description=_HIGH)
    exam_rows: int | None = Field(None, description="Reviews in the exam")
    exam_texts: int | None = Field(None, description="Distinct texts among them")
    train_seconds: float
    further: dict[str, float] | None = Field(
        None,
        description="With ?further=true: precision, recall, ROC-AUC, losses, calibration error, "
        "each with `_low` and `_high` where the report has them",
    )


class WholeReport(Report):
    """All that the exam of a run found; docs/reports.md says what each number means."""

    model_config = ConfigDict(extra="allow", protected_namespaces=())

    schema_version: int = Field(1, description="2: with all that follows; 1: from before")
    interval: dict[str, Any] | None = Field(None, description="How the ends were found")
    details: dict[str, Any] | None = Field(
        None, description="Confusion matrix, precision, recall, ROC-AUC, losses, calibration curve"
    )
    slices: dict[str, list[dict[str, Any]]] | None = Field(
        None, description="Scores by source, company, star, words and year"
    )
    fairness: dict[str, Any] | None = Field(
        None, description="Groups by source and company beside the largest one"
    )
    yardsticks: dict[str, Any] | None = Field(
        None, description="Two rules that read no text: the commoner label, overall and by source"
    )
    serving: dict[str, Any] | None = Field(
        None, description="The model that served then, on the same exam, and the difference"
    )
    held_out: dict[str, Any] | None = Field(
        None, description="Scores of cross-validation on the training side"
    )


class Alert(BaseModel):
    """One score of a family's newest run against the threshold."""

    family: str
    metric: str
    value: float
    threshold: float
    state: Literal["ok", "alert"]


class Reporting(BaseModel):
    """History of scores, oldest first, and the alerts of the newest runs."""

    threshold: float
    metrics: list[str]
    items: list[Report]
    alerts: list[Alert]
    unreadable: list[str] = Field(description="Runs left out: their report cannot be read")


class ServedModel(BaseModel):
    """The model of a family that answers."""

    model_config = ConfigDict(protected_namespaces=())

    family: str
    model_version: str
    published_at: datetime
    dataset_version: int
    rows: int
    dataset_erased: bool = Field(
        description="It learnt from rows that were erased, masked or replaced since"
    )
    vectors_version: str
    accuracy: float | None
    f1_0: float | None
    f1_1: float | None


class Decision(BaseModel):
    """One line of the history of what serves."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    at: datetime
    event: Literal["promoted", "held", "rolled-back", "champion"]
    family: str
    run: str
    previous: str | None = Field(description="Run, or champion's family, that it replaced")
    by: str = Field(description="`gate`, or a person")
    reason: str
    comment: str
    overrides: bool = Field(description="A person decided against the gate")


class Decisions(BaseModel):
    """A page of the history, newest first."""

    items: list[Decision]
    total: int


class KnownRun(BaseModel):
    """A run on disk, and what was decided about it last."""

    model_config = ConfigDict(from_attributes=True)

    run: str
    family: str
    trained_at: str
    dataset_version: int
    rows: int
    state: Literal["serving", "held", "earlier", "damaged"]
    champion: bool
    decision: Decision | None
    scores: dict[str, float]


class Check(BaseModel):
    """One question that the gate asked."""

    name: str
    passed: bool
    sentence: str
    figures: dict[str, Any]
    gating: bool = Field(description="Whether a failure holds the model; if not, it is only told")


class Verdict(BaseModel):
    """What the gate said of a run, and which run it was compared with."""

    blessed: bool
    reason: str
    serving: str | None
    checks: list[Check]


class WholeRun(BaseModel):
    """All that was decided about a run, and on what evidence."""

    run: KnownRun
    decisions: list[Decision]
    gate: Verdict | None = Field(description="None for a run from before there was a gate")


_COMMENT = "Why; kept in the history"


class PromotionRequest(BaseModel):
    """Why a run shall answer."""

    model_config = ConfigDict(extra="forbid")

    comment: str = Field("", max_length=2000, description=_COMMENT)
    champion: bool = Field(False, description="Whether its family answers for all from now on")


class RollbackRequest(BaseModel):
    """Why the run before shall answer again."""

    model_config = ConfigDict(extra="forbid")

    comment: str = Field("", max_length=2000, description=_COMMENT)


class Decided(BaseModel):
    """What a request to promote or to roll back led to."""

    changed: bool
    decision: Decision | None = Field(description="None where the run served already")


class ServingAlert(BaseModel):
    """A run that should answer for its family and cannot."""

    model_config = ConfigDict(from_attributes=True)

    family: str
    run: str
    detail: str
    answers: str | None = Field(description="The last good run, which answers meanwhile")


class ServedModels(BaseModel):
    """The models that answer, one per family; what is wrong with them; every run there is."""

    items: list[ServedModel]
    champion: str | None = Field(description="The family that answers for all")
    alerts: list[ServingAlert]
    runs: list[KnownRun]


class ModelCard(BaseModel):
    """What one run is, and how far it can be relied on; docs/model-card.md says what stands where.

    A score is `value` with the ends of its interval, `low` and `high`, null where it has none.
    """

    model_config = ConfigDict(extra="allow", protected_namespaces=())

    schema_version: int
    run: str
    warnings: list[str] = Field(description="To be read before any number; mostly empty")
    details: dict[str, Any] = Field(description="Family, kind, when trained, hyper-parameters")
    intended_use: dict[str, Any] = Field(description="What it is for, and what it is not for")
    factors: list[str]
    data: dict[str, Any] = Field(description="What it learnt from, what it was examined on")
    metrics: dict[str, Any] = Field(
        description="Scores of the exam, rules that read no text, the model that served, folds"
    )
    figures: dict[str, Any] = Field(
        description="Confusion matrix (rows: true label), calibration, learning curve or null"
    )
    slices: dict[str, list[dict[str, Any]]]
    fairness: dict[str, dict[str, Any]]
    ethics: list[str]
    caveats: list[str]
    recommendations: list[str]
    lineage: dict[str, Any] = Field(
        description="Dataset version, word vectors, code, seed, libraries, job, DAG run"
    )


class Health(BaseModel):
    """Alive, or ready."""

    status: Literal["alive", "ready"]
