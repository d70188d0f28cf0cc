"""Données: past uploads, their bad rows, and these rows corrected in the page."""

import pytest

from ui.base_server import BAD, QUARANTINE, multipart_file, upload
from ui.visitor import open_tab, press, said, visit

TABLE = "mend-table-upload2-1"


@pytest.fixture
def tab(page, api_server, base):
    def opened(role="admin"):
        api_server.role = role
        return open_tab(visit(page, "data"), "data", "Envois")

    return opened


def choose(page):
    return page.selectbox(key="mend-upload").set_value("upload2").run()


def test_uploads_are_listed_to_everybody_and_bad_rows_to_admins(tab, api_server):
    page = tab("viewer")
    assert said(page).index("avis2.csv") < said(page).index("avis1.csv")
    assert "avec le rôle « admin »" in said(page)
    assert not page.selectbox
    assert not any("quarantine" in path for path, _ in api_server.asked)


def test_before_the_first_upload_the_tab_says_so(tab, base):
    base.uploads.clear()
    assert "Aucun envoi encore." in said(tab())


def test_uploads_without_bad_rows_have_nothing_to_correct(tab, base):
    base.uploads[:] = [upload(1)]
    assert "Aucun de ces envois n’a de ligne mise de côté." in said(tab())


def test_only_uploads_with_bad_rows_are_offered_and_they_are_shown_with_their_reasons(tab):
    page = tab()
    assert len(page.selectbox(key="mend-upload").options) == 1
    table = choose(page).data_editor[0].value
    assert table["reason"][0] == "star: expected 1 to 5, but received '<9>'"
    assert list(table["c0"]) == ["Bof", "=2+2"]
    assert page.download_button[0].label == "Télécharger ces lignes (CSV)"


def correct(page):
    page.session_state[TABLE] = {
        "edited_rows": {0: {"c1": "2"}},
        "added_rows": [],
        "deleted_rows": [],
    }
    return press(page, "Vérifier les corrections")


def test_corrections_are_checked_as_a_resubmission_before_they_are_sent(tab, base):
    page = correct(choose(tab()))
    ((query, body),) = base.sent
    assert query == {"dry_run": ["true"], "resubmits": ["upload2"]}
    assert multipart_file(body) == "Commentaire,star\r\nBof,2\r\n'=2+2,0\r\n"
    assert "Ce qu’il adviendrait du fichier" in said(page)


def test_what_was_checked_is_sent_again_and_answered_by_a_receipt(tab, base):
    page = press(correct(choose(tab())), "Ajouter 8 avis à la base")
    assert base.sent[-1][0] == {"resubmits": ["upload2"]}
    assert "8 avis ajoutés : la base est à la version 3" in said(page)


def test_rows_that_are_all_still_bad_are_named_by_their_lines_in_the_first_file(tab, api_server):
    page = choose(tab())
    summary = {**BAD, "first": [{"line": 2, "column": "star", "reason": "still 9"}]}
    body = {"code": "too-many-bad-rows", "detail": "all are bad", "summary": summary}
    api_server.fail(422, body, "/uploadfile")
    text = said(correct(page))
    assert "Toutes ces lignes sont encore incorrectes" in text
    assert '<td class="sp-num">3</td><td class="">star</td>' in text


def test_corrections_that_the_api_refuses_say_why(tab, api_server, base):
    page = choose(tab())
    api_server.fail(422, {"code": "invalid-input", "detail": "nothing was mended"}, "/uploadfile")
    assert "nothing was mended" in said(correct(page))


def test_rows_that_were_corrected_before_are_told(tab, api_server):
    api_server.route("GET", r"/uploads/(\w+)", lambda _: (200, {"resubmitted_by": ["a", "b"]}))
    assert "ont déjà été envoyées (2)" in said(choose(tab()))


def test_many_bad_rows_come_a_page_at_a_time(tab, api_server):
    content = b"line,column,reason,star\n" + b"".join(b"%d,star,no,9\n" % n for n in range(120))
    api_server.route("GET", r"/uploads/(\w+)/quarantine", lambda _: (200, content))
    page = choose(tab())
    assert len(page.data_editor[0].value) == 50
    page.pagination[0].set_value(3).run()
    assert list(page.data_editor[0].value["line"]) == list(range(100, 120))


def test_more_than_the_page_can_hold_is_for_a_spreadsheet(tab, api_server):
    content = QUARANTINE + b"5,star,no,x,9\n" * 400_000
    api_server.route("GET", r"/uploads/(\w+)/quarantine", lambda _: (200, content))
    page = choose(tab())
    assert "téléchargez-les, corrigez-les dans un tableur" in said(page)
    assert not page.data_editor


def test_bad_rows_that_cannot_be_had_leave_the_list(tab, api_server):
    page = tab()
    path = "/uploads/upload2/quarantine"
    api_server.fail(404, {"code": "not-found", "detail": "taken away"}, path)
    choose(page)
    assert "taken away" in said(page)
    assert "avis1.csv" in said(page)
