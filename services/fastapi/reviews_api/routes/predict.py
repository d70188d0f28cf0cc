"""Predictions on demand."""

from functools import partial

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool

from reviews_api import schemas
from reviews_api.deps import OpenPredictor
from reviews_api.errors import RESPONSES
from reviews_api.security import AnyUser

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
    with the word less the answer without it (occlusion), for the first 200 distinct words.
    """
    ask = partial(predictor.predict, request.texts, request.families, explain=request.explain)
    if not request.explain and predictor.answers_at_once(request.texts):
        results = ask()
    else:
        results = await run_in_threadpool(ask)
    return schemas.PredictionResponse.model_validate(
        {"results": [{"predictions": result} for result in results]}
    )
