"""The OpenAPI document with the real refusals of each route, and none that FastAPI makes up.

A route names its own with `refusals`; what it depends on brings those that `refuses` marks; a body
and the service bring the rest. So a route that is added later has a true list by itself.
"""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from reviews_api.limits import READS_NO_BODY
from reviews_api.problems import EVERYWHERE, MARK, OF_A_BODY, codes_of, refusals
from reviews_api.schemas import Problem

REFERENCE = "#/components/schemas/{model}"
FASTAPIS_OWN = ("HTTPValidationError", "ValidationError")


def describe(app: FastAPI) -> None:
    """Let the application answer ``/openapi.json`` with the true document."""
    made: dict[str, Any] = {}

    def document() -> dict[str, Any]:
        if not made:
            made.update(_document(app))
        return made

    app.openapi = document  # type: ignore[method-assign]  # the way that FastAPI documents


def _document(app: FastAPI) -> dict[str, Any]:
    found = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=app.description,
        routes=app.routes,
        tags=app.openapi_tags,
    )
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    for name in FASTAPIS_OWN:
        schemas.pop(name, None)
    whole = Problem.model_json_schema(ref_template=REFERENCE)
    for name, model in whole.pop("$defs", {}).items():
        schemas.setdefault(name, model)
    schemas["Problem"] = whole
    for route in _routes(app):
        for method in route.methods or ():
            operation = found["paths"][route.path_format][method.lower()]
            operation["responses"] = _with_refusals(operation["responses"], route, method)
    return found


def _routes(app: FastAPI) -> Iterator[RouteContext]:
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute) and route.include_in_schema:
            yield route


def _with_refusals(
    responses: dict[str, Any], route: RouteContext, method: str
) -> dict[str, dict[str, Any]]:
    answers = {
        status: response
        for status, response in responses.items()
        if status.startswith(("2", "3")) or "HTTPValidationError" not in str(response)
    }
    codes = set(EVERYWHERE) | set(_of_dependencies(route.dependant))
    if method not in READS_NO_BODY:
        codes |= set(OF_A_BODY)
    if _has_parameters(route.dependant):
        codes.add("invalid-input")
    for response in answers.values():
        codes |= set(codes_of(response))
    for status, one in refusals(*codes).items():
        # A route may answer a status in a form of its own too, as OAuth wants of a token's.
        own = answers.get(str(status), {}).get("content", {})
        answers[str(status)] = {**one, "content": {**own, **one["content"]}}
    return answers


def _of_dependencies(dependant: Dependant) -> Iterator[str]:
    for below in dependant.dependencies:
        yield from getattr(below.call, MARK, ())
        yield from _of_dependencies(below)


def _has_parameters(dependant: Dependant) -> bool:
    """Tell whether a parameter may be wrong; any text will do for one of the path."""
    narrow = [one for one in dependant.path_params if one.field_info.annotation is not str]
    return bool(narrow or dependant.query_params or dependant.header_params) or any(
        _has_parameters(below) for below in dependant.dependencies
    )
