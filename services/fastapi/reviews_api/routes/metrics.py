"""Figures for Prometheus."""

from typing import Annotated

from fastapi import APIRouter, Header, Response

from reviews_api.deps import OpenHome, OpenPredictor
from reviews_api.metrics import exposition
from reviews_api.security import ReaderUser

router = APIRouter(tags=["service"])


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "In Prometheus's format"}},
)
def metrics(
    _user: ReaderUser,
    home: OpenHome,
    predictor: OpenPredictor,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    content, media_type = exposition(home, predictor, accept)
    return Response(content, media_type=media_type)
