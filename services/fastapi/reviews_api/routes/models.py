"""Scores over the runs, the models that serve, and who may change that."""

from typing import Annotated, get_args

from fastapi import APIRouter, Query, Response

from reviews_api import schemas
from reviews_api.deps import OpenHome, OpenPredictor
from reviews_api.problems import refusals
from reviews_api.security import AdminUser, ReaderUser
from satispy.workflows import promotion, tracking
from satispy.workflows.model_card.files import read_card, read_card_html
from satispy.workflows.model_card.schema import Language
from satispy.workflows.monitor import reporting, serving_models, whole_report

router = APIRouter(tags=["models"])

OF_A_RUN = refusals("not-found", "artifact-damaged")
OF_ALL_RUNS = refusals("artifact-damaged")

CARD_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""A card is text and drawings: no script, no network, no frame around it."""


@router.get(
    "/reports", summary="Scores of every run, and alerts on the newest", responses=OF_ALL_RUNS
)
def reports(
    _user: ReaderUser,
    home: OpenHome,
    threshold: Annotated[float | None, Query(ge=0, le=1)] = None,
    further: Annotated[bool, Query(description="With all scores, not the headline alone")] = False,
) -> schemas.Reporting:
    """Runs come oldest first. A score that is not above the threshold is an alert.

    Without one, that of `SATISPY_ALERT_THRESHOLD` (0.80).
    """
    found = reporting(home.settings, threshold, further=further)
    return schemas.Reporting.model_validate(found)


@router.get("/reports/{run}", summary="All that the exam of one run found", responses=OF_A_RUN)
def report(run: str, _user: ReaderUser, home: OpenHome) -> schemas.WholeReport:
    """Scores with intervals, slices, fairness, yardsticks, the model that served then, folds."""
    return schemas.WholeReport.model_validate(whole_report(home.settings, run))


@router.get(
    "/models",
    summary="The model of each family that answers, and every run there is",
    responses=OF_ALL_RUNS,
)
def models(_user: ReaderUser, home: OpenHome, predictor: OpenPredictor) -> schemas.ServedModels:
    """`alerts` name models that should answer and cannot: then the last good one does."""
    return schemas.ServedModels.model_validate(
        {
            "items": serving_models(home, predictor),
            "champion": predictor.champion(),
            "alerts": predictor.troubles(),
            "runs": promotion.known_runs(home.settings),
        }
    )


@router.get(
    "/models/{run}",
    summary="One run: its state, the gate's checks, all decisions",
    responses=OF_A_RUN,
)
def model(run: str, _user: ReaderUser, home: OpenHome) -> schemas.WholeRun:
    known, decisions, verdict = promotion.known_run(home.settings, run)
    return schemas.WholeRun.model_validate(
        {"run": known, "decisions": decisions, "gate": verdict or None}
    )


@router.post(
    "/models/{run}/promote",
    summary="Let a run answer for its family",
    responses=refusals("not-found", "not-ready", "busy", "artifact-damaged", "store-lost"),
)
def promote(
    run: str, user: AdminUser, home: OpenHome, request: schemas.PromotionRequest
) -> schemas.Decided:
    """A run that the gate held needs a comment, and the history says that it was overridden.

    The run is opened first: what cannot answer is not promoted. Running workers take it within
    seconds, without a lost request.
    """
    decision = promotion.promote(
        home.settings,
        run,
        by=user.name,
        comment=request.comment,
        champion=request.champion,
        clock=home.clock,
    )
    tracking.follow_in_background(home.settings)
    return schemas.Decided.model_validate({"changed": decision is not None, "decision": decision})


@router.post(
    "/families/{family}/rollback",
    summary="Let the run before answer again",
    responses=refusals("not-found", "not-ready", "busy", "artifact-damaged", "store-lost"),
)
def rollback(
    family: str, user: AdminUser, home: OpenHome, request: schemas.RollbackRequest
) -> schemas.Decided:
    """Twice goes back two runs. Runs that cannot be read are passed over."""
    decision = promotion.roll_back(
        home.settings, family, by=user.name, comment=request.comment, clock=home.clock
    )
    tracking.follow_in_background(home.settings)
    return schemas.Decided.model_validate({"changed": True, "decision": decision})


@router.get(
    "/promotions", summary="Every decision on what serves, newest first", responses=OF_ALL_RUNS
)
def promotions(
    _user: ReaderUser,
    home: OpenHome,
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> schemas.Decisions:
    """The chain of hashes is compared first; a history that was changed is an error."""
    decisions = promotion.history(home.settings)[::-1]
    return schemas.Decisions.model_validate(
        {"items": decisions[offset : offset + limit], "total": len(decisions)}
    )


@router.get("/models/{run}/card", summary="The model card of one run", responses=OF_A_RUN)
def card(run: str, _user: ReaderUser, home: OpenHome) -> schemas.ModelCard:
    """What the run is, is for and is not for, its scores, figures as data, caveats, lineage."""
    return schemas.ModelCard.model_validate(read_card(home.settings, run))


@router.get(
    "/models/{run}/card.html",
    summary="The model card of one run, as a page",
    response_class=Response,
    responses={
        200: {
            "content": {"text/html": {}},
            "description": "One file that needs nothing else",
            "headers": {
                "Content-Language": {
                    "description": "The language that it is in",
                    "schema": {"enum": list(get_args(Language))},
                }
            },
        },
        **OF_A_RUN,
    },
)
def card_page(
    run: str,
    _user: ReaderUser,
    home: OpenHome,
    language: Annotated[Language, Query(description="In which it is written")] = "en",
) -> Response:
    """The same as `/models/{run}/card`, to read, print or keep.

    A run of before there were cards in French has its English one: `Content-Language` tells.
    """
    page, written_in = read_card_html(home.settings, run, language)
    headers = {
        "Content-Language": written_in,
        "Content-Security-Policy": CARD_POLICY,
        "X-Content-Type-Options": "nosniff",
    }
    return Response(page, media_type="text/html; charset=utf-8", headers=headers)
