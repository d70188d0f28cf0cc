"""The base, to read: search, statistics, versions, and the neighbours of a text."""

import re
from datetime import date
from functools import partial
from typing import Annotated

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Query
from pydantic import BeforeValidator

from reviews_api import reading_schemas as schemas
from reviews_api.deps import OpenHome, OpenNeighbours
from reviews_api.problems import refusals
from reviews_api.security import PredictingUser, ReaderUser
from satispy.workflows.reading import Question, past_versions, search_reviews
from satispy.workflows.reading import statistics as spread

router = APIRouter(tags=["data"])

# Each looks through the whole base: more at once take memory and are no faster.
_SLOTS = CapacityLimiter(2)

READING = ("base-damaged", "busy", "not-ready")
"""What reading the base may meet."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Page = Annotated[int, Query(ge=1, le=1_000_000)]
PageSize = Annotated[int, Query(ge=1, le=200)]
Star = Annotated[int, Query(ge=1, le=5)]
Name = Annotated[str, Query(max_length=200)]


def _iso_day(value: object) -> object:
    """Refuse what pydantic would take for a day besides: numbers of seconds, times of day."""
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise ValueError("expected a day as YYYY-MM-DD")
    return value


Day = Annotated[date, BeforeValidator(_iso_day)]


@router.get(
    "/comments",
    summary="Search the reviews of the base",
    responses=refusals(*READING, "invalid-input"),
)
async def comments(
    _user: ReaderUser,
    home: OpenHome,
    star: Annotated[list[Star], Query(default_factory=list, max_length=5)],
    source: Annotated[list[Name], Query(default_factory=list, max_length=20)],
    company: Annotated[list[Name], Query(default_factory=list, max_length=20)],
    text: Annotated[
        str,
        Query(
            max_length=200,
            description="Words that must all stand in the text, in any case and with accents or "
            "without; `livr*` finds what begins so",
        ),
    ] = "",
    since: Annotated[Day | None, Query(description="First day; leaves out undated ones")] = None,
    until: Annotated[Day | None, Query(description="Last day; leaves out undated ones")] = None,
    page: Page = 1,
    page_size: PageSize = 50,
) -> schemas.ReviewPage:
    """Every parameter narrows the answer; one that is repeated asks for any of its values.

    The last added come first. What is being added is not seen before it is committed, what was
    erased not afterwards.
    """
    question = Question(
        text,
        tuple(sorted(set(star))),
        tuple(sorted(set(source))),
        tuple(sorted(set(company))),
        since,
        until,
    )
    ask = partial(search_reviews, home, question, page=page, page_size=page_size)
    items, total = await run_sync(ask, limiter=_SLOTS)
    return schemas.ReviewPage.model_validate(
        {"items": items, "page": page, "page_size": page_size, "total": total}
    )


@router.get("/statistics", summary="How the reviews are spread", responses=refusals(*READING))
async def statistics(_user: ReaderUser, home: OpenHome) -> schemas.Statistics:
    """Of the newest dataset version, counted once for each."""
    return schemas.Statistics.model_validate(await run_sync(spread, home, limiter=_SLOTS))


@router.get("/versions", summary="Dataset versions, newest first")
def versions(
    _user: ReaderUser, home: OpenHome, page: Page = 1, page_size: PageSize = 50
) -> schemas.VersionPage:
    """What made each version: an upload, comments that came together, or the base written anew."""
    items, total = past_versions(home, page=page, page_size=page_size)
    return schemas.VersionPage.model_validate(
        {"items": items, "page": page, "page_size": page_size, "total": total}
    )


@router.post(
    "/neighbours",
    summary="The reviews of the base that are nearest to a text",
    responses=refusals(*READING, "artifact-damaged"),
)
async def neighbours(
    request: schemas.NeighboursRequest, _user: PredictingUser, found: OpenNeighbours
) -> schemas.Neighbours:
    """By the mean of their words' vectors, in which common words count less.

    The last retraining says which reviews are looked at; texts are those of the base as it is.
    """
    answer = await run_sync(found.of, request.text, request.k, limiter=_SLOTS)
    return schemas.Neighbours.model_validate(answer)
