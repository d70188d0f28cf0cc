"""Accueil, as a visitor meets it: the loop as it is, and what to do next."""

import re

import pytest

from ui.base_server import correction
from ui.model_answers import AWAY, alert, all_serve, none_yet, one_held, retraining, serve
from ui.parts import english
from ui.visitor import said, sign_in, visit


def steps(page):
    """The five steps of the picture, as text."""
    (picture,) = re.findall(r'<ol class="sp-loop".*?</ol>', said(page), re.DOTALL)
    found = re.findall(r"<li.*?</li>", picture, re.DOTALL)
    assert len(found) == 5
    return [re.sub(r"<[^>]+>", " ", step).split("  ") for step in found]


def step(page, place):
    return " ".join(word for part in steps(page)[place] for word in part.split())


def test_the_loop_is_drawn_from_the_state(page, api_server):
    serve(api_server)
    visit(page, "home")
    assert "Satispy lit les avis de vos clients" in said(page)
    assert step(page, 0) == "Avis ✓ 15 703 version 3 de la base"
    assert step(page, 1) == "Réentraînement ✓ 3 familles le 02/11/2026 08:00 UTC sur 15 703 avis"
    assert step(page, 2) == "Examen et contrôle ✓ 3 sur 3 en service tous ont passé le contrôle"
    assert step(page, 3) == "Champion ✓ SVM accuracy 91,2 % depuis le 02/11/2026 08:05 UTC"
    assert step(page, 4) == "Prédictions et alertes ✓ 3 familles répondent aucune alerte ouverte"
    assert "Tout va bien : rien ne presse" in said(page)


def test_the_loop_speaks_english(page, api_server):
    serve(api_server)
    english(visit(page, "home"))
    assert step(page, 0) == "Reviews ✓ 15,703 version 3 of the base"
    assert step(page, 3) == "Champion ✓ SVM accuracy 91.2% since 2026-11-02 08:05 UTC"
    assert "All is well: nothing is due" in said(page)


def test_no_state_hangs_on_a_colour(page, api_server):
    serve(api_server, alerts=[alert()])
    visit(page, "home")
    assert 'role="img" aria-label="à regarder">⚠' in said(page)
    assert 'role="img" aria-label="tout va bien">✓' in said(page)


@pytest.mark.parametrize(
    ("role", "words", "links"),
    [
        ("admin", "soit ajouté", ["Déposer un fichier"]),
        ("user", "Demandez à un administrateur", []),
    ],
)
def test_before_the_first_upload_the_next_step_is_one(page, api_server, role, words, links):
    api_server.role = role
    api_server.dataset.update(version=0, rows=0)
    serve(api_server, none_yet())
    visit(page, "home")
    assert step(page, 0) == "Avis 0 aucun avis encore"
    assert "Déposer un premier fichier d’avis" in said(page)
    assert words in said(page)
    assert [link.proto.label for link in page.get("page_link")] == links


@pytest.mark.parametrize(("role", "links"), [("admin", ["Réentraîner"]), ("viewer", [])])
def test_before_the_first_model_the_next_step_is_a_training(page, api_server, role, links):
    api_server.role = role
    serve(api_server, none_yet())
    visit(page, "home")
    assert step(page, 1) == "Réentraînement – jamais encore"
    assert step(page, 3) == "Champion – pas encore choisi"
    assert "Lancer le premier réentraînement" in said(page)
    assert [link.proto.label for link in page.get("page_link")] == links


def test_an_open_alert_comes_first_and_names_score_and_slice(page, api_server):
    red = [alert(), alert("slice", 2, slice="source: <i>TrustPilot</i>", family="svm")]
    serve(api_server, alerts=red)
    visit(page, "home")
    assert step(page, 4).endswith("⚠ 3 familles répondent 2 alertes ouvertes")
    assert "ALERTE GBC : un score n’est pas au-dessus de son seuil" in said(page)
    assert "f1_0 : 70,1\u00a0% (seuil : 80,0\u00a0%)" in said(page)
    assert "source: &lt;i&gt;TrustPilot&lt;/i&gt; · f1_0" in said(page)
    assert page.get("page_link")[0].proto.query_string == "run=20261102T080000.000000Z-gbc"
    assert "Tout va bien" not in said(page)


def test_many_alerts_are_counted_and_a_kind_of_a_later_version_is_shown_too(page, api_server):
    red = [alert(number=number) for number in range(4)] + [alert("of-tomorrow", 9, metric=None)]
    serve(api_server, alerts=red[::-1])
    visit(page, "home")
    assert "Et 2 autres alertes ouvertes" in said(page)
    assert "ALERTE GBC" in said(page)


def test_a_failed_retraining_and_a_damaged_model_lead_to_the_models(page, api_server):
    red = [alert("retraining-failed", family=None, metric=None, detail="train_svm <failed>")]
    red.append(alert("model-damaged", 2, metric=None, detail="model.onnx is gone"))
    serve(api_server, alerts=red)
    visit(page, "home")
    assert "train_svm &lt;failed&gt;" in said(page)
    assert "le modèle qui devrait répondre est illisible" in said(page)
    labels = [link.proto.label for link in page.get("page_link")]
    assert labels == ["Voir les modèles", "Voir les modèles"]


