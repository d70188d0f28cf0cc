"""What FastAPI would let pass without a word: parameters it does not know, files beyond one."""

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.datastructures import UploadFile

from reviews_api.problems import refuses
from satispy.core.errors import InvalidInput


@refuses("invalid-input")
async def known_parameters(request: Request) -> None:
    """Refuse a parameter in the query that the route does not have.

    A mistyped `dry_run` would write in earnest.
    """
    route: APIRoute = request.scope["route"]
    known = sorted(field.alias for field in route.dependant.query_params)
    for name in request.query_params:
        if name not in known:
            what = f"known are {', '.join(known)}" if known else "none is known here"
            raise InvalidInput(f"unknown parameter {name[:40]!r}; {what}")


@refuses("invalid-input")
async def one_file(request: Request) -> None:
    """Refuse a form with several files, of which FastAPI would take the last one."""
    form = await request.form()
    files = sum(isinstance(value, UploadFile) for _, value in form.multi_items())
    if files > 1:
        raise InvalidInput(f"expected one file, received {files}; nothing was added")
