"""Figures, measured: by the benchmarks, and here and now."""

from fastapi import APIRouter

from reviews_api import figures_schemas as schemas
from reviews_api.deps import OpenHome, OpenPredictor
from reviews_api.problems import refusals
from reviews_api.security import ReaderUser
from satispy.workflows.figures.present import present
from satispy.workflows.figures.recorded import recorded

router = APIRouter(tags=["service"])


@router.get(
    "/figures",
    summary="Measured figures of the project and of this installation",
    responses=refusals("artifact-damaged"),
)
def figures(_user: ReaderUser, home: OpenHome, predictor: OpenPredictor) -> schemas.Figures:
    """Each figure names its command and its day; one that was not measured says why."""
    now = schemas.Present.model_validate(present(home, predictor))
    return schemas.Figures(recorded=recorded(home.settings), now=now)
