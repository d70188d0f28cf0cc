"""The HTTP client against a real server: one class per refusal, typed values per answer."""

import socket

import httpx2 as httpx
import pytest

from reviews_ui.api import errors
from reviews_ui.api.accounts import Account, Token, account, end, renewed, token
from reviews_ui.api.connection import Connection
from reviews_ui.api.predictions import predict
from reviews_ui.api.reports import Card, card, reports
from reviews_ui.api.status import status as status_of

PASSWORD = "un mot de passe"


@pytest.fixture
def given(api_server):
    return token(Connection(api_server.url, "alice"), "alice", PASSWORD)


@pytest.fixture
def api(api_server, given):
    return Connection(api_server.url, "alice").with_token(given.text)


def answering(respond):
    return Connection("http://api", "alice", "t", transport=httpx.MockTransport(respond))


def test_a_wrong_password_is_refused(api_server):
    with pytest.raises(errors.Refused):
        token(Connection(api_server.url), "alice", "faux")


def test_a_token_that_nobody_gave_is_refused(api_server):
    with pytest.raises(errors.Refused):
        account(Connection(api_server.url, "alice", "made up"))


def test_a_good_token_is_renewed_and_another_is_refused(api, given):
    assert renewed(api, given).text != given.text
    with pytest.raises(errors.Refused):
        renewed(api, Token("made up", 900))


def test_the_end_of_a_token_is_told_to_the_api(api, api_server):
    end(api)
    assert api_server.asked[-1] == ("/token", None)


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("viewer", (True, False, False)),
        ("user", (True, True, False)),
        ("admin", (True, True, True)),
        ("of another version", (False, False, False)),
    ],
)
def test_a_role_may_what_the_lower_ones_may(role, may):
    assert tuple(Account("a", role).may(one) for one in ("viewer", "user", "admin")) == may


def test_a_port_where_nobody_listens_is_unreachable_and_named():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(errors.Unreachable) as caught:
            account(Connection(url))
    assert caught.value.url == url


def test_an_address_that_is_none_is_unreachable():
    for url in ("nonsense", "ftp://127.0.0.1", "http://[::"):
        with pytest.raises(errors.Unreachable):
            account(Connection(url))


def test_an_api_that_does_not_answer_in_time_is_too_slow():
    def never(request):
        raise httpx.ReadTimeout("too long", request=request)

    with pytest.raises(errors.TooSlow):
        account(answering(never))


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"code": "invalid-input", "detail": "no"}, errors.Invalid),
        (403, {"code": "forbidden", "detail": "no"}, errors.Forbidden),
        (404, {"code": "not-found", "detail": "no"}, errors.Missing),
        (404, b"<html>another service</html>", errors.Unexpected),
        (409, {"code": "already-decided", "detail": "no"}, errors.Conflict),
        (422, {"detail": [{"msg": "a list, as FastAPI writes by default"}]}, errors.Invalid),
        (500, b"<html>not JSON</html>", errors.ServerFailure),
        (502, {"code": "x", "detail": "no"}, errors.ServerFailure),
        (503, {"code": "busy", "detail": "locked"}, errors.ServerFailure),
        (503, {"code": "not-ready", "detail": "no model"}, errors.NotReady),
        (503, {"code": "airflow-away", "detail": "no"}, errors.AirflowAway),
        (502, {"code": "airflow-refused", "detail": "no"}, errors.AirflowAway),
        (200, b"<html>another service</html>", errors.Unexpected),
        (200, {"role": "user"}, errors.Unexpected),
        (200, [1, 2], errors.Unexpected),
        (302, {}, errors.Unexpected),
    ],
)
def test_each_failure_becomes_the_error_with_its_remedy(api, api_server, status, body, kind):
    api_server.fail(status, body, "/authentification")
    with pytest.raises(errors.ApiError) as caught:
        account(api)
    assert type(caught.value) is kind


def test_too_many_requests_say_how_long_to_wait(api, api_server):
    body = {"code": "too-many", "detail": "slow down"}
    api_server.fail(429, body, "/authentification", headers={"Retry-After": "30"})
    with pytest.raises(errors.TooManyRequests) as caught:
        account(api)
    assert caught.value.retry_after == 30
    assert caught.value.detail == "slow down"


def test_half_a_report_is_not_worked_with(api, api_server):
    del api_server.items[0]["f1_0"]
    with pytest.raises(errors.Unexpected, match="f1_0"):
        reports(api, 0.8)


def test_the_token_stands_in_no_repr(api, given):
    assert given.text not in repr(api) + repr(given)


