"""Every route names its lowest role; `requirement_of` tells it, and it is kept."""

import pytest

from reviews_api.security import ACCOUNT, api_routes, requirement_of
from satispy.workflows.sign_in import ROLES, SCOPES

VIEWER = ("vera", "vera's password")
OPEN = {
    ("GET", "/health"),
    ("GET", "/ready"),
    ("GET", "/problems"),
    ("GET", "/problems/{code}"),
    ("POST", "/token"),
}
DOCUMENTS = {"/", "/docs", "/docs/oauth2-redirect"}
FOR_VIEWERS = [
    *("/status", "/authentification", "/reports", "/models", "/promotions", "/uploads", "/keys"),
]


@pytest.fixture
def viewer(api):
    api.app.state.home.users.add(*VIEWER, "viewer")
    return VIEWER


def asked(api):
    """What each route asks for, by method and path."""
    return {
        (method, route.path_format): requirement_of(route)
        for route in api_routes(api.app.routes)
        for method in route.methods
        if route.path not in DOCUMENTS
    }


def test_every_route_says_what_it_asks_for_but_the_open_ones(api):
    found = asked(api)
    assert {route for route, requirement in found.items() if requirement is None} == OPEN
    for requirement in filter(None, found.values()):
        assert requirement.role in ROLES
        assert requirement.scope in {None, ACCOUNT, *SCOPES}


def test_the_table_of_scopes_agrees_with_the_routes(api):
    """A scope is reached by the role that the table names, wherever a route asks for it."""
    for route, requirement in asked(api).items():
        if requirement is not None and requirement.scope in SCOPES:
            assert requirement.role == SCOPES[requirement.scope], route


def test_what_the_documentation_describes_is_what_is_there(api):
    described = {
        (method.upper(), path)
        for path, methods in api.get("/openapi.json").json()["paths"].items()
        for method in methods
    }
    assert described == set(asked(api))


@pytest.mark.parametrize("path", FOR_VIEWERS)
def test_a_viewer_reads(api, viewer, path):
    assert api.get(path, auth=viewer).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/predict"), ("POST", "/comment"), ("POST", "/uploadfile"), ("GET", "/users")],
)
def test_a_viewer_does_no_more(api, viewer, method, path):
    answer = api.request(method, path, auth=viewer)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert "'vera' has the role viewer" in answer.json()["detail"]


def test_a_role_that_does_not_suffice_is_told_before_the_body_is_read(api, user):
    body = b"x" * 30_000_000  # beyond the limit: reading it would be a 413
    for path in ("/uploadfile", "/users", "/models/run/promote", "/families/svm/rollback"):
        assert api.post(path, auth=user, content=body).status_code == 403


def test_a_refusal_names_both_ways_to_sign_in(api):
    challenge = api.get("/status").headers["WWW-Authenticate"]
    assert challenge == 'Basic realm="satispy", charset="UTF-8", Bearer realm="satispy"'
