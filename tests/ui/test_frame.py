"""Sign-in, sidebar, roles, language: what stands around every page."""

import socket
from dataclasses import replace

import pytest

from ui.reviews_server import PASSWORD, USER
from ui.visitor import press, said, sign_in


def test_a_stranger_sees_the_sign_in_form_and_nothing_else(page, api_server):
    assert page.subheader[0].value == "Connexion"
    assert not page.title
    assert api_server.asked == []


def test_an_empty_form_asks_for_both_fields(page, api_server):
    sign_in(page, USER, "")
    assert "Saisissez l’utilisateur et le mot de passe." in said(page)
    assert api_server.asked == []


def test_a_wrong_password_is_refused_and_shown_nowhere(page):
    sign_in(page, USER, "tout faux")
    assert "Utilisateur ou mot de passe refusé." in said(page)
    assert "tout faux" not in said(page)
    assert "visitor" not in page.session_state


def test_an_api_that_is_down_is_named_with_its_address(page, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        monkeypatch.setenv("SATISPY_API_URL", url)
        sign_in(page)
    assert f"L’API est injoignable à l’adresse {url}." in said(page)
    assert "make status" in said(page)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(429, "Patientez 30 s, puis réessayez."), (500, "L’API a rencontré une erreur interne.")],
)
def test_a_sign_in_that_fails_otherwise_says_what_to_do(page, api_server, status, sentence):
    body = {"code": "x", "detail": "because"}
    api_server.fail(status, body, "/token", headers={"Retry-After": "30"})
    sign_in(page)
    assert sentence in said(page)
    assert "because" in said(page)


def test_who_signed_in_sees_account_and_base_in_the_sidebar(page):
    sign_in(page)
    assert page.title[0].value == "Accueil"
    assert "<b>alice</b><span>rôle : user</span>" in said(page)
    assert "<b>version 3</b><span>15\u202f703 avis</span>" in said(page)


def test_an_empty_base_is_said_to_be_empty(page, api_server):
    api_server.dataset.update(version=0, rows=0)
    sign_in(page)
    assert "aucune donnée encore" in said(page)


def test_a_base_whose_state_is_unknown_does_not_stop_the_page(page, api_server):
    api_server.fail(500, {"code": "x", "detail": "no"}, "/status")
    sign_in(page)
    assert "état indisponible" in said(page)
    assert page.title[0].value == "Accueil"


def test_signing_out_forgets_everything(page):
    sign_in(page)
    press(page, "Se déconnecter")
    assert page.subheader[0].value == "Connexion"
    assert "visitor" not in page.session_state


def test_credentials_that_are_no_longer_accepted_sign_out_and_say_why(page, api_server):
    sign_in(page)
    api_server.tokens.clear()
    page.switch_page("app_pages/reports.py").run()
    assert "Vous avez été déconnecté" in said(page)
    assert page.subheader[0].value == "Connexion"
    assert "visitor" not in page.session_state


def test_signing_out_ends_the_token_and_keeps_the_language(page, api_server):
    sign_in(page)
    page.segmented_control[0].set_value("en").run()
    press(page, "Sign out")
    assert api_server.asked[-1] == ("/token", None)
    assert page.subheader[0].value == "Sign in"


def test_signing_out_works_while_the_api_is_away(page, api_server):
    sign_in(page)
    api_server.fail(500, {"code": "x", "detail": "no"}, "/token")
    press(page, "Se déconnecter")
    assert page.subheader[0].value == "Connexion"


def test_the_password_is_kept_nowhere_and_the_token_in_the_session_alone(page):
    sign_in(page)
    assert page.session_state["visitor"].token.text == "token-0"
    assert PASSWORD not in repr(page.session_state)
    assert "token-0" not in repr(page.session_state) + said(page)


def test_a_token_past_half_of_its_life_is_renewed_with_the_next_click(page, api_server):
    sign_in(page)
    page.session_state["visitor"] = replace(page.session_state["visitor"], renew_at=0.0)
    page.switch_page("app_pages/reports.py").run()
    renewals = [body for path, body in api_server.asked if path == "/token"]
    assert renewals[-1] == {"grant_type": ["refresh_token"], "refresh_token": ["token-0"]}
    assert page.session_state["visitor"].token.text == "token-1"


def test_a_session_that_cannot_be_renewed_is_over_and_says_so(page, api_server):
    sign_in(page)
    page.session_state["visitor"] = replace(page.session_state["visitor"], renew_at=0.0)
    api_server.tokens.clear()
    page.switch_page("app_pages/reports.py").run()
    assert "votre session est terminée" in said(page)


def test_the_page_speaks_english_where_the_visitor_chooses_it_and_goes_on_so(page):
    sign_in(page)
    page.segmented_control[0].set_value("en").run()
    page.switch_page("app_pages/reports.py").run()
    assert page.title[0].value == "Performance and alerts"
    assert "15,703 reviews" in said(page)


def test_a_stranger_chooses_the_language_of_the_form(page):
    page.segmented_control[0].set_value("en").run()
    assert page.subheader[0].value == "Sign in"
