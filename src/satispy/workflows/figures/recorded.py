"""The figures that the benchmarks left in ``benchmarks/figures.json``; this is their form."""

from datetime import date
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from satispy.core.errors import ArtifactDamaged
from satispy.core.files import read_json
from satispy.core.settings import Settings, repository
from satispy.core.validation import explain


class Amount(BaseModel):
    """A value and its unit."""

    model_config = ConfigDict(extra="forbid")

    value: float
    unit: str


class Figure(BaseModel):
    """One figure, with what makes it worth anything: command, day and machine."""

    model_config = ConfigDict(extra="forbid")

    id: str
    topic: str = Field(description="Such as memory, quality, security")
    title: str = Field(description="In English")
    titre: str = Field(description="In French")
    value: float | None = Field(description="Null where it was not measured; the note says why")
    unit: str = Field(description="Empty for a count")
    better: Literal["lower", "higher"]
    aim: float | None = Field(description="What we want, in the same unit")
    met: bool | None = Field(description="Whether the aim is met")
    published: Amount | None = Field(description="What the first published system had")
    beats_published: bool | None
    command: str = Field(description="What measures it")
    date: str | None = Field(description="The day on which it was measured")
    machine: str | None
    note: str
    remarque: str = Field(description="The note in French")

    @model_validator(mode="after")
    def _is_worth_something(self) -> Self:
        if self.value is None:
            if not self.note or not self.remarque:
                raise ValueError(f"expected a reason why {self.id} was not measured")
        elif not (self.command and self.date and self.machine):
            raise ValueError(f"expected command, date and machine of {self.id}")
        elif date.fromisoformat(self.date).isoformat() != self.date:
            raise ValueError(f"expected a day as 2026-11-21, but received {self.date}")
        return self


class Fact(BaseModel):
    """A mistake of the published system that is no number, and the test that holds it off."""

    model_config = ConfigDict(extra="forbid")

    id: str
    title: str
    titre: str
    published: str
    publie: str
    here: str
    ici: str
    proof: str = Field(description="The test, below tests/")


class Recorded(BaseModel):
    """All that the benchmarks found."""

    model_config = ConfigDict(extra="forbid")

    schema_version: Literal[1]
    newest: date = Field(description="When the newest figure was measured")
    figures: list[Figure]
    facts: list[Fact]


def recorded(settings: Settings) -> Recorded | None:
    """Return the figures of the benchmarks; None where this installation has no such file.

    Raises
    ------
    ArtifactDamaged
        If the file is not of this form.
    """
    path = settings.figures or repository() / "benchmarks" / "figures.json"
    if not path.is_file():
        return None
    return read_figures(path)


def read_figures(path: Path) -> Recorded:
    """Return the figures in a file.

    Raises
    ------
    ArtifactDamaged
        If the file is not of this form.
    """
    try:
        return Recorded.model_validate(read_json(path))
    except ValidationError as error:
        raise ArtifactDamaged(
            f"expected figures in {path}, but {explain(error)}; write the file anew with "
            "python benchmarks/collect_figures.py"
        ) from error
