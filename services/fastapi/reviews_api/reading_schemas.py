"""What the routes that read the base answer, as the OpenAPI page shows it."""

import datetime as dt

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Review(BaseModel):
    """One review of the base."""

    model_config = ConfigDict(from_attributes=True)

    id: int = Field(description="Its inID in the base")
    Commentaire: str
    star: int
    source: str
    company: str
    date: dt.date | None
    upload_id: str | None = Field(
        description="The upload that brought it; null where it came otherwise, or the base was "
        "written anew since"
    )


class ReviewPage(BaseModel):
    """A page of reviews, the last added first."""

    items: list[Review]
    page: int
    page_size: int
    total: int = Field(description="Reviews that answer, over all pages")


class StarRows(BaseModel):
    """Reviews of a star."""

    star: int
    rows: int


class SourceRows(BaseModel):
    """Reviews of a source; empty where none was given."""

    source: str
    rows: int


class CompanyRows(BaseModel):
    """Reviews of a company; empty where none was given, null for all that are not listed."""

    company: str | None
    rows: int


class LengthRows(BaseModel):
    """Reviews of so many characters, both ends included; the last class has no end."""

    model_config = ConfigDict(populate_by_name=True)

    from_: int = Field(alias="from")
    to: int | None
    rows: int


class MonthRows(BaseModel):
    """Reviews of a month, and the mean of their stars."""

    month: str = Field(description="YYYY-MM")
    rows: int
    mean_star: float


class Statistics(BaseModel):
    """How the reviews of a dataset version are spread."""

    version: int
    rows: int
    stars: list[StarRows] = Field(description="1 to 5")
    sources: list[SourceRows] = Field(description="The largest first")
    companies: list[CompanyRows] = Field(description="The 20 largest, then all others together")
    lengths: list[LengthRows] = Field(description="The shortest first")
    months: list[MonthRows] = Field(description="The oldest first; months without any left out")
    undated: int


class Version(BaseModel):
    """A dataset version: what made it, and whether it can be read still."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    kind: str = Field(description="genesis, upload, comment, adopted, erased, masked")
    rows_accepted: int = Field(description="Rows that it brought")
    rows_total: int = Field(description="Rows of the base after it")
    upload_id: str | None
    filename: str | None
    received_by: str
    received_at: dt.datetime
    readable: bool = Field(description="False where the base was written anew since")


class VersionPage(BaseModel):
    """A page of the dataset versions, newest first."""

    items: list[Version]
    page: int
    page_size: int
    total: int


class NeighboursRequest(BaseModel):
    """A text, and how many reviews near it."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=10_000, examples=["Colis jamais arrivé, aucune réponse."])
    k: int = Field(5, ge=1, le=20, strict=True)

    @field_validator("text")
    @classmethod
    def _not_blank(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("expected the text of a review, but it is blank")
        return text


class Neighbour(BaseModel):
    """A review near a text."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    Commentaire: str
    star: int
    source: str
    similarity: float = Field(description="Cosine of the mean word vectors, -1 to 1")


class Neighbours(BaseModel):
    """The reviews nearest to a text, the nearest first; each text once."""

    model_config = ConfigDict(from_attributes=True)

    vectors_version: str
    dataset_version: int = Field(description="Of the last retraining; later reviews are not in it")
    items: list[Neighbour] = Field(description="Empty where no word of the text has a vector")
