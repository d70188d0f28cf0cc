"""Shapes of retrainings that Airflow runs."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class RetrainingRequest(BaseModel):
    """What to do in a retraining."""

    model_config = ConfigDict(extra="forbid")

    renew_vectors: bool = Field(False, description="Learn new word vectors, whatever they know")
    ask_for_approval: bool = Field(
        False, description="What the gate blessed serves only once a person approved it, in Airflow"
    )


class RetrainingTask(BaseModel):
    """One task of a retraining."""

    model_config = ConfigDict(from_attributes=True)

    task: str
    state: str = Field(description="Airflow's word for it; `waiting` before it has one")
    started_at: datetime | None
    ended_at: datetime | None
    tries: int


class Retraining(BaseModel):
    """A run of the DAG `retrain_reviews`."""

    model_config = ConfigDict(from_attributes=True)

    id: str = Field(description="Airflow's name of it; reports call it `dag_run`")
    state: Literal["queued", "running", "success", "failed", "waiting-for-approval"]
    by: str = Field(description="Who asked for it, here or in Airflow")
    started_at: datetime | None
    ended_at: datetime | None
    airflow_url: str = Field(description="Where people look at it")
    tasks: list[RetrainingTask] = Field(
        description="In the order of the work; empty just after it was asked for"
    )
    runs: list[str] = Field(description="The models that it published so far")


class Retrainings(BaseModel):
    """The newest retrainings, the newest first; 20 at most."""

    items: list[Retraining]
