"""State of the service."""

from fastapi import APIRouter

from reviews_api import schemas
from reviews_api.deps import OpenHome, OpenPredictor
from reviews_api.problems import refusals
from reviews_api.security import ReaderUser
from satispy import __version__
from satispy.workflows.monitor import dataset_state, require_ready

router = APIRouter(tags=["service"])


@router.get("/health", summary="Is the process alive")
async def health() -> schemas.Health:
    return schemas.Health(status="alive")


@router.get(
    "/ready",
    summary="Can it answer predictions",
    responses=refusals("not-ready", "artifact-damaged", "database-lost"),
)
def ready(home: OpenHome, predictor: OpenPredictor) -> schemas.Health:
    require_ready(home, predictor)
    return schemas.Health(status="ready")


@router.get(
    "/status", summary="Service, dataset and serving models", responses=refusals("base-damaged")
)
def status(_user: ReaderUser, home: OpenHome, predictor: OpenPredictor) -> schemas.Status:
    state = {
        "dataset": dataset_state(home),
        "serving": predictor.serving(),
        "champion": predictor.champion(),
        "alerts": len(predictor.troubles()),
    }
    return schemas.Status.model_validate({"service": "satispy", "version": __version__, **state})
