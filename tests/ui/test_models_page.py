"""Modèles: what answers, what is held and why; an admin changes it, with a confirmation."""

import pytest

from ui.model_answers import all_serve, decision, known, none_yet, one_held, run_name, serve
from ui.parts import choose_part, english, open_part, posts, tick
from ui.visitor import press, said, visit

HELD = run_name("gbc")


@pytest.fixture
def admin(api_server):
    api_server.role = "admin"
    return api_server


def test_what_answers_is_shown_with_scores_and_the_champion_is_marked(page, api_server):
    serve(api_server)
    visit(page, "models")
    assert said(page).count("★ champion") == 1
    assert "accuracy</span><b>91,2\u00a0%</b>" in said(page)
    assert "répond depuis le 02/11/2026 08:05 UTC · 15\u202f703 avis · données v2" in said(page)
    assert "Un administrateur peut changer ce qui répond." in said(page)
    assert "Revenir en arrière" not in said(page)


def test_before_the_first_model_the_page_says_how_to_get_one(page, api_server):
    serve(api_server, none_yet())
    visit(page, "models")
    assert "Aucun modèle encore." in said(page)
    choose_part(page, "candidates")
    assert "Aucun modèle encore." in said(page)


@pytest.mark.parametrize(
    ("answers", "words"),
    [(run_name("svm", 1), "Le dernier bon modèle répond"), (None, "aucun autre")],
)
def test_a_model_that_cannot_be_read_is_named_with_what_answers(page, api_server, answers, words):
    found = all_serve()
    found["alerts"] = [
        {"family": "svm", "run": run_name("svm"), "detail": "<model.onnx>", "answers": answers}
    ]
    serve(api_server, found)
    visit(page, "models")
    assert words in said(page)
    assert "&lt;model.onnx&gt;" in said(page)


def test_a_model_that_learnt_rows_that_are_gone_says_so(page, api_server):
    found = all_serve()
    found["items"][0]["dataset_erased"] = True
    serve(api_server, found)
    visit(page, "models")
    assert said(page).count("effacés ou masqués depuis") == 1


def test_going_back_needs_a_confirmation_and_is_sent_with_its_comment(page, admin):
    serve(admin)
    back = decision("ann", "rolled-back", 1)
    admin.route(
        "POST", "/families/ann/rollback", lambda _: (200, {"changed": True, "decision": back})
    )
    visit(page, "models")
    page.text_area[0].input(" trop lent ")
    press(page, "Revenir au modèle d’avant")
    assert "Cochez la confirmation" in said(page)
    assert not posts(admin)
    tick(page, "Je confirme")
    press(page, "Revenir au modèle d’avant")
    assert posts(admin) == [("/families/ann/rollback", {"comment": "trop lent"})]
    assert f"ANN : {run_name('ann', 1)} répond de nouveau." in said(page)


def test_where_nothing_served_before_there_is_nothing_to_go_back_to(page, admin):
    serve(admin)
    body = {"code": "not-found", "detail": "nothing served <ann> before"}
    admin.fail(404, body, "/families/ann/rollback")
    visit(page, "models")
    tick(page, "Je confirme")
    press(page, "Revenir au modèle d’avant")
    assert "il n’y a pas de modèle d’avant" in said(page)
    assert "&lt;ann&gt;" in said(page)


def test_the_run_that_is_held_is_opened_with_what_the_gate_asked(page, api_server):
    serve(api_server, one_held())
    open_part(page, "candidates")
    assert "■ retenu" in said(page)
    assert page.selectbox[0].value.run == HELD
    assert "■ Retenu : slice source: &lt;b&gt;x&lt;/b&gt; is worse" in said(page)
    assert 'aria-label="réussi">✓</i><b>floors' in said(page)
    assert 'aria-label="échoué : il retient le modèle">✗' in said(page)
    assert 'aria-label="échoué : dit seulement, ne retient pas">○</i><b>behaviour' in said(page)
    assert f"Comparé à {run_name('gbc', 1)}" in said(page)
    assert "Un administrateur peut changer ce qui répond." in said(page)
    assert "Mettre en service" not in [button.label for button in page.button]


def test_a_run_that_serves_or_is_damaged_cannot_be_promoted(page, admin):
    found = all_serve()
    found["runs"].append(known("gbc", "damaged", 1))
    serve(admin, found)
    open_part(page, "candidates")
    assert page.selectbox[0].value is None
    page.selectbox[0].select_index(0).run()
    assert "Ce modèle répond déjà." in said(page)
    page.selectbox[0].select_index(3).run()
    assert "Ce modèle est illisible" in said(page)
    assert "Mettre en service" not in [button.label for button in page.button]


