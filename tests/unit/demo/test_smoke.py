"""The smoke test covers every route, and finds what is not as promised."""

import json
import re

import httpx2 as httpx
import pytest

from reviews_api.app import create_app
from satispy.core.errors import StackError
from satispy.core.settings import load_settings
from satispy.demo import smoke
from satispy.demo.smoke import play, read_cases

CASES = read_cases()


def routes():
    paths = create_app(load_settings()).openapi()["paths"]
    return [(method.upper(), path) for path, methods in paths.items() for method in methods]


def fits(case, route):
    method, path = route
    pattern = re.sub(r"\{\w+\}", "[^/?]+", path)
    return case.method == method and re.fullmatch(rf"{pattern}(\?.*)?", case.path)


def test_every_route_is_asked_at_least_once():
    assert [route for route in routes() if not any(fits(case, route) for case in CASES)] == []


def test_every_route_that_asks_for_an_account_is_asked_without_one():
    closed = [
        (method.upper(), path)
        for path, methods in create_app(load_settings()).openapi()["paths"].items()
        for method, told in methods.items()
        if "401" in told["responses"] and path != "/token"
    ]
    for route in closed:
        asked = [case for case in CASES if fits(case, route) and case.caller == "nobody"]
        assert {case.expect for case in asked} == {401}, route


def test_there_are_sixty_cases_at_least_of_every_kind():
    assert len(CASES) >= 60
    assert {200, 401, 403, 404, 405, 422} <= {case.expect for case in CASES}
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)


def test_nothing_that_is_asked_would_stay():
    """Only answers without effect, refusals, and files that are tried dry."""
    for case in CASES:
        if case.method == "GET" or case.expect >= 400:
            continue
        harmless = ("/predict", "/neighbours")
        assert case.path.startswith(harmless) or "dry_run=true" in case.path, case.name


class Platform:
    """Answers as a platform would; `wrong` changes the answer to one path."""

    def __init__(self):
        self.wrong = {}
        self.serving = {"svm": "20261121T080000Z-svm"}
        self.revoked = []

    def __call__(self, request):
        path = request.url.path
        if path in self.wrong:
            return self.wrong[path]
        if path == "/status":
            return self.json({"serving": self.serving})
        if path == "/uploads":
            return self.json({"items": [{"upload_id": "u1"}]})
        if path == "/keys":
            role = json.loads(request.content)["role"]
            return self.json({"id": role, "key": f"sk-{role}"}, 201)
        if request.method == "DELETE":
            self.revoked.append(path)
            return httpx.Response(200)
        return self.json({"status": "alive"})

    def json(self, content, status=200, kind="application/json"):
        headers = {"X-Request-ID": "r", "Content-Type": kind}
        return httpx.Response(status, content=json.dumps(content), headers=headers)


@pytest.fixture
def platform(monkeypatch):
    fake = Platform()
    plain = httpx.Client

    def client(**options):
        return plain(transport=httpx.MockTransport(fake), base_url=options["base_url"])

    monkeypatch.setattr(smoke.httpx, "Client", client)
    return fake


@pytest.fixture
def ask(platform, tmp_path):
    def run(**case):
        told = {"name": "x", "as": "viewer", "ask": "GET /health", "expect": 200} | case
        (tmp_path / "cases.jsonl").write_text(json.dumps(told) + "\n")
        cases = read_cases(tmp_path / "cases.jsonl")
        return [outcome.wrong for outcome in play("http://p", "admin", "secret", cases)]

    return run


def test_another_status_is_told_with_what_came(ask):
    (wrong,) = ask(expect=404)
    assert wrong.startswith("expected HTTP 404, but received 200: {")


def test_a_refusal_of_another_form_or_code_is_told(ask, platform):
    platform.wrong["/health"] = platform.json({"code": "busy"}, 503)
    assert ask(expect=503, code="busy") == [
        "expected a refusal as application/problem+json, but received application/json"
    ]
    platform.wrong["/health"] = platform.json({"code": "busy"}, 503, "application/problem+json")
    assert ask(expect=503, code="not-ready") == ["expected the code not-ready, but received busy"]


def test_an_answer_that_lacks_something_is_told(ask):
    assert ask(has=["status", "champion"]) == [
        "expected champion in the answer, but it has ['status']"
    ]


def test_an_answer_without_its_number_is_told(ask, platform):
    platform.wrong["/health"] = httpx.Response(200, json={"status": "alive"})
    assert ask() == ["expected an X-Request-ID, but there is none"]


def test_a_platform_on_which_nothing_serves_is_told_what_to_do(ask, platform):
    platform.serving = {}
    with pytest.raises(StackError, match="satispy tour"):
        ask()


def test_keys_are_revoked_and_a_case_asks_about_what_there_is(ask, platform):
    assert ask(ask="GET /models/{run}") == [""]
    assert ask(ask="GET /uploads/{upload}") == [""]
    assert platform.revoked == ["/keys/viewer", "/keys/user"] * 2


def test_nobody_at_that_address_is_said(tmp_path):
    with pytest.raises(StackError, match=r"expected the API at http://127.0.0.1:9"):
        list(play("http://127.0.0.1:9", "admin", "x", []))
