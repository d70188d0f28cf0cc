"""Every refusal has one shape (RFC 9457), whoever gives it: route, router, middleware, defect."""

import json
import re

import pytest
from fastapi.testclient import TestClient

from reviews_api.app import create_app
from reviews_api.language import prefers_french
from reviews_api.problems import PROBLEM_JSON, PROBLEMS, refusals
from satispy.core.settings import load_settings


def refused(api, method, path, **given):
    answer = api.request(method, path, **given)
    assert answer.headers["content-type"] == PROBLEM_JSON
    body = answer.json()
    kind = PROBLEMS[body["code"]]
    assert (body["type"], body["status"]) == (f"/problems/{kind.code}", answer.status_code)
    assert answer.status_code == kind.status
    assert body["request_id"] == answer.headers["x-request-id"]
    assert "Accept-Language" in answer.headers["vary"]
    return body


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/status", "unauthenticated"),
        ("POST", "/comment", "unauthenticated"),
        ("GET", "/nowhere", "not-found"),
        ("GET", "/problems/nothing", "not-found"),
        ("PUT", "/health", "method-not-allowed"),
    ],
)
def test_a_refusal_names_its_kind_its_request_and_its_path(api, method, path, code, admin):
    signed_in = admin if method == "PUT" else None
    body = refused(api, method, path, auth=signed_in)
    assert (body["code"], body["instance"]) == (code, path)
    assert body["title"] == PROBLEMS[code].title


def test_a_method_that_is_not_taken_is_answered_with_those_that_are(api, admin):
    answer = api.put("/health", auth=admin)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_routes_middlewares_and_validation_refuse_alike(api, admin, user):
    file = {"file": ("a.csv", b"Commentaire,star\na,5")}
    packed = {"Content-Encoding": "gzip"}
    half = {"Commentaire": "\ud800", "star": 5, "\udfff": 1}
    as_json = {"Content-Type": "application/json"}
    asked = {
        "forbidden": {"auth": user, "files": file},
        "unsupported-file": {"auth": admin, "files": file, "headers": packed},
        "not-a-review-file": {"auth": admin, "files": {"file": ("a.csv", b"a,b\n1,2")}},
        "invalid-input": {"auth": admin},
    }
    for code, given in asked.items():
        assert refused(api, "POST", "/uploadfile", **given)["code"] == code
    sent = {"auth": user, "content": json.dumps(half), "headers": as_json}
    assert refused(api, "POST", "/comment", **sent)["code"] == "invalid-input"


@pytest.mark.parametrize(
    ("header", "french"),
    [
        ("", False),
        ("fr", True),
        ("fr-CA, en;q=0.8", True),
        ("en, fr;q=0.9", False),
        ("de, fr;q=0.4, en;q=0.3", True),
        ("fr;q=0.5, *;q=0.9", False),
        ("*", False),
        ("fr;q=nan", False),
        ("fr;q=2, en", False),
        ("fr;level=1", False),
    ],
)
def test_the_title_is_french_where_that_is_preferred(api, header, french):
    assert prefers_french(header) is french
    title = api.get("/status", headers={"Accept-Language": header}).json()["title"]
    kind = PROBLEMS["unauthenticated"]
    assert title == (kind.titre if french else kind.title)


def test_a_defect_is_answered_like_any_refusal_and_only_the_log_has_the_trace(
    api, user, monkeypatch, caplog
):
    def fail(*_given):
        raise ZeroDivisionError("secret of the inside")

    monkeypatch.setattr("reviews_api.routes.ops.dataset_state", fail)
    body = refused(api, "GET", "/status", auth=user)
    assert body["code"] == "internal"
    assert "secret" not in str(body)
    (record,) = [one for one in caplog.records if one.name == "reviews_api.defects"]
    assert body["request_id"] in record.getMessage()
    assert "secret of the inside" in str(record.exc_info[1])


def test_a_path_comes_back_as_a_uri_that_no_log_or_page_runs(api):
    body = refused(api, "GET", "/a%0Ab<script>é")
    assert body["instance"] == "/a%0Ab%3Cscript%3E%C3%A9"


def test_a_password_that_is_refused_is_not_said_back():
    from reviews_api.errors import _sentence

    wrong = {"type": "string_type", "loc": ("body", "password"), "msg": "wrong", "input": 12345}
    assert _sentence(wrong) == "password: wrong"


def test_each_type_leads_to_its_explanation(api):
    known = api.get("/problems").json()["items"]
    assert [one["code"] for one in known] == list(PROBLEMS)
    for one in known:
        assert api.get(one["type"]).json() == one
        assert all(one[field] for field in ("title", "titre", "remedy"))
        assert re.fullmatch(r"[a-z-]+", one["code"])


def test_the_document_lists_the_refusals_of_each_route_and_none_of_fastapi(api):
    document = api.get("/openapi.json").json()
    assert "HTTPValidationError" not in str(document)
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                if status >= "4":
                    assert PROBLEM_JSON in response["content"]
    upload = document["paths"]["/uploadfile"]["post"]["responses"]
    assert set(upload["409"]["content"][PROBLEM_JSON]["examples"]) == {
        "duplicate-upload",
        "key-reused",
    }
    assert "401" not in document["paths"]["/health"]["get"]["responses"]


def test_a_route_cannot_name_a_refusal_that_is_not_in_the_table():
    with pytest.raises(KeyError, match="no-such"):
        refusals("no-such")


@pytest.mark.parametrize("where", ["sqlite_home", "postgresql_home"])
@pytest.mark.parametrize(
    "path",
    [
        "/uploads/a%00b",
        "/uploads/a%00b/quarantine",
        "/predictions/%00",
        "/lineage/%00",
        "/models/%00/card",
        "/reports/%00",
        "/audit?who=%00",
    ],
)
def test_a_nul_in_an_address_is_no_defect(request, where, path, admin):
    request.getfixturevalue(where)
    with TestClient(create_app(load_settings())) as api:
        assert api.get(path, auth=admin).status_code in {200, 404, 422}
