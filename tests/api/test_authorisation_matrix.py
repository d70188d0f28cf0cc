"""Every route × every role × every kind of credential, as `docs/security.md` prints it.

The document says what may be; the routes say what they ask for; the running application is asked.
All three have to agree, and no route may be missing.
"""

import re
from pathlib import Path

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.testclient import TestClient
from starlette.routing import Mount

from reviews_api.app import create_app
from reviews_api.security import ACCOUNT, requirement_of
from satispy.core.settings import load_settings
from satispy.workflows.sign_in import ROLES, SCOPES, Wish, make_key

DOCUMENT = Path(__file__).parents[2] / "docs" / "security.md"
PROVIDER = {
    "ISSUER": "http://127.0.0.1:9",  # nobody is there: what is behind the door answers 503
    "CLIENT_ID": "satispy",
    "CLIENT_SECRET": "a secret of the provider",
    "ROLES": "*=viewer",
}
YES, NO = "yes", "no"
NOBODY, WRONG = "nobody", "wrong password"
PEOPLE = [NOBODY, *ROLES]


@pytest.fixture(scope="module")
def rows():
    """The printed matrix: (method, path) to what stands under each column."""
    text = DOCUMENT.read_text(encoding="utf-8")
    header, *lines = re.findall(r"^\| (?:route|`\w+ /).*\|$", text, re.MULTILINE)
    columns = [cell.strip() for cell in header.strip("|").split("|")][1:]
    assert columns == [*PEOPLE, "API key"]
    found = {}
    for line in lines:
        route, *cells = [cell.strip() for cell in line.strip("|").split("|")]
        method, path = route.strip("`").split()
        assert (method, path) not in found
        found[method, path] = dict(zip(columns, cells, strict=True))
    return found


@pytest.fixture
def everywhere(home, monkeypatch):
    """The application with every route that it can have."""
    for name, value in PROVIDER.items():
        monkeypatch.setenv(f"SATISPY_OIDC_{name}", value)
    monkeypatch.setenv("SATISPY_SIGN_IN_FAILURES", "100000")  # this test is about roles
    with TestClient(create_app(load_settings()), raise_server_exceptions=False) as api:
        yield api


def described(requirement):
    """What a row of the matrix says where a route asks for this."""
    if requirement is None:
        return dict.fromkeys([*PEOPLE, "API key"], YES)
    reached = ROLES.index(requirement.role)
    people = {role: YES if ROLES.index(role) >= reached else NO for role in ROLES}
    keys = {None: "unlimited", ACCOUNT: NO}.get(requirement.scope, f"`{requirement.scope}`")
    return {NOBODY: NO, **people, "API key": keys}


def test_every_route_stands_in_the_document_as_it_asks(everywhere, rows):
    asked, shown = {}, []
    for one in iter_route_contexts(everywhere.app.routes):
        route = one.original_route
        if isinstance(route, Mount):
            asked["GET", f"{route.path}/…"] = described(None)
            continue
        wanted = described(requirement_of(route) if isinstance(route, APIRoute) else None)
        for method in one.methods - {"HEAD"}:
            asked[method, one.path_format] = wanted
    for (method, path), cells in asked.items():
        shown.append(f"| `{method} {path}` | {' | '.join(cells.values())} |")
    assert rows == asked, "the matrix is:\n" + "\n".join(shown)


def credentials(api):
    """Every kind of credential of every role: its name, its role and scope, and what to send."""
    home = api.app.state.home
    people = {role: (f"matrix-{role}", f"a pass phrase of the {role}") for role in ROLES}
    for role, (name, password) in people.items():
        home.users.add(name, password, role)
    yield NOBODY, NOBODY, None, {}
    yield WRONG, NOBODY, None, {"auth": (people["admin"][0], "not this one")}
    for role, (name, password) in people.items():
        yield f"{role} by password", role, None, {"auth": (name, password)}
        answer = api.post(
            "/token", data={"grant_type": "password", "username": name, "password": password}
        )
        token = answer.json()["access_token"]
        yield f"{role} by token", role, None, {"headers": {"Authorization": f"Bearer {token}"}}
    for scope in (None, *SCOPES):
        for role in ROLES:
            if scope and ROLES.index(role) < ROLES.index(SCOPES[scope]):
                continue
            wish = Wish(people[role][0], "matrix", role, 1, (scope,) if scope else ())
            _, text = make_key(home, wish, by=None)
            bearer = {"headers": {"Authorization": f"Bearer {text}"}}
            yield f"key of {role} for {scope or 'all'}", role, scope or "all", bearer


def test_every_route_lets_in_whom_the_document_says_and_nobody_else(everywhere, rows):
    wrong = []
    for title, role, scope, sent in list(credentials(everywhere)):
        for (method, path), cells in rows.items():
            allowed = cells[role] == YES
            if scope is not None and cells[NOBODY] == NO:
                good_for = {"unlimited": {"all"}, NO: set()}.get(
                    cells["API key"], {"all", cells["API key"].strip("`")}
                )
                allowed = allowed and scope in good_for
            if (method, path) == ("DELETE", "/token") and allowed:
                continue  # ends the very token that is used here; tests/api/test_tokens.py does
            address = re.sub(r"\{\w+(:path)?\}|…", "x", path)
            answer = everywhere.request(method, address, follow_redirects=False, **sent)
            is_json = "json" in answer.headers.get("content-type", "")
            refused = is_json and answer.json().get("code") in {"unauthenticated", "forbidden"}
            if refused == allowed or answer.status_code == 500:
                wrong.append((title, method, path, answer.status_code, answer.text[:120]))
    assert wrong == []
