import re

import pytest
from fastapi.testclient import TestClient

from reviews_api.app import create_app
from satispy.core.errors import ConfigurationError
from satispy.core.settings import load_settings

ORIGIN = "https://example.org"


@pytest.mark.parametrize("path", ["/health", "/status", "/nowhere", "/models/x/card.html"])
@pytest.mark.parametrize("signed_in", [True, False])
def test_an_answer_may_do_nothing_in_a_browser_and_is_kept_nowhere(api, user, path, signed_in):
    headers = api.get(path, auth=user if signed_in else None).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Request-ID"]


def test_a_defect_has_the_same_headers_and_tells_nothing(api, user, monkeypatch):
    def fail(*_given):
        raise ZeroDivisionError("secret of ours")

    monkeypatch.setattr("reviews_api.routes.data.past_uploads", fail)
    with TestClient(create_app(load_settings()), raise_server_exceptions=False) as client:
        answer = client.get("/uploads", auth=user)
    assert answer.status_code == 500
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


def test_the_documentation_runs_its_own_scripts_alone(api):
    page = api.get("/docs")
    policy = page.headers["Content-Security-Policy"]
    scripts = re.search(r"script-src ([^;]+);", policy)[1].split()
    assert scripts[0] == "'self'"
    assert len(scripts) == 1 + page.text.count("<script>")
    assert all(one.startswith("'sha256-") for one in scripts[1:])
    file = re.search(r'src="(/static-offline-docs/[^"]+)"', page.text)[1]
    assert "no-store" not in api.get(file).headers.get("Cache-Control", "")


def test_https_is_asked_for_again_where_it_was_used(api):
    assert "Strict-Transport-Security" not in api.get("/health").headers
    api.base_url = "https://testserver"
    assert api.get("/health").headers["Strict-Transport-Security"].startswith("max-age=")


def test_no_other_page_may_ask_unless_it_is_named(api, user):
    answer = api.get("/status", auth=user, headers={"Origin": ORIGIN})
    assert not {name for name in answer.headers if name.startswith("access-control")}
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}
    assert api.options("/status", headers=asked).status_code == 405


def test_a_page_that_is_named_may_ask(open_api, user, monkeypatch):
    monkeypatch.setenv("SATISPY_CORS_ORIGINS", f"{ORIGIN}, http://localhost:3000")
    api = open_api()
    answer = api.get("/status", auth=user, headers={"Origin": ORIGIN})
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Access-Control-Allow-Credentials" not in answer.headers
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    assert api.options("/predict", headers=asked).status_code == 200
    other = api.get("/status", auth=user, headers={"Origin": "https://example.com"})
    assert "Access-Control-Allow-Origin" not in other.headers
    refused = api.post("/predict", headers={"Origin": ORIGIN}, json={"texts": ["bien"]})
    assert refused.status_code == 401
    assert refused.headers["Access-Control-Allow-Origin"] == ORIGIN


@pytest.mark.parametrize("origins", ["*", "example.org", "https://example.org/", "null"])
def test_origins_that_are_none_are_refused(monkeypatch, origins):
    monkeypatch.setenv("SATISPY_CORS_ORIGINS", origins)
    with pytest.raises(ConfigurationError, match="SATISPY_CORS_ORIGINS"):
        load_settings()


@pytest.mark.parametrize("proxies", ["*", "example.org", "10.0.0.1/8"])
def test_proxies_that_are_no_addresses_are_refused(monkeypatch, proxies):
    monkeypatch.setenv("SATISPY_TRUSTED_PROXIES", proxies)
    with pytest.raises(ConfigurationError, match="SATISPY_TRUSTED_PROXIES"):
        load_settings()