def test_the_proxies_of_the_environment_are_not_asked(api, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert account(api).username == "alice"


def test_account_and_status_are_typed(api):
    who, status = account(api), status_of(api)
    assert (who.username, who.role) == ("alice", "user")
    assert (status.dataset_version, status.rows) == (3, 15_703)


def test_a_text_gets_each_familys_prediction_in_alphabetical_order(api, api_server):
    answer = predict(api, "Livraison rapide")
    predictions = answer.predictions
    assert [prediction.family for prediction in predictions] == ["ann", "gbc", "svm"]
    assert [prediction.label_name for prediction in predictions] == [
        "positif",
        "négatif",
        "positif",
    ]
    assert predictions[1].probability == pytest.approx(0.12)
    assert (answer.champion, answer.prediction_id) == ("svm", "p-1")
    assert answer.families == ("svm", "ann", "gbc")
    assert answer.of("gbc").words[1].weight == pytest.approx(0.31)
    asked = {"texts": ["Livraison rapide"], "explain": True}
    assert api_server.asked[-1] == ("/predict", asked)


def test_the_threshold_goes_to_the_api_and_its_states_come_back(api):
    found = reports(api, 0.88)
    assert found.threshold == 0.88
    assert found.families == ("ann", "gbc", "svm")
    assert len(found.of("gbc")) == 3
    assert {alert.metric: alert.state for alert in found.alerts_of("gbc")} == {
        "accuracy": "ok",
        "f1_0": "alert",
        "f1_1": "ok",
    }


def test_a_card_comes_as_the_page_that_it_is(api, api_server):
    api_server.cards["20261121T024310.000000Z-gbc"] = "<!doctype html><p>Où ?</p>"
    found = card(api, "20261121T024310.000000Z-gbc", "en")
    assert found == Card("<!doctype html><p>Où ?</p>", "en")
    assert api_server.asked[-1] == ("/models/20261121T024310.000000Z-gbc/card.html", None)


def test_a_card_comes_in_the_language_that_is_asked_for_where_it_has_one(api, api_server):
    api_server.cards |= {"new-gbc": "<p>Where?</p>", "old-gbc": "<p>Where?</p>"}
    api_server.french_cards["new-gbc"] = "<p>Où ?</p>"
    assert card(api, "new-gbc", "fr") == Card("<p>Où ?</p>", "fr")
    assert card(api, "new-gbc", "en") == Card("<p>Where?</p>", "en")
    assert card(api, "old-gbc", "fr") == Card("<p>Where?</p>", "en")


@pytest.mark.parametrize(("sent", "language"), [({}, "en"), ({"Content-Language": "fr"}, "fr")])
def test_an_api_that_names_no_language_is_one_of_before_the_french_cards(
    api, api_server, sent, language
):
    api_server.route("GET", "/models/x-gbc/card.html", lambda _: (200, b"<p>x</p>"))
    api_server.headers["/models/x-gbc/card.html"] = sent
    assert card(api, "x-gbc", "fr").language == language


def test_a_card_in_a_language_that_nobody_asked_for_is_not_worked_on(api, api_server):
    api_server.route("GET", "/models/x-gbc/card.html", lambda _: (200, b"<p>x</p>"))
    api_server.headers["/models/x-gbc/card.html"] = {"Content-Language": "de"}
    with pytest.raises(errors.Unexpected, match="'de'"):
        card(api, "x-gbc", "fr")


def test_a_run_without_a_card_is_missing_with_the_reason(api):
    with pytest.raises(errors.Missing) as caught:
        card(api, "former-gbc", "fr")
    assert caught.value.detail == "the run 'former-gbc' is <of before>"


def test_a_name_of_a_run_leads_to_no_other_route(api, api_server):
    with pytest.raises(errors.Missing):
        card(api, "../reports?x=", "fr")
    assert api_server.asked[-1][0] == "/models/..%2Freports%3Fx%3D/card.html"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"code": "unauthenticated", "detail": "no"}, errors.Refused),
        (503, {"code": "artifact-damaged", "detail": "no"}, errors.Damaged),
        (200, {"code": "x"}, errors.Unexpected),
    ],
)
def test_a_card_that_is_not_given_is_the_error_with_its_remedy(api, api_server, status, body, kind):
    api_server.fail(status, body, "/models/x-gbc/card.html")
    with pytest.raises(errors.ApiError) as caught:
        card(api, "x-gbc", "fr")
    assert type(caught.value) is kind