def test_against_the_gate_a_promotion_needs_a_reason_and_a_confirmation(page, admin):
    serve(admin, one_held())
    answer = {"changed": True, "decision": decision("gbc", overrides=True)}
    admin.route("POST", f"/models/{HELD}/promote", lambda _: (200, answer))
    open_part(page, "candidates")
    assert "Le contrôle n’a pas béni ce modèle." in said(page)
    tick(page, "Je confirme")
    press(page, "Mettre en service")
    assert "Dites pourquoi" in said(page)
    page.text_area[0].input("vérifié à la main")
    press(page, "Mettre en service")
    wish = {"comment": "vérifié à la main", "champion": False}
    assert posts(admin) == [(f"/models/{HELD}/promote", wish)]
    assert f"GBC : {HELD} répond maintenant." in said(page)


def test_an_earlier_run_is_promoted_without_a_reason_but_not_unconfirmed(page, admin):
    serve(admin, one_held())
    run = run_name("svm", 1)
    admin.route(
        "POST", f"/models/{run}/promote", lambda _: (200, {"changed": False, "decision": None})
    )
    open_part(page, "candidates")
    page.selectbox[0].select_index(4).run()
    press(page, "Mettre en service")
    assert "Cochez la confirmation" in said(page)
    tick(page, "Je confirme")
    tick(page, "SVM devient aussi le champion")
    press(page, "Mettre en service")
    assert posts(admin) == [(f"/models/{run}/promote", {"comment": "", "champion": True})]
    assert "répondait déjà" in said(page)


def test_a_promotion_that_the_api_refuses_changes_nothing_and_says_why(page, admin):
    serve(admin, one_held())
    body = {"code": "invalid-input", "detail": "expected <a comment>"}
    admin.fail(422, body, f"/models/{HELD}/promote")
    open_part(page, "candidates")
    page.text_area[0].input("parce que")
    tick(page, "Je confirme")
    press(page, "Mettre en service")
    assert "expected &lt;a comment&gt;" in said(page)


def test_of_500_runs_the_table_shows_30_until_all_are_wanted(page, api_server):
    found = all_serve()
    found["runs"] += [known("svm", "earlier", day % 28 + 1) for day in range(497)]
    serve(api_server, found)
    open_part(page, "candidates")
    assert said(page).count("<tr>") == 1 + 30
    page.toggle[0].set_value(True).run()
    assert said(page).count("<tr>") == 1 + 500


def test_the_history_says_who_decided_why_and_against_what(page, api_server):
    serve(api_server)
    against = decision("svm", by="<alice>", overrides=True, comment="vérifié", reason="against")
    items = [against, decision("ann", "champion"), decision("gbc", "of-tomorrow")]
    api_server.route("GET", "/promotions", lambda _: (200, {"items": items, "total": 3}))
    open_part(page, "decisions")
    assert "&lt;alice&gt;" in said(page)
    assert "contre le contrôle" in said(page)
    assert "★ champion" in said(page)
    assert "of-tomorrow" in said(page)
    assert "3 décisions" in said(page)


def test_a_long_history_is_read_page_by_page(page, api_server):
    serve(api_server)
    answer = {"items": [decision("svm")], "total": 120}
    api_server.route("GET", "/promotions", lambda asked: (200, {**answer, "asked": asked.query}))
    open_part(page, "decisions")
    assert page.number_input[0].label == "Page (sur 3)"
    page.number_input[0].set_value(3).run()
    assert "/promotions" in [path for path, _ in api_server.asked]
    assert page.session_state["history-page"] == 3


def test_before_the_first_decision_the_history_is_said_to_be_empty(page, api_server):
    serve(api_server, none_yet())
    open_part(page, "decisions")
    assert "Aucune décision encore" in said(page)


def test_the_page_speaks_english(page, api_server):
    serve(api_server, one_held())
    visit(page, "models")
    english(page)
    assert "answers since 2026-11-02 08:05 UTC · 15,703 reviews · data v2" in said(page)
    choose_part(page, "candidates")
    assert "What the gate asked" in said(page)
    assert "■ held" in said(page)


def test_an_api_that_fails_is_explained(page, api_server):
    serve(api_server)
    api_server.fail(503, {"code": "artifact-damaged", "detail": "history"}, "/models")
    visit(page, "models")
    assert "Ce qui est demandé est endommagé" in said(page)


def test_a_session_that_is_over_leads_to_the_sign_in(page, api_server):
    serve(api_server)
    visit(page, "home")
    api_server.tokens.clear()
    page.session_state["answers"] = {}
    page.switch_page("app_pages/models.py").run()
    assert "votre session est terminée" in said(page)


def test_a_link_opens_the_part_that_it_names(page, api_server):
    serve(api_server)
    page.query_params["part"] = "decisions"
    visit(page, "models")
    assert "décisions, les plus récentes d’abord" in said(page)
