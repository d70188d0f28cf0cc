"""Données: adding a file, looking at the base; what each role is offered."""

import pytest

from ui.base_server import BAD, multipart_file
from ui.visitor import open_tab, press, said, visit

FILE = ("avis.csv", b"Commentaire,star\nTres <bien>,5\n", "text/csv")
CHECKED = "Ce qu’il adviendrait du fichier"


@pytest.fixture
def data(page, api_server, base):
    def opened(role="admin"):
        api_server.role = role
        return visit(page, "data")

    return opened


def drop(page, file=FILE):
    return page.file_uploader[0].set_value(file).run()


def titles(page):
    return [tab.label for tab in page.tabs]


@pytest.mark.parametrize("role", ["viewer", "user"])
def test_who_is_no_admin_looks_and_adds_nothing(data, role):
    page = data(role)
    assert titles(page) == ["Répartition", "Recherche", "Envois", "Versions"]
    assert not page.file_uploader
    assert "Seul un administrateur ajoute des fichiers." in said(page)


def test_an_admin_begins_where_files_are_added(data, base):
    page = data()
    assert titles(page)[0] == "Ajouter"
    assert "Rien n’est ajouté avant votre accord." in said(page)
    assert base.sent == []


def test_a_file_is_shown_and_checked_before_anything_is_added(data, base):
    page = drop(data())
    text = said(page)
    assert "Tres &lt;bien&gt;" in text
    assert CHECKED in text
    assert "<b>8</b><span>ajoutées" in text
    assert "<b>2</b><span>mises de côté" in text
    assert "received &#x27;&lt;9&gt;&#x27;" in text
    assert "Par colonne : star (1), ligne entière (1)" in text
    assert [query for query, _ in base.sent] == [{"dry_run": ["true"]}]
    assert multipart_file(base.sent[0][1]) == FILE[1].decode()


def test_a_file_is_checked_once_however_often_the_page_is_drawn(data, base):
    drop(data()).run().run()
    assert len(base.sent) == 1


def test_what_was_checked_is_added_by_one_button_and_answered_by_a_receipt(data, base):
    page = press(drop(data()), "Ajouter 8 avis à la base")
    assert [query for query, _ in base.sent] == [{"dry_run": ["true"]}, {}]
    text = said(page)
    assert "8 avis ajoutés : la base est à la version 3 et compte 300 avis." in text
    assert "Envoi upload3" in text
    assert CHECKED not in text
    assert not page.file_uploader[0].value


def test_an_addition_that_broke_off_is_repeated_under_the_same_key(data, api_server, base):
    page = drop(data())
    key = page.session_state["upload-draft"].key
    api_server.fail(503, {"code": "database-lost", "detail": "perhaps"}, "/uploadfile")
    press(page, "Ajouter 8 avis à la base")
    assert "perhaps" in said(page)
    assert page.session_state["upload-draft"].key == key
    api_server.failure = None
    assert "8 avis ajoutés" in said(press(page, "Ajouter 8 avis à la base"))


def test_another_file_gets_another_key(data, base):
    page = drop(data())
    key = page.session_state["upload-draft"].key
    drop(page, ("autre.csv", b"Commentaire,star\nBof,2\n", "text/csv"))
    assert page.session_state["upload-draft"].key != key


def test_the_receipt_leads_to_the_rows_that_were_set_aside(data, base):
    base.uploads[0]["upload_id"] = "upload3"
    page = press(drop(data()), "Ajouter 8 avis à la base")
    press(page, "Corriger les lignes mises de côté")
    assert page.selectbox(key="mend-upload").value == "upload3"


def test_a_file_that_brings_nothing_new_cannot_be_added(data, base):
    base.foretold |= {"rows_accepted": 0, "rows_duplicate": 10, "bad_rows": None}
    page = drop(data())
    assert "la base contient déjà toutes les lignes correctes" in said(page)
    assert page.button(key="upload-draft-add").disabled


def test_warnings_are_told(data, base):
    base.foretold |= {"warnings": ["columns that were left out: '<x>'"], "bad_rows": None}
    assert "left out: &#x27;&lt;x&gt;&#x27;" in said(drop(data()))


@pytest.mark.parametrize(
    ("status", "code", "sentence"),
    [
        (409, "duplicate-upload", "Ce fichier a déjà été reçu."),
        (413, "too-large", "Partagez-le en fichiers de 50 Mo au plus."),
        (422, "not-a-review-file", "Ce n’est pas un CSV d’avis."),
        (415, "unsupported-file", "Exportez la feuille en CSV"),
        (403, "forbidden", "Votre rôle ne permet pas cette action."),
        (507, "storage-full", "erreur interne"),
    ],
)
def test_a_refused_file_says_what_to_do_and_can_be_checked_again(
    data, api_server, base, status, code, sentence
):
    api_server.fail(status, {"code": code, "detail": "because <x>"}, "/uploadfile")
    page = drop(data(), ("photo.csv", b"\x89PNG\0", "text/csv"))
    assert sentence in said(page)
    assert "because &lt;x&gt;" in said(page)
    api_server.failure = None
    assert CHECKED in said(press(page, "Vérifier de nouveau"))


def test_too_many_bad_rows_are_shown_with_their_reasons(data, api_server):
    body = {"code": "too-many-bad-rows", "detail": "2 of 3", "summary": BAD}
    api_server.fail(422, body, "/uploadfile")
    text = said(drop(data()))
    assert "Trop de lignes sont incorrectes : rien ne serait ajouté." in text
    assert "expected 1 to 5, but received" in text


def test_a_session_that_is_over_asks_to_sign_in_again(data, api_server):
    page = data()
    api_server.tokens.clear()
    drop(page)
    assert "Vous avez été déconnecté" in said(page)


def test_the_distributions_are_tables_with_their_numbers(data):
    text = said(data("viewer"))
    assert "<b>" not in page_markdown(text)
    for words in ("**1\u202f000** avis, version 3", "20,0\u00a0%", "(sans nom)", "(autres)"):
        assert words in text
    assert "50 et plus" in text
    assert "2026-02 : 550 avis, note moyenne 4,25" in text
    assert "50 avis n’ont pas de date." in text


def page_markdown(text):
    return next(line for line in text.splitlines() if line.startswith("**1"))


def test_an_empty_base_says_how_it_is_filled(data, base):
    base.rows = 0
    page = data("viewer")
    assert "La base est encore vide." in said(page)
    open_tab(page, "data", "Recherche")
    assert "onglet « Ajouter »" in said(page)


def test_versions_say_what_made_them_and_whether_they_can_be_read(data):
    text = said(open_tab(data("viewer"), "data", "Versions"))
    assert "effacement" in text
    assert "✕ effacée" in text
    assert "✓ oui" in text


def test_statistics_that_fail_leave_the_other_tabs(data, api_server):
    api_server.fail(503, {"code": "busy", "detail": "wait"}, "/statistics")
    page = data("viewer")
    assert "erreur interne" in said(page)
    assert "avis2.csv" in said(open_tab(page, "data", "Envois"))


def test_the_page_speaks_english(data, page):
    data()
    page.segmented_control(key="language-switch").set_value("en").run()
    drop(page)
    text = said(page)
    assert "What would become of the file" in text
    assert page.button(key="upload-draft-add").label == "Add 8 reviews to the base"
    open_tab(page, "data", "Distributions")
    assert "20.0%" in said(page)
    assert "mean star 4.25" in said(page)
