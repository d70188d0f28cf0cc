"""Scores over the runs, and the models that serve."""

from typing import Annotated

from fastapi import APIRouter, Query

from reviews_api import schemas
from reviews_api.deps import OpenHome, OpenPredictor
from reviews_api.errors import RESPONSES
from reviews_api.security import AnyUser
from satispy.workflows.monitor import DEFAULT_THRESHOLD, reporting, serving_models, whole_report

router = APIRouter(tags=["models"], responses=RESPONSES)


@router.get("/reports", summary="Scores of every run, and alerts on the newest")
def reports(
    _user: AnyUser,
    home: OpenHome,
    threshold: Annotated[float, Query(ge=0, le=1)] = DEFAULT_THRESHOLD,
) -> schemas.Reporting:
    """Runs come oldest first. A score that is not above the threshold is an alert."""
    return schemas.Reporting.model_validate(reporting(home.settings, threshold))


@router.get("/reports/{run}", summary="All that the exam of one run found")
def report(run: str, _user: AnyUser, home: OpenHome) -> schemas.WholeReport:
    """Scores with intervals, slices, fairness, yardsticks, the model that served then, folds."""
    return schemas.WholeReport.model_validate(whole_report(home.settings, run))


@router.get("/models", summary="The model of each family that answers")
def models(_user: AnyUser, home: OpenHome, predictor: OpenPredictor) -> schemas.ServedModels:
    return schemas.ServedModels.model_validate({"items": serving_models(home, predictor)})
