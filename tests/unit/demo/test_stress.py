"""What a load says of the platform that bore it."""

import asyncio
import json
import math

import httpx2 as httpx
import pytest

from satispy.cli.stress import milliseconds
from satispy.core.errors import InvalidInput, StackError
from satispy.demo import stress
from satispy.demo.stress import Load, load


@pytest.fixture
def platform(monkeypatch):
    """Answer every question by `answers`, which tests change."""
    plain = httpx.AsyncClient
    answers = {"/token": (200, {"access_token": "t"}), "/predict": (200, {})}

    def answer(request):
        status, content = answers[request.url.path]
        if request.url.path == "/token" and b"grant_type=password" not in request.content:
            status, content = 400, {"error": "invalid_request"}
        if status == 0:
            raise httpx.ConnectError("refused", request=request)
        return httpx.Response(status, content=json.dumps(content))

    def client(**options):
        return plain(transport=httpx.MockTransport(answer), base_url=options["base_url"])

    monkeypatch.setattr(stress.httpx, "AsyncClient", client)
    return answers


def bear(seconds=0.1):
    return asyncio.run(load("http://p", "admin", "secret", seconds))


def test_who_is_not_let_in_is_told(platform):
    platform["/token"] = (401, {"detail": "wrong password"})
    with pytest.raises(StackError, match=r"expected a token of .*401: .*wrong password"):
        bear()


def test_nobody_at_that_address_is_said(platform):
    platform["/token"] = (0, {})
    with pytest.raises(StackError, match="does not answer"):
        bear()


def test_what_failed_is_counted_by_its_kind_and_is_no_answer(platform):
    platform["/predict"] = (503, {})
    found = bear()
    assert set(found.failed) == {"HTTP 503"}
    assert found.answered == []
    assert found.report()["p95_ms"] == math.inf
    assert found.longest_gap >= 0.1
    platform["/predict"] = (0, {})
    assert set(bear().failed) == {"ConnectError"}


def test_good_answers_are_timed(platform):
    report = bear().report()
    assert report["answered"] > 0
    assert report["per_second"] > 0
    assert report["failed"] == {}
    assert 0 < report["p50_ms"] <= report["p95_ms"] <= report["p99_ms"]


def test_a_quantile_is_an_answer_that_was_given():
    found = Load(seconds=1, answered=[n / 1000 for n in range(1, 101)])
    assert [found.quantile_ms(part) for part in (50, 95, 99)] == [50.0, 95.0, 99.0]


@pytest.mark.parametrize("given", ["200", "ms", "-1s", "fast"])
def test_a_time_that_is_none_is_refused(given):
    with pytest.raises(InvalidInput, match=r"as 200ms or 1\.5s"):
        milliseconds(given)


def test_times_are_read():
    assert (milliseconds("200ms"), milliseconds("1.5s")) == (200, 1500)
