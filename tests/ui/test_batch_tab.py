"""Prédiction à la demande, a file: every state that a visitor may meet."""

import pytest

from ui.visitor import open_tab, press, said, visit

ANSWER = b"\xef\xbb\xbfCommentaire,svm_label,error\nbien,1,\n,,blank\n"
FILE = ("avis.csv", b"Commentaire\nbien\n\n", "text/csv")


@pytest.fixture
def tab(page, api_server):
    visit(page, "prediction")
    api_server.route("POST", "/predict/batch", lambda _: (200, ANSWER))
    api_server.headers["/predict/batch"] = {"X-Rows": "2"}
    api_server.kinds["/predict/batch"] = "text/csv"
    return open_tab(page, "prediction", "Un fichier")


def test_without_a_file_nothing_can_be_asked(tab):
    assert tab.button(key="batch-start").disabled
    assert "100\u202f000 lignes" in said(tab)


def test_a_file_is_answered_and_offered(tab, api_server):
    tab.file_uploader[0].set_value(FILE).run()
    press(tab, "Prédire le fichier")
    assert "2 lignes lues : les réponses sont prêtes." in said(tab)
    assert "1 lignes sont sans réponse" in said(tab)
    assert tab.session_state["batch"].read() == ANSWER
    assert tab.download_button[0].label == "Télécharger les réponses (CSV)"
    assert b"bien" in dict(api_server.asked)["/predict/batch"]


def test_an_answer_that_breaks_off_is_not_offered(tab, api_server):
    api_server.headers["/predict/batch"] = {"X-Rows": "5"}
    tab.file_uploader[0].set_value(FILE).run()
    press(tab, "Prédire le fichier")
    assert "interrompue après 2 lignes sur 5" in said(tab)
    assert not tab.download_button


@pytest.mark.parametrize(
    ("status", "code", "sentence"),
    [
        (413, "too-large", "Le fichier est trop grand"),
        (422, "not-a-review-file", "Ce n’est pas un CSV d’avis"),
        (415, "unsupported-file", "Ce n’est pas un CSV"),
        (503, "not-ready", "aucun modèle n’est servi"),
        (403, "forbidden", "Votre rôle ne permet pas"),
        (429, "too-many", "Trop de demandes"),
    ],
)
def test_a_refusal_says_what_to_do(tab, api_server, status, code, sentence):
    api_server.fail(status, {"code": code, "detail": "because <x>"}, "/predict/batch")
    tab.file_uploader[0].set_value(FILE).run()
    press(tab, "Prédire le fichier")
    assert sentence in said(tab)
    assert "because &lt;x&gt;" in said(tab)
    assert not tab.download_button


def test_a_session_that_is_over_asks_to_sign_in_again(tab, api_server):
    tab.file_uploader[0].set_value(FILE).run()
    api_server.tokens.clear()
    press(tab, "Prédire le fichier")
    assert "Vous avez été déconnecté" in said(tab)


def test_what_was_stopped_says_so_once(tab):
    tab.session_state["batch-stopped"] = True
    tab.run()
    assert "Arrêté : rien n’est à télécharger." in said(tab)
    tab.run()
    assert "Arrêté" not in said(tab)


def test_the_tab_stays_open_when_the_language_changes(tab):
    tab.segmented_control(key="language-switch").set_value("en").run()
    assert "Drop a CSV with a column" in said(tab)
    assert tab.button(key="batch-start").label == "Predict the file"
