"""Reviews in, and the history of uploads."""

from typing import Annotated

from fastapi import APIRouter, Query, UploadFile

from reviews_api import schemas
from reviews_api.deps import OpenHome
from reviews_api.errors import RESPONSES
from reviews_api.security import AdminUser, AnyUser
from satispy.workflows.ingest import ingest_comment, ingest_file, past_uploads

router = APIRouter(tags=["data"], responses=RESPONSES)


@router.post(
    "/uploadfile",
    status_code=201,
    summary="Add the reviews of a CSV file to the base",
    responses={
        409: {"model": schemas.Problem, "description": "The same file was accepted before"},
        413: {"model": schemas.Problem, "description": "The file is too large"},
        415: {"model": schemas.Problem, "description": "The content is no text"},
    },
)
def upload_file(file: UploadFile, user: AdminUser, home: OpenHome) -> schemas.Upload:
    """Columns are found by name; `Commentaire` and `star` are required.

    Rows that the base holds already are counted as duplicates. Bad rows are set aside with the
    reason. The content decides what the file is, not its declared type.
    """
    receipt = ingest_file(home, file.file, file.filename or "upload.csv", user.name)
    return schemas.Upload(**vars(receipt))


@router.post("/comment", status_code=201, summary="Add one review to the base")
def add_comment(comment: schemas.Comment, user: AnyUser, home: OpenHome) -> schemas.CommentReceipt:
    """A comment is always added, also where an equal one stands in the base."""
    receipt = ingest_comment(home, comment.cells(), user.name)
    return schemas.CommentReceipt(**vars(receipt))


@router.get("/uploads", summary="Past uploads, newest first")
def uploads(
    _user: AnyUser,
    home: OpenHome,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    page_size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> schemas.UploadPage:
    items, total = past_uploads(home, page=page, page_size=page_size)
    return schemas.UploadPage.model_validate(
        {"items": items, "page": page, "page_size": page_size, "total": total}
    )
