"""Reviews in, and the history of uploads."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response, UploadFile
from fastapi.responses import StreamingResponse

from reviews_api import schemas
from reviews_api.deps import OpenHome
from reviews_api.metrics import COMMENTS, upload_counted
from reviews_api.problems import refusals
from reviews_api.security import CommentingUser, ReaderUser, UploadingUser
from reviews_api.strictness import known_parameters, one_file
from satispy.workflows.ingest import (
    Delivery,
    examine_file,
    for_spreadsheets,
    ingest_file,
    past_upload,
    past_uploads,
    quarantine_of,
)

router = APIRouter(tags=["data"])

ADDING = ("key-reused", "busy", "base-damaged", "not-ready")
"""What adding to the base may meet, whoever adds what."""

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern="^[!-~]+$",
        description="Made up by the sender, anew for each new request: sent again with the same "
        "content within 30 days, the first answer comes again and nothing is added twice.",
    ),
]


@router.post(
    "/uploadfile",
    status_code=201,
    summary="Add the reviews of a CSV file to the base",
    dependencies=[Depends(known_parameters), Depends(one_file)],
    responses={
        200: {"model": schemas.Upload, "description": "After a dry run: what would happen"},
        **refusals(
            *ADDING, "duplicate-upload", "not-found", "not-a-review-file", "too-many-bad-rows"
        ),
    },
)
def upload_file(
    file: UploadFile,
    user: UploadingUser,
    home: OpenHome,
    response: Response,
    idempotency_key: IdempotencyKey = None,
    resubmits: Annotated[
        str | None,
        Query(max_length=64, description="The upload whose bad rows this file brings, corrected"),
    ] = None,
    dry_run: Annotated[bool, Query(description="Say what would happen; add nothing")] = False,
) -> schemas.Upload:
    """Add the reviews of one file.

    - CSV in UTF-8, with or without byte-order mark; comma, semicolon or tab; double quotes.
    - Columns by name, in any order and case: `Commentaire` (not blank, at most
      `SATISPY_MAX_TEXT_LENGTH` characters, 10 000 by default) and `star` (1 to 5) are required;
      `source`, `company`, `index_org`, `star_org` (at most 200 characters each) and `date`
      (`YYYY-MM-DD` or `DD/MM/YYYY`, not in the future) may be there, others are left out.
    - At most `SATISPY_MAX_UPLOAD_MB` MB; refused as a whole where more than
      `SATISPY_MAX_BAD_SHARE` of the rows (half by default) are bad, but for a resubmission.

    Rows that the base holds already are counted as duplicates. Bad rows are set aside with the
    reason: `GET /uploads/{upload_id}/quarantine` gives them back as CSV, to be corrected and sent
    again with `resubmits`. The content decides what the file is, not its declared type.
    """
    name = file.filename or "upload.csv"
    delivery = Delivery(file.file, name, user.name, resubmits, idempotency_key)
    with upload_counted() as counted:
        if dry_run:
            response.status_code = 200
            return schemas.Upload.model_validate(vars(counted(examine_file(home, delivery))))
        return schemas.Upload.model_validate(vars(counted(ingest_file(home, delivery))))


@router.post(
    "/comment",
    status_code=201,
    summary="Add one review to the base",
    dependencies=[Depends(known_parameters)],
    responses=refusals(*ADDING),
)
async def add_comment(
    comment: schemas.Comment,
    user: CommentingUser,
    home: OpenHome,
    idempotency_key: IdempotencyKey = None,
) -> schemas.CommentReceipt:
    """A comment is always added, also where an equal one stands in the base."""
    written = home.comments.add(comment.cells(), user.name, idempotency_key)
    receipt = await asyncio.wrap_future(written)
    COMMENTS.inc()
    return schemas.CommentReceipt(**vars(receipt))


@router.get("/uploads", summary="Past uploads, newest first")
def uploads(
    _user: ReaderUser,
    home: OpenHome,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    page_size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> schemas.UploadPage:
    items, total = past_uploads(home, page=page, page_size=page_size)
    return schemas.UploadPage.model_validate(
        {"items": items, "page": page, "page_size": page_size, "total": total}
    )


@router.get("/uploads/{upload_id}", summary="One upload", responses=refusals("not-found"))
def upload(upload_id: str, _user: ReaderUser, home: OpenHome) -> schemas.OneUpload:
    return schemas.OneUpload.model_validate(past_upload(home, upload_id))


@router.get(
    "/uploads/{upload_id}/quarantine",
    summary="The bad rows of an upload, as CSV",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/csv": {}}, "description": "Line, column, reason, cells"},
        **refusals("not-found"),
    },
)
def quarantine(upload_id: str, _user: UploadingUser, home: OpenHome) -> StreamingResponse:
    """A cell that a spreadsheet would run has a `'` in front, which a resubmission takes off."""
    path = quarantine_of(home, upload_id)
    return StreamingResponse(
        for_spreadsheets(path),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="quarantine-{path.name}"'},
    )
