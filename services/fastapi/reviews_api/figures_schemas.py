"""Shapes of the figures of this project and of this installation."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from satispy.workflows.figures.recorded import Recorded


class Trained(BaseModel):
    """The newest training of a family."""

    model_config = ConfigDict(from_attributes=True)

    family: str
    run: str
    seconds: float
    rows: int
    trained_at: datetime
    dag_run: str


class Answered(BaseModel):
    """How a family that serves answers questions that models find hard."""

    model_config = ConfigDict(from_attributes=True)

    family: str
    run: str
    kind: str = Field(description="Such as negation, irony, other languages")
    passed: int
    asked: int
    wrong: list[str] = Field(description="Some texts that it got wrong")
    held: bool = Field(
        description="Whether the gate asked it, when the run was judged; else it is asked now"
    )


class OfLength(BaseModel):
    """How a family that serves scored on reviews of so many words."""

    model_config = ConfigDict(from_attributes=True)

    family: str
    run: str
    words: str
    rows: int
    accuracy: float
    accuracy_low: float | None
    accuracy_high: float | None
    few: bool = Field(description="Too few reviews to build on")


class Present(BaseModel):
    """What this installation measures of itself."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    machine: str
    versions: dict[str, str]
    rows: int | None
    dataset_version: int | None
    uploads: int | None
    runs: int = Field(description="Trained models that are kept")
    api_mib: float = Field(description="Memory (PSS) of the process that answers")
    home_mb: float = Field(description="Base, reports, vectors and models on the disk, 10^6 bytes")
    trainings: list[Trained]
    answers: list[Answered]
    lengths: list[OfLength]


class Figures(BaseModel):
    """What the benchmarks found once, and what is so here, now."""

    recorded: Recorded | None = Field(description="Null where there is no file of figures")
    now: Present
