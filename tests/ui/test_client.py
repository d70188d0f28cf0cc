"""The HTTP client against a real server: one class per refusal, typed values per answer."""

import socket

import httpx2 as httpx
import pytest

from reviews_ui import client
from reviews_ui.client import ReviewsApi

PASSWORD = "un mot de passe"


@pytest.fixture
def api(api_server):
    return ReviewsApi(api_server.url, "alice", PASSWORD)


def answering(respond):
    return ReviewsApi("http://api", "alice", PASSWORD, transport=httpx.MockTransport(respond))


def test_a_wrong_password_is_refused(api_server):
    with pytest.raises(client.Refused):
        ReviewsApi(api_server.url, "alice", "faux").account()


def test_a_port_where_nobody_listens_is_unreachable_and_named():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(client.Unreachable) as caught:
            ReviewsApi(url, "alice", PASSWORD).account()
    assert caught.value.url == url


def test_an_address_that_is_none_is_unreachable():
    for url in ("nonsense", "ftp://127.0.0.1", "http://[::"):
        with pytest.raises(client.Unreachable):
            ReviewsApi(url, "alice", PASSWORD).account()


def test_an_api_that_does_not_answer_in_time_is_too_slow():
    def never(request):
        raise httpx.ReadTimeout("too long", request=request)

    with pytest.raises(client.TooSlow):
        answering(never).account()


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"code": "invalid-input", "detail": "no"}, client.Invalid),
        (403, {"code": "forbidden", "detail": "no"}, client.Forbidden),
        (404, {"code": "not-found", "detail": "no"}, client.Unexpected),
        (422, {"detail": [{"msg": "a list, as FastAPI writes by default"}]}, client.Invalid),
        (500, b"<html>not JSON</html>", client.ServerFailure),
        (502, {"code": "x", "detail": "no"}, client.ServerFailure),
        (503, {"code": "busy", "detail": "locked"}, client.ServerFailure),
        (503, {"code": "not-ready", "detail": "no model"}, client.NotReady),
        (200, b"<html>another service</html>", client.Unexpected),
        (200, {"role": "user"}, client.Unexpected),
        (200, [1, 2], client.Unexpected),
        (302, {}, client.Unexpected),
    ],
)
def test_each_failure_becomes_the_error_with_its_remedy(api, api_server, status, body, kind):
    api_server.fail(status, body, "/authentification")
    with pytest.raises(client.ApiError) as caught:
        api.account()
    assert type(caught.value) is kind


def test_too_many_requests_say_how_long_to_wait(api, api_server):
    body = {"code": "too-many", "detail": "slow down"}
    api_server.fail(429, body, "/authentification", headers={"Retry-After": "30"})
    with pytest.raises(client.TooManyRequests) as caught:
        api.account()
    assert caught.value.retry_after == 30
    assert caught.value.detail == "slow down"


def test_half_a_report_is_not_worked_with(api, api_server):
    del api_server.items[0]["f1_0"]
    with pytest.raises(client.Unexpected, match="f1_0"):
        api.reports(0.8)


def test_the_password_stands_in_no_repr(api):
    assert PASSWORD not in repr(api)


def test_the_proxies_of_the_environment_are_not_asked(api, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert api.account().username == "alice"


def test_account_and_status_are_typed(api):
    account, status = api.account(), api.status()
    assert (account.username, account.role) == ("alice", "user")
    assert (status.dataset_version, status.rows) == (3, 15_703)


def test_a_text_gets_each_familys_prediction_in_alphabetical_order(api, api_server):
    predictions = api.predict("Livraison rapide")
    assert [prediction.family for prediction in predictions] == ["ann", "gbc", "svm"]
    assert [prediction.label_name for prediction in predictions] == [
        "positif",
        "négatif",
        "positif",
    ]
    assert predictions[1].probability == pytest.approx(0.12)
    assert api_server.asked[-1] == ("/predict", {"texts": ["Livraison rapide"]})


def test_the_threshold_goes_to_the_api_and_its_states_come_back(api):
    reports = api.reports(0.88)
    assert reports.threshold == 0.88
    assert reports.families == ("ann", "gbc", "svm")
    assert len(reports.of("gbc")) == 3
    assert {alert.metric: alert.state for alert in reports.alerts_of("gbc")} == {
        "accuracy": "ok",
        "f1_0": "alert",
        "f1_1": "ok",
    }


def test_a_card_comes_as_the_page_that_it_is(api, api_server):
    api_server.cards["20261121T024310.000000Z-gbc"] = "<!doctype html><p>Où ?</p>"
    assert api.card("20261121T024310.000000Z-gbc") == "<!doctype html><p>Où ?</p>"
    assert api_server.asked[-1] == ("/models/20261121T024310.000000Z-gbc/card.html", None)


def test_a_run_without_a_card_is_missing_with_the_reason(api):
    with pytest.raises(client.Missing) as caught:
        api.card("former-gbc")
    assert caught.value.detail == "the run 'former-gbc' is <of before>"


def test_a_name_of_a_run_leads_to_no_other_route(api, api_server):
    with pytest.raises(client.Missing):
        api.card("../reports?x=")
    assert api_server.asked[-1][0] == "/models/..%2Freports%3Fx%3D/card.html"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"code": "unauthenticated", "detail": "no"}, client.Refused),
        (503, {"code": "artifact-damaged", "detail": "no"}, client.ServerFailure),
        (200, {"code": "x"}, client.Unexpected),
    ],
)
def test_a_card_that_is_not_given_is_the_error_with_its_remedy(api, api_server, status, body, kind):
    api_server.fail(status, body, "/models/x-gbc/card.html")
    with pytest.raises(client.ApiError) as caught:
        api.card("x-gbc")
    assert type(caught.value) is kind
