"""A CSV in, the same CSV with predictions out."""

from collections.abc import AsyncIterator
from typing import Annotated

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query, UploadFile
from fastapi.responses import StreamingResponse

from reviews_api.deps import OpenHome, OpenPredictor
from reviews_api.metrics import PREDICTIONS
from reviews_api.problems import refusals
from reviews_api.security import PredictingUser
from reviews_api.strictness import known_parameters, one_file
from satispy.workflows.batch import Batch, Which

# Batches take turns, part by part: side by side they would be no faster, and keep others waiting.
_TURNS = CapacityLimiter(1)

router = APIRouter(tags=["predictions"])


@router.post(
    "/predict/batch",
    summary="Ask about every text of a CSV file",
    dependencies=[Depends(known_parameters), Depends(one_file)],
    response_class=StreamingResponse,
    responses={
        200: {
            "content": {"text/csv": {}},
            "description": "The file, with what the models say",
            "headers": {
                "X-Rows": {
                    "description": "Rows that will be answered",
                    "schema": {"type": "integer", "minimum": 1},
                }
            },
        },
        **refusals("not-a-review-file", "not-ready", "not-found", "artifact-damaged"),
    },
)
async def predict_batch(
    file: UploadFile,
    _user: PredictingUser,
    home: OpenHome,
    predictor: OpenPredictor,
    families: Annotated[
        Which, Query(description="The family that answers for all, or every one that serves")
    ] = "champion",
) -> StreamingResponse:
    """At most 100 000 rows, in a CSV with a column `Commentaire`; other columns come back too.

    The answer is streamed: UTF-8 with byte-order mark, commas; after the columns of the file for
    each family `<family>_label` (0 `négatif`, 1 `positif`) and `<family>_probability` (of label 1),
    then `model_version`, the champion's run, and `error`: why a row has no answer. `X-Rows` says
    how many rows come. Empty lines are left out; a cell that a spreadsheet would run has a `'` in
    front. What is wrong with the file as a whole is said before any row is answered. Nothing of it
    is kept.
    """
    batch = await run_sync(Batch, home.settings, predictor, file.file, families, limiter=_TURNS)
    return StreamingResponse(
        _parts(batch),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="predictions.csv"',
            "X-Rows": str(batch.rows),
        },
    )


async def _parts(batch: Batch) -> AsyncIterator[bytes]:
    """Yield the answer as it is made; nothing more is made once nobody takes it."""
    parts = batch.answer()
    while (part := await run_sync(next, parts, None, limiter=_TURNS)) is not None:
        for family in batch.families:
            PREDICTIONS.labels(family).inc(part.texts)
        yield part.content
