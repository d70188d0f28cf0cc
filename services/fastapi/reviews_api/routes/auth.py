"""Who am I."""

from fastapi import APIRouter

from reviews_api import schemas
from reviews_api.security import ReaderUser

router = APIRouter(tags=["service"])


@router.get("/authentification", summary="Whose credentials these are")
async def authentification(user: ReaderUser) -> schemas.Identity:
    return schemas.Identity(username=user.name, role=user.role)
