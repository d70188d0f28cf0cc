"""Predictions on demand."""

from functools import partial

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter

from reviews_api import schemas
from reviews_api.deps import OpenPredictor
from reviews_api.errors import RESPONSES
from reviews_api.security import AnyUser

# Words become numbers under Python's lock: more threads take memory and are no faster.
_SLOTS = CapacityLimiter(2)

router = APIRouter(tags=["predictions"], responses=RESPONSES)


@router.post(
    "/predict",
    summary="Ask the serving models about 1 to 100 texts",
    response_model_exclude_none=True,
    responses={503: {"model": schemas.Problem, "description": "No model serves yet"}},
)
async def predict(
    request: schemas.PredictionRequest, _user: AnyUser, predictor: OpenPredictor
) -> schemas.PredictionResponse:
    """Label 0 is `négatif`, label 1 `positif`; `probability` is that of label 1.

    With `explain`, each prediction says by how much each word raises that probability: the answer
    with the word less the answer without it (occlusion), for the first 200 distinct words. Each
    word costs an answer of its own, so a request may explain at most 20 000 characters in all.
    """
    ask = partial(predictor.predict, request.texts, request.families, explain=request.explain)
    if not request.explain and predictor.answers_at_once(request.texts):
        results = ask()
    else:
        results = await run_sync(ask, limiter=_SLOTS)
    return schemas.PredictionResponse.model_validate(
        {
            "results": [{"predictions": result} for result in results],
            "champion": predictor.champion(),
        }
    )
