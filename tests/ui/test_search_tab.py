"""Données: the reviews of the base, searched and filtered."""

from datetime import date

import pytest

from reviews_ui.api.reviews import Question
from ui.base_server import review
from ui.visitor import open_tab, press, said, visit

ARABIC = "خدمة سيئة جدا 😡"


@pytest.fixture
def tab(page, api_server, base):
    api_server.role = "viewer"
    return open_tab(visit(page, "data"), "data", "Recherche")


def test_all_reviews_come_first_a_page_at_a_time(tab, base):
    text = said(tab)
    assert "**60** avis" in text
    assert "Livraison &lt;rapide&gt;" in text
    assert "24/12/2025" in text
    assert base.queries[-1] == {"page": ["1"], "page_size": ["25"]}
    tab.pagination[0].set_value(3).run()
    assert base.queries[-1]["page"] == ["3"]


def test_every_filter_narrows_the_question(tab, base):
    tab.text_input(key="search-text").input(" livr* ")
    tab.button_group(key="search-stars").set_value([5, 1])
    tab.multiselect(key="search-sources").set_value(["site"])
    tab.date_input(key="search-since").set_value(date(2025, 1, 31))
    press(tab, "Chercher")
    assert base.queries[-1] == {
        "page": ["1"],
        "page_size": ["25"],
        "text": ["livr*"],
        "star": ["1", "5"],
        "source": ["site"],
        "since": ["2025-01-31"],
    }


def test_a_new_question_begins_at_its_first_page(tab, base):
    tab.pagination[0].set_value(3).run()
    tab.text_input(key="search-text").input("rapide")
    press(tab, "Chercher")
    assert base.queries[-1]["page"] == ["1"]


def test_dates_the_wrong_way_round_are_not_sent(tab, base):
    before = len(base.queries)
    tab.date_input(key="search-since").set_value(date(2025, 2, 1))
    tab.date_input(key="search-until").set_value(date(2025, 1, 1))
    press(tab, "Chercher")
    assert "La première date est après la seconde." in said(tab)
    assert len(base.queries) == before


def test_nothing_found_says_what_to_try(tab, base):
    tab.text_input(key="search-text").input("introuvable")
    press(tab, "Chercher")
    assert "retirez un mot ou un filtre" in said(tab)


def test_texts_keep_their_direction_and_long_ones_unfold(tab, base):
    base.reviews[:] = [review(1, ARABIC), review(2, "mot " * 500)]
    press(tab, "Chercher")
    tab.session_state["answers"] = {}
    text = said(tab.run())
    assert f'<span dir="auto">{ARABIC}</span>' in text
    assert '<details><summary dir="auto">mot mot' in text


def test_a_search_that_fails_says_why(tab, api_server):
    api_server.fail(503, {"code": "base-damaged", "detail": "verify it"}, "/comments")
    tab.session_state["answers"] = {}
    assert "verify it" in said(tab.run())


def test_an_empty_question_asks_for_everything():
    assert Question().params() == {}


def test_the_tab_speaks_english(tab, page):
    page.segmented_control(key="language-switch").set_value("en").run()
    assert "**60** reviews, the last added first." in said(page)
    assert "2025-12-24" in said(page)
