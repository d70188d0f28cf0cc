"""Predictions on demand, and where they came from."""

from collections.abc import Sequence
from functools import partial

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter

from reviews_api import schemas
from reviews_api.deps import OpenHome, OpenPredictor
from reviews_api.metrics import PREDICTIONS
from reviews_api.problems import refusals
from reviews_api.security import PredictingUser, ReaderUser
from satispy.core.errors import NotFound
from satispy.workflows.lineage import find_prediction, lineage_of_run

# Words become numbers under Python's lock: more threads take memory and are no faster.
_SLOTS = CapacityLimiter(2)

router = APIRouter(tags=["predictions"])


@router.post(
    "/predict",
    summary="Ask the serving models about 1 to 100 texts",
    response_model_exclude_none=True,
    responses=refusals("not-found", "not-ready", "artifact-damaged"),
)
async def predict(
    request: schemas.PredictionRequest,
    user: PredictingUser,
    home: OpenHome,
    predictor: OpenPredictor,
) -> schemas.PredictionResponse:
    """Label 0 is `négatif`, label 1 `positif`; `probability` is that of label 1.

    Each answer has a `prediction_id`, kept for some time: `GET /predictions/{prediction_id}` says
    which runs answered, and what they learnt from.

    With `explain`, each prediction says by how much each word raises that probability: the answer
    with the word less the answer without it (occlusion), for the first 200 distinct words. Each
    word costs an answer of its own, so a request may explain at most 20 000 characters in all.
    """
    ask = partial(predictor.predict, request.texts, request.families, explain=request.explain)
    if not request.explain and predictor.answers_at_once(request.texts):
        results = ask()
    else:
        results = await run_sync(ask, limiter=_SLOTS)
    for family in results[0]:
        PREDICTIONS.labels(family).inc(len(results))
    kept = home.predictions.record(user.name, request.texts, results)
    ids: Sequence[str | None] = [None] * len(results) if kept is None else kept
    return schemas.PredictionResponse.model_validate(
        {
            "results": [
                {"predictions": result, "prediction_id": one}
                for result, one in zip(results, ids, strict=True)
            ],
            "champion": predictor.champion(),
        }
    )


@router.get(
    "/predictions/{prediction_id}",
    summary="Where an answer came from",
    responses=refusals("not-found", "artifact-damaged"),
)
def prediction(prediction_id: str, user: ReaderUser, home: OpenHome) -> schemas.WholePrediction:
    """The runs that answered, their dataset versions, and the uploads behind those.

    For whoever asked, and for admins.
    """
    found = find_prediction(home, prediction_id)
    if user.role != "admin" and found.asked_by != user.name:
        raise NotFound(f"no prediction {prediction_id[:40]!r} of yours")
    runs = {str(answer["run"]) for answer in found.answers.values()}
    lineage = [lineage_of_run(home, run) for run in sorted(runs)]
    return schemas.WholePrediction.model_validate({"prediction": found, "lineage": lineage})


@router.get(
    "/lineage/{run}",
    summary="What a run was made of: data, uploads, vectors, code",
    responses=refusals("not-found", "artifact-damaged"),
)
def lineage(run: str, _user: ReaderUser, home: OpenHome) -> schemas.Lineage:
    return schemas.Lineage.model_validate(lineage_of_run(home, run))