def test_a_model_that_is_held_is_said_to_be_and_the_former_one_to_answer(page, api_server):
    serve(api_server, one_held())
    visit(page, "home")
    assert step(page, 2) == (
        "Examen et contrôle 2 sur 3 en service retenu : GBC le modèle d’avant répond"
    )


def test_reviews_that_no_model_has_learnt_ask_an_admin_to_retrain(page, api_server):
    api_server.role = "admin"
    api_server.dataset.update(version=4, rows=17_203)
    serve(api_server)
    visit(page, "home")
    assert step(page, 0) == "Avis ✓ 17 203 version 4 de la base 1 500 pas encore appris"
    assert "Réentraîner : 1\u202f500 avis n’ont pas encore été appris" in said(page)


@pytest.mark.parametrize(
    ("count", "words"),
    [(1, "Une correction attend votre décision"), (2, "2 corrections attendent votre décision")],
)
def test_corrections_that_wait_ask_an_admin_to_decide(page, api_server, base, count, words):
    api_server.role = "admin"
    base.corrections += [correction(number) for number in range(1, count + 1)]
    serve(api_server)
    visit(page, "home")
    assert words in said(page)
    [link] = page.get("page_link")
    assert link.proto.label == "Lire et décider"
    assert link.proto.query_string == "tab=corrections"


def test_corrections_of_others_are_no_matter_of_a_user(page, api_server, base):
    base.corrections.append(correction(1))
    serve(api_server)
    visit(page, "home")
    assert "Tout va bien : rien ne presse" in said(page)


@pytest.mark.parametrize(("state", "word"), [("queued", "en attente"), ("running", "en cours")])
def test_a_retraining_that_goes_on_can_be_followed(page, api_server, state, word):
    serve(api_server, retrainings=[retraining(state)])
    visit(page, "home")
    assert step(page, 1).startswith(f"Réentraînement ↻ {word} le dernier : 02/11/2026")
    assert [link.proto.label for link in page.get("page_link")] == ["Suivre ses étapes"]


def test_a_retraining_that_waits_for_approval_leads_to_airflow(page, api_server):
    serve(api_server, retrainings=[retraining("waiting-for-approval")])
    visit(page, "home")
    assert "Un réentraînement attend votre approbation" in said(page)
    (link,) = page.get("link_button")
    assert link.proto.url.startswith("http://127.0.0.1:8080/dags/")


def test_an_address_of_airflow_that_is_none_is_no_link(page, api_server):
    serve(
        api_server,
        retrainings=[retraining("waiting-for-approval", airflow_url="javascript:alert(1)")],
    )
    visit(page, "home")
    assert not page.get("link_button")
    assert [link.proto.label for link in page.get("page_link")] == ["Suivre ses étapes"]


def test_without_airflow_the_rest_is_shown_and_that_is_said(page, api_server):
    serve(api_server)
    api_server.fail(503, AWAY, "/retrain")
    visit(page, "home")
    assert step(page, 1).startswith("Réentraînement ⚠ Airflow absent le 02/11/2026")
    assert "Tout le reste fonctionne." in said(page)
    assert "Tout va bien" not in said(page)
    assert step(page, 3).startswith("Champion ✓ SVM")


def test_what_cannot_be_read_is_unknown_and_never_well(page, api_server):
    api_server.fail(
        503, {"code": "artifact-damaged", "detail": "x"}, "/models", "/alerts", "/retrain"
    )
    visit(page, "home")
    assert step(page, 2) == "Examen et contrôle ? état indisponible"
    assert step(page, 4) == "Prédictions et alertes – alertes : état indisponible"
    assert "Rien ne presse, pour autant qu’on sache" in said(page)
    assert "Tout va bien" not in said(page)


def test_an_api_that_is_away_is_explained(page, api_server):
    serve(api_server)
    api_server.fail(500, {"code": "x", "detail": "disk full"}, "/status")
    visit(page, "home")
    assert "L’API a rencontré une erreur interne." in said(page)
    assert '<ol class="sp-loop"' not in said(page)


@pytest.mark.parametrize("path", ["/status", "/models", "/alerts", "/retrain"])
def test_a_session_that_is_over_leads_to_the_sign_in(page, api_server, path):
    serve(api_server)
    api_server.fail(401, {"code": "unauthenticated", "detail": "expired"}, path)
    sign_in(page)  # which opens this page
    assert "votre session est terminée" in said(page)


def test_a_viewer_is_not_sent_where_a_viewer_may_not_go(page, api_server):
    api_server.role = "viewer"
    serve(api_server, all_serve())
    visit(page, "home")
    assert [link.proto.label for link in page.get("page_link")] == ["Lire les scores"]
