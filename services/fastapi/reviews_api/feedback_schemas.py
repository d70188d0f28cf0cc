"""Corrections, as the OpenAPI page shows them."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from satispy.workflows.feedback import LONGEST_REMARK


class NewFeedback(BaseModel):
    """What a review should have been judged as."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(
        description="The review", examples=["Pas mal du tout, contrairement à ce que je craignais."]
    )
    star: int = Field(ge=1, le=5, strict=True, description="What it should have", examples=[4])
    prediction_id: str | None = Field(
        None, max_length=64, description="The answer that it corrects, as `POST /predict` named it"
    )
    comment: str = Field(
        "", max_length=LONGEST_REMARK, description="What else there is to say; not for the base"
    )


class Rejection(BaseModel):
    """Why a correction is rejected."""

    model_config = ConfigDict(extra="forbid")

    reason: str | None = Field(None, max_length=LONGEST_REMARK, description="Its author reads it")


class Feedback(BaseModel):
    """A correction, and what became of it."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    text: str
    star: int
    prediction_id: str | None
    comment: str
    author: str
    at: datetime
    state: Literal["waiting", "accepted", "rejected"]
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None
    review_id: int | None = Field(description="The inID of the row of the base that says so")


class FeedbackPage(BaseModel):
    """A page of corrections, newest first."""

    items: list[Feedback]
    page: int
    page_size: int
    total: int
