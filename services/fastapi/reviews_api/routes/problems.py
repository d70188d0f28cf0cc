"""What each refusal means: where the `type` of a refusal leads."""

from fastapi import APIRouter

from reviews_api import schemas
from reviews_api.problems import PROBLEMS, refusals
from satispy.core.errors import NotFound

router = APIRouter(tags=["service"])


@router.get("/problems", summary="Every kind of refusal, with its remedy")
async def problems() -> schemas.ProblemKinds:
    return schemas.ProblemKinds.model_validate({"items": list(PROBLEMS.values())})


@router.get(
    "/problems/{code}", summary="One kind of refusal, explained", responses=refusals("not-found")
)
async def problem(code: str) -> schemas.ProblemKind:
    if code not in PROBLEMS:
        raise NotFound(f"no refusal {code[:40]!r}; GET /problems lists them all")
    return schemas.ProblemKind.model_validate(PROBLEMS[code])
