"""The French page of a card: the same data and layout, and no sentence left in English."""

import re

import pytest

from card_making import FRENCH, HOSTILE, card, french_page
from card_pages import facts, page_of, tables
from satispy.core.files import read_json
from satispy.workflows.retraining.reviews import ReviewFacts


@pytest.fixture
def both(folder):
    """The English page and the French one of a run."""
    return [page_of((folder / name).read_text("utf-8")) for name in ("card.html", "card.fr.html")]


def test_only_sentences_differ(given):
    french, english = card(given, FRENCH), card(given)
    said = {"warnings", "intended_use", "factors", "ethics", "caveats", "recommendations"}
    assert {name for name in english if english[name] != french[name]} <= said | {
        "details",
        "lineage",
    }
    assert english["details"] | {"about": ""} == french["details"] | {"about": ""}
    assert english["lineage"] | {"uploads": []} == french["lineage"] | {"uploads": []}
    assert french["lineage"]["uploads"] == [
        f"envoi 1 (data_MAJ.csv, sha256 {'e' * 16})\u00a0: 1200 lignes, "
        "par admin le 2026-11-21 08:00 UTC (version 3)"
    ]
    for name in ("factors", "ethics", "caveats", "recommendations"):
        assert len(french[name]) == len(english[name])


def test_it_is_laid_out_as_the_english_one(both):
    """Numbers to the right and intervals on one line: they are recognised in both languages."""
    english, french = both
    for kind in ("number", "interval"):
        places = [
            [one.attributes.get("class") == kind for one in page.all("th", "td")] for page in both
        ]
        assert places[0] == places[1]
        assert any(places[0])
    for tag in ("section", "h2", "p", "li", "table", "tr", "svg", "text", "circle", "dt", "dd"):
        assert len(english.all(tag)) == len(french.all(tag)), tag


def test_no_sentence_is_left_in_english(folder, both):
    """What the families say of themselves, of their curves and of their axes has its French."""
    told = ("h2", "p", "li", "caption", "figcaption", "summary", "title", "desc", "th", "td")
    english, french = ({one.text for one in page.all(*told)} for page in both)
    of_data = {facts(both[0])[name] for name in ("libraries", "hyper-parameters", "sources")}
    alike = {text for text in english & french if re.search(r"[a-zé] [a-zé]", text)}
    assert alike <= of_data
    training = read_json(folder / "training.json")
    curve = training["learning_curve"]
    for text in (training["about"], curve["about"], "percentile bootstrap"):
        assert text in both[0].text
        assert text not in both[1].text
    assert curve["axis"] in {one.text for one in both[0].all("svg")[2].all("text")}
    assert curve["axis"] not in {one.text for one in both[1].all("svg")[2].all("text")}


def test_no_decimal_point_is_left(both):
    """But in what is data: versions, hyper-parameters, and when it was trained."""
    page = both[1]
    said = [one.text for one in page.all("p", "li", "dd", "figcaption", "desc", "text")]
    said += [
        cell for rows in tables(page).values() for row in rows.values() for cell in row.values()
    ]
    said += [
        facts(page)[name] for name in ("négatifs", "mots d’un avis", "mots qui ont un vecteur")
    ]
    assert [text for text in said if re.search(r"(?<!\w)\.\d|\d\.\d", text)] == []
    assert any(re.search(r"\d,\d", text) for text in said)


def test_slices_of_ours_have_french_names_and_those_of_the_customers_their_own(given):
    years = given.metrics["slices"]["year"]
    given.metrics["slices"]["year"] = [
        years[0] | {"name": name} for name in ("(none)", "(others)", "Pages & Jaunes")
    ]
    given.reviews = ReviewFacts(0.3, 12.0, {"trees": 600, "": 300}, 0.8)
    page = french_page(given)
    shown = tables(page)
    assert list(shown["Scores par année"]) == ["(non renseigné)", "(autres)", "Pages & Jaunes"]
    assert "11 à 25" in shown["Scores par nombre de mots"]
    assert facts(page)["sources"] == "trees 600, (non renseigné) 300"


def test_what_the_reviews_brought_is_shown_letter_by_letter(given):
    given.metrics["slices"]["source"][0]["name"] = "{run} " + HOSTILE
    given.training["about"] = HOSTILE
    page = french_page(given)
    shown = " ".join(HOSTILE.split())
    assert page.all("script") == []
    assert f"{{run}} {shown}" in tables(page)["Scores par source"]
    assert facts(page)["type de modèle"] == shown
