"""Corrections of predictions: recorded by users, decided by admins."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query
from fastapi import Path as InPath

from reviews_api.deps import OpenHome
from reviews_api.feedback_schemas import Feedback, FeedbackPage, NewFeedback, Rejection
from reviews_api.metrics import FEEDBACK
from reviews_api.problems import refusals
from reviews_api.security import AdminUser, CommentingUser, ReaderUser
from reviews_api.strictness import known_parameters
from satispy.workflows import feedback as workflow

router = APIRouter(tags=["feedback"])

Number = Annotated[int, InPath(ge=1, le=workflow.LARGEST_ID)]


@router.post(
    "/feedback",
    status_code=201,
    summary="Say what a prediction should have been",
    dependencies=[Depends(known_parameters)],
    responses=refusals("not-found"),
)
def add_feedback(correction: NewFeedback, user: CommentingUser, home: OpenHome) -> Feedback:
    """It waits until an admin accepts it: then the base says it, with the source `feedback`.

    `prediction_id` names an answer of one's own that is still kept; an admin may name any. Sent
    again while it waits, the same correction is recorded once.
    """
    new = workflow.NewFeedback(**correction.model_dump(), author=user.name)
    done = workflow.add_feedback(home, new, any_prediction=user.role == "admin")
    FEEDBACK.labels("received").inc()
    return Feedback.model_validate(done)


@router.get("/feedback", summary="Corrections, newest first")
def list_feedback(
    user: ReaderUser,
    home: OpenHome,
    state: Annotated[workflow.State | None, Query(description="All where left out")] = None,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    page_size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> FeedbackPage:
    """An admin sees all, others their own."""
    author = None if user.role == "admin" else user.name
    items, total = workflow.feedback_page(
        home, state=state, author=author, page=page, page_size=page_size
    )
    return FeedbackPage.model_validate(
        {"items": items, "page": page, "page_size": page_size, "total": total}
    )


@router.post(
    "/feedback/{feedback_id}/accept",
    summary="Let the base say it",
    dependencies=[Depends(known_parameters)],
    responses=refusals("not-found", "already-decided", "base-damaged"),
)
def accept_feedback(feedback_id: Number, user: AdminUser, home: OpenHome) -> Feedback:
    """It becomes a row of the base, `review_id`, with the source `feedback`.

    Where the base holds the text with that star already, nothing is added and `review_id` is that
    row. Where one row holds it with another star, models learn the new star in its place. Accepted
    again, nothing changes.
    """
    done = workflow.accept_feedback(home, feedback_id, user.name)
    FEEDBACK.labels("accepted").inc()
    return Feedback.model_validate(done)


@router.post(
    "/feedback/{feedback_id}/reject",
    summary="Leave the base as it is",
    dependencies=[Depends(known_parameters)],
    responses=refusals("not-found", "already-decided"),
)
def reject_feedback(
    feedback_id: Number,
    user: AdminUser,
    home: OpenHome,
    rejection: Annotated[Rejection | None, Body()] = None,
) -> Feedback:
    """The author sees that it was rejected, by whom and why. Rejected again, nothing changes."""
    reason = None if rejection is None else rejection.reason
    done = workflow.reject_feedback(home, feedback_id, user.name, reason)
    FEEDBACK.labels("rejected").inc()
    return Feedback.model_validate(done)
