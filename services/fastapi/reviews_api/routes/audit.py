"""The audit trail, for admins."""

from datetime import UTC, datetime
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from reviews_api.deps import OpenHome
from reviews_api.refused_often import RefusedOften
from reviews_api.security import AdminUser
from satispy.workflows.audit import Filter

router = APIRouter(tags=["service"])


class AuditRecord(BaseModel):
    """What somebody did or was refused; docs/audit.md says what each field holds."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    at: datetime
    who: str = Field(description="Empty where nobody was signed in")
    role: str
    source: str = Field(description="The client's address, or `command line`")
    request_id: str
    act: str = Field(description="Method and route, or a command")
    object: str = Field(description="What it was done to")
    outcome: str = Field(description="`begun`, `done`, or an HTTP status and the refusal's code")
    detail: str
    chain: str = Field(description="Hash of this record and all before it")


class AuditPage(BaseModel):
    """A page of the trail, newest first."""

    items: list[AuditRecord]
    page: int
    page_size: int
    total: int


def _moment(text: object) -> datetime:
    """Read ISO 8601 alone: pydantic would take a number too, as seconds since 1970."""
    try:
        moment = datetime.fromisoformat(str(text))
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass  # said below, with what was expected
    raise ValueError("expected a moment with its time zone, such as 2026-11-21T08:00:00Z")


Moment = Annotated[datetime | None, BeforeValidator(_moment)]
Word = Annotated[str | None, Query(max_length=400)]


async def _counts(request: Request) -> RefusedOften:
    return cast(RefusedOften, request.app.state.refused_often)


Counts = Annotated[RefusedOften, Depends(_counts)]


@router.get("/audit", summary="Who did what, newest first")
def audit(
    _user: AdminUser,
    home: OpenHome,
    refused_often: Counts,
    who: Word = None,
    act: Word = None,
    outcome: Annotated[
        str | None, Query(max_length=400, description="How it begins: `409` finds all conflicts")
    ] = None,
    since: Annotated[Moment, Query(description="With its time zone")] = None,
    until: Annotated[Moment, Query(description="Up to, but without, it")] = None,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    page_size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> AuditPage:
    """Whether the trail is as it was written, `satispy audit verify` tells."""
    for counted in refused_often.ended():
        home.audit.record(counted)
    wanted = Filter(who, act, outcome, since, until)
    items, total = home.audit.page(wanted, offset=(page - 1) * page_size, limit=page_size)
    return AuditPage.model_validate(
        {"items": items, "page": page, "page_size": page_size, "total": total}
    )
