"""Corrections: one's own with their state; an admin decides."""

import pytest

from ui.base_server import correction
from ui.visitor import open_tab, press, said, visit


@pytest.fixture
def tab(page, api_server, base):
    def opened(role="user", title="Corrections"):
        api_server.role = role
        visit(page, "prediction")
        return open_tab(page, "prediction", title)

    return opened


def test_before_the_first_correction_the_tab_says_where_they_come_from(tab):
    assert "elles naissent sous une réponse" in said(tab())


def test_a_link_opens_the_tab(page, api_server, base):
    page.query_params["tab"] = "corrections"
    visit(page, "prediction")
    assert "elles naissent sous une réponse" in said(page)


def test_each_correction_is_listed_with_its_state_and_its_decision(tab, base):
    base.corrections += [
        correction(3),
        correction(2, "accepted"),
        correction(1, "rejected", reason="hors <sujet>", comment="non & non"),
    ]
    text = said(tab())
    assert "… en attente" in text
    assert "✓ acceptée" in text
    assert "✕ refusée" in text
    assert "Dans la base : avis n° 77" in text
    assert "Raison : hors &lt;sujet&gt;" in text
    assert "non &amp; non" in text
    assert "Avis &lt;3&gt;" in text


def test_who_is_no_admin_decides_nothing(tab, base):
    base.corrections.append(correction(1))
    assert "Accepter" not in [button.label for button in tab().button]


def test_an_admin_sees_first_what_waits(tab, base):
    base.corrections += [correction(2), correction(1, "accepted")]
    text = said(tab("admin"))
    assert "Avis &lt;2&gt;" in text
    assert "Avis &lt;1&gt;" not in text


def test_an_admin_accepts_and_reads_which_review_it_became(tab, base):
    base.corrections.append(correction(1))
    page = press(tab("admin"), "Accepter")
    assert base.corrections[0]["state"] == "accepted"
    assert "Correction n° 1 acceptée : c’est l’avis n° 77" in said(page)
    assert "Aucune correction dans cet état." in said(page)


def test_an_admin_rejects_with_a_reason(tab, base):
    base.corrections.append(correction(1))
    page = tab("admin")
    page.text_area(key="why-1").input("hors sujet")
    press(page, "Refuser la correction")
    assert base.corrections[0]["reason"] == "hors sujet"
    assert "Correction n° 1 refusée." in said(page)


def test_what_another_admin_decided_meanwhile_is_told(tab, base):
    base.corrections.append(correction(1))
    page = tab("admin")
    base.corrections[0]["state"] = "rejected"
    press(page, "Accepter")
    assert "déjà décidé" in said(page)


def test_many_corrections_come_a_page_at_a_time(tab, base):
    base.corrections += [correction(number) for number in range(45, 0, -1)]
    page = tab()
    assert page.pagination[0].num_pages == 3
    page.pagination[0].set_value(3).run()
    assert "Avis &lt;5&gt;" in said(page)
    assert "Avis &lt;45&gt;" not in said(page)


def test_a_list_that_fails_says_why_and_leaves_the_page(tab, api_server):
    api_server.fail(500, {"code": "internal", "detail": "no"}, "/feedback")
    page = tab()
    assert "erreur interne" in said(page)
    assert page.title[0].value == "Prédiction à la demande"


def test_the_tab_speaks_english(tab, page, base):
    base.corrections.append(correction(1, "accepted"))
    tab()
    page.segmented_control(key="language-switch").set_value("en").run()
    assert "✓ accepted" in said(page)
    assert "Decided by boss, 2026-11-22 10:00 UTC" in said(page)
