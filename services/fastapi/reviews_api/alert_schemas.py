"""Shapes of alerts and of the webhook's test."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class KeptAlert(BaseModel):
    """Something that was found red: open while `ended_at` is null."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    kind: Literal["performance", "slice", "retraining-failed", "model-damaged"]
    family: str | None
    metric: str | None
    slice: str | None = Field(description="Such as `source: TrustPilot`")
    run: str | None = Field(description="The model's; where a retraining failed, the DAG's")
    value: float | None
    threshold: float | None = Field(description="What the value should be above")
    detail: str
    since: datetime
    ended_at: datetime | None


class KeptAlerts(BaseModel):
    """The open alerts, then the newest that have ended."""

    items: list[KeptAlert]
    open: int


class WebhookTest(BaseModel):
    """How a test message fared."""

    model_config = ConfigDict(from_attributes=True)

    delivered: bool
    status: int | None = Field(description="Of its answer; null where there was none")
    detail: str
