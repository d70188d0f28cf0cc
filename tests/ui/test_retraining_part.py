"""Retrain now, and watch: what the page says of Airflow's work."""

import pytest

from reviews_ui.api.retraining import Retraining
from reviews_ui.serving.markup import seconds_between
from ui.model_answers import AWAY, retraining, serve
from ui.parts import choose_part, english, open_part, posts, tick
from ui.visitor import press, said, visit

RUN = "/retrain/manual__2026-11-02T08%3A00%3A00%2B00%3A00"


def let_watch(api_server, one):
    api_server.route("GET", RUN, lambda _asked: (200, one))


def test_before_the_first_retraining_there_is_none(page, api_server):
    serve(api_server)
    open_part(page, "retraining")
    assert "Aucun réentraînement encore." in said(page)
    assert "Un administrateur peut en lancer un." in said(page)
    assert "Réentraîner maintenant" not in [button.label for button in page.button]


def test_an_admin_starts_one_and_its_tasks_are_shown_as_they_go(page, api_server):
    api_server.role = "admin"
    serve(api_server)
    running = retraining()

    def start(_asked):
        serve(api_server, retrainings=[running])
        return 202, running

    api_server.route("POST", "/retrain", start)
    let_watch(api_server, running)
    open_part(page, "retraining")
    tick(page, "Demander l’approbation")
    press(page, "Réentraîner maintenant")
    wish = {"renew_vectors": False, "ask_for_approval": True}
    assert posts(api_server) == [("/retrain", wish)]
    assert "Réentraînement lancé par alice" in said(page)
    assert "<b>snapshot</b><span>faite · 41 s</span>" in said(page)
    assert "<b>train_svm</b><span>en cours · 2 essais</span>" in said(page)
    assert "<b>report</b><span>à venir</span>" in said(page)
    (bar,) = page.get("progress")
    assert bar.proto.text == "Étapes terminées : 1 sur 3"
    assert page.get("link_button")[0].proto.url.startswith("http://127.0.0.1:8080/")
    assert "Réentraîner maintenant" not in [button.label for button in page.button]


def test_one_that_ended_meanwhile_draws_the_page_anew_with_what_came_of_it(page, api_server):
    api_server.role = "admin"
    done = retraining("success")
    serve(api_server, retrainings=[retraining()])

    def ended(_asked):
        serve(api_server, retrainings=[done])
        let_watch(api_server, done)
        return 200, done

    api_server.route("GET", RUN, ended)
    open_part(page, "retraining")
    assert "✓ réussi" in said(page)
    assert '<td class="sp-num">65</td>' in said(page)
    assert "20261102T080000.000000Z-svm" in said(page)
    assert "Réentraîner maintenant" in [button.label for button in page.button]


def test_one_that_waits_for_approval_leads_to_airflow(page, api_server):
    waiting = retraining("waiting-for-approval")
    serve(api_server, retrainings=[waiting])
    let_watch(api_server, waiting)
    open_part(page, "retraining")
    assert "Une personne doit dire oui ou non dans Airflow" in said(page)
    assert page.get("link_button")[0].proto.label == "Approuver ou refuser dans Airflow"


def test_a_task_that_failed_is_named(page, api_server):
    failed = retraining("failed")
    serve(api_server, retrainings=[failed])
    open_part(page, "retraining")
    assert "⚠ échoué" in said(page)


def test_without_airflow_that_is_said_and_the_other_parts_go_on(page, api_server):
    api_server.role = "admin"
    serve(api_server)
    api_server.fail(503, AWAY, "/retrain")
    open_part(page, "retraining")
    assert "Airflow, qui entraîne les modèles, ne répond pas" in said(page)
    assert "Tout le reste de la page fonctionne." in said(page)
    assert "Airflow does not answer at http://127.0.0.1:8080" in said(page)
    choose_part(page, "served")
    assert "★ champion" in said(page)


def test_airflow_that_goes_away_while_one_is_watched_is_said_and_asked_again(page, api_server):
    serve(api_server, retrainings=[retraining()])
    api_server.fail(503, AWAY, RUN)
    open_part(page, "retraining")
    assert "ne répond pas" in said(page)
    assert "↻ en cours" in said(page)


def test_a_start_that_airflow_refuses_is_explained(page, api_server):
    api_server.role = "admin"
    serve(api_server)
    body = {"code": "airflow-refused", "detail": "403 from <Airflow>"}
    api_server.route("POST", "/retrain", lambda _asked: (502, body))
    open_part(page, "retraining")
    press(page, "Réentraîner maintenant")
    assert "403 from &lt;Airflow&gt;" in said(page)


def test_a_session_that_ends_while_one_is_watched_leads_to_the_sign_in(page, api_server):
    serve(api_server, retrainings=[retraining()])
    api_server.fail(401, {"code": "unauthenticated", "detail": "expired"}, RUN)
    open_part(page, "retraining")
    assert "votre session est terminée" in said(page)


def test_what_airflow_calls_otherwise_one_day_is_shown_as_it_is(page, api_server):
    odd = retraining("running")
    odd["tasks"][0]["state"] = "<restarting>"
    serve(api_server, retrainings=[odd])
    let_watch(api_server, odd)
    open_part(page, "retraining")
    assert "&lt;restarting&gt;" in said(page)


def test_the_part_speaks_english(page, api_server):
    serve(api_server, retrainings=[retraining()])
    let_watch(api_server, retraining())
    visit(page, "models")
    english(page)
    choose_part(page, "retraining")
    assert "Retraining started by alice" in said(page)
    assert "done · 41 s" in said(page)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "", "//elsewhere"])
def test_only_an_address_that_a_browser_may_open_becomes_a_link(url):
    assert Retraining.parse(retraining(airflow_url=url)).airflow_url == ""


@pytest.mark.parametrize(
    ("start", "end", "seconds"),
    [
        ("2026-11-02T08:00:00Z", "2026-11-02T08:01:05Z", 65),
        ("2026-11-02T08:00:00Z", None, None),
        (None, None, None),
        ("2026-11-02T08:00:00", "2026-11-02T08:01:05Z", None),
    ],
)
def test_seconds_are_told_where_both_ends_are_known(start, end, seconds):
    assert seconds_between(start, end) == seconds
