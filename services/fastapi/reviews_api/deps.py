"""What routes ask for: the home and its predictor, opened once per process.

Coroutines, though they await nothing: FastAPI would run a plain function in a thread.
"""

from typing import Annotated, cast

from fastapi import Depends, Request

from satispy.workflows.neighbours import Neighbours
from satispy.workflows.opening import Home
from satispy.workflows.predict import Predictor


async def _home(request: Request) -> Home:
    return cast(Home, request.app.state.home)


async def _predictor(request: Request) -> Predictor:
    return cast(Predictor, request.app.state.predictor)


async def _neighbours(request: Request) -> Neighbours:
    return cast(Neighbours, request.app.state.neighbours)


OpenHome = Annotated[Home, Depends(_home)]
OpenPredictor = Annotated[Predictor, Depends(_predictor)]
OpenNeighbours = Annotated[Neighbours, Depends(_neighbours)]
