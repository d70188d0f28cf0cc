"""Retraining now, and how far it is."""

from functools import partial
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request

from reviews_api.outbound import Outbound
from reviews_api.problems import refusals
from reviews_api.retraining_schemas import Retraining, RetrainingRequest, Retrainings
from reviews_api.security import AdminUser, ReaderUser
from satispy.core.errors import AirflowAway
from satispy.workflows import dag_runs

router = APIRouter(tags=["retraining"])
_AIRFLOW = Outbound(4, 32, lambda: AirflowAway("too many wait for Airflow; try again"))
OF_AIRFLOW = ("airflow-away", "airflow-refused")


async def _retrainings(request: Request) -> dag_runs.Retrainings:
    return cast(dag_runs.Retrainings, request.app.state.retrainings)


Asked = Annotated[dag_runs.Retrainings, Depends(_retrainings)]


@router.post(
    "/retrain",
    status_code=202,
    summary="Retrain every family now",
    responses=refusals("already-queued", "busy", *OF_AIRFLOW),
)
async def start(wish: RetrainingRequest, user: AdminUser, asked: Asked) -> Retraining:
    """Airflow runs the DAG `retrain_reviews`. While one is under way, one more may wait."""
    started = await _AIRFLOW.run(
        partial(
            asked.start,
            user.name,
            renew_vectors=wish.renew_vectors,
            ask_for_approval=wish.ask_for_approval,
        )
    )
    return Retraining.model_validate(started)


@router.get("/retrain", summary="The newest retrainings", responses=refusals(*OF_AIRFLOW))
async def newest(_user: ReaderUser, asked: Asked) -> Retrainings:
    """Also those that were started in Airflow. Those of `satispy retrain` are not among them."""
    found = await _AIRFLOW.run(asked.newest)
    return Retrainings.model_validate({"items": found}, from_attributes=True)


@router.get(
    "/retrain/{retraining_id}",
    summary="How far a retraining is",
    responses=refusals("not-found", *OF_AIRFLOW),
)
async def one(retraining_id: str, _user: ReaderUser, asked: Asked) -> Retraining:
    return Retraining.model_validate(await _AIRFLOW.run(partial(asked.one, retraining_id)))
