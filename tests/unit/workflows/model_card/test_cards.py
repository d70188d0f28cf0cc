"""What a card says of runs of all kinds, and that it can be read safely."""

import json
import re

import pytest

from card_making import (
    ENGLISH,
    FRENCH,
    HOSTILE,
    card,
    french_page,
    upload,
)
from card_numbers import HEADLINE, assert_numbers_are, expected, in_french
from card_pages import facts, page_of, page_of_markdown, tables
from satispy.workflows.model_card.as_html import html
from satispy.workflows.model_card.as_markdown import markdown
from satispy.workflows.model_card.files import write_card
from satispy.workflows.model_card.sections import document_of
from satispy.workflows.retraining.reviews import ReviewFacts

BOTH = pytest.mark.parametrize("file", ["card.html", "card.fr.html"])


def pages(given):
    """Return the card as HTML and as Markdown, both parsed."""
    document = document_of(card(given), ENGLISH)
    return page_of(html(document, ENGLISH)), page_of_markdown(markdown(document, ENGLISH))


def assert_all_numbers_are_there(given):
    """All pages have the numbers of the metrics file, by the names of their language."""
    wanted = expected(given.metrics, given.training)
    for found in pages(given):
        assert_numbers_are(found, wanted)
    assert_numbers_are(french_page(given), in_french(wanted))


def test_both_texts_are_made_from_the_data_alone_and_equal_cards_give_equal_bytes(folder, tmp_path):
    write_card(tmp_path, json.loads((folder / "card.json").read_bytes()), ENGLISH)
    assert {path.name for path in tmp_path.iterdir()} == {"card.json", "card.md", "card.html"}
    for path in sorted(tmp_path.iterdir()):
        assert path.read_bytes() == (folder / path.name).read_bytes(), path.name


def test_both_texts_say_the_same_sentences(folder):
    page = page_of((folder / "card.html").read_text("utf-8"))
    other = page_of_markdown((folder / "card.md").read_text("utf-8"))
    assert [one.text for one in page.all("h1", "h2")] == [one.text for one in other.all("h1", "h2")]
    assert [one.text for one in page.all("li")] == [one.text for one in other.all("li")]
    said = {one.text for one in other.all("p")}
    assert {one.text for one in page.all("p", "figcaption")} <= said


def test_what_the_reviews_brought_is_shown_letter_by_letter_and_obeyed_nowhere(given):
    plain = document_of(card(given), ENGLISH)
    given.reviews = ReviewFacts(0.3, 12.0, {HOSTILE: 600, "": 300}, 0.8)
    given.metrics["slices"]["source"][0]["name"] = HOSTILE
    for fair in given.metrics["fairness"].values():
        fair["groups"][0]["name"] = fair["largest"] = HOSTILE
    given.metrics["yardsticks"]["source_rule"]["within_source"][0]["name"] = HOSTILE
    given.training["about"] = HOSTILE
    page, other = pages(given)
    shown = " ".join(HOSTILE.split())
    for found, harmless in (
        (page, page_of(html(plain, ENGLISH))),
        (other, page_of_markdown(markdown(plain, ENGLISH))),
    ):
        assert {one.tag for one in found.all(*ANY)} <= {one.tag for one in harmless.all(*ANY)}
        assert shown in tables(found)["Scores by source"]
        assert f"{shown} (the largest)" in tables(found)["Groups by company"]
        assert facts(found)["kind"] == shown
        assert facts(found)["sources"] == f"{shown} 600, (none) 300"
        assert f"within {shown}" in found.text


ANY = ("script", "a", "em", "s", "code", "td", "h1", "h2", "strong", "img", "iframe", "style")


def test_a_name_that_would_end_a_drawing_or_a_code_span_does_not(given):
    given.training["learning_curve"]["axis"] = "</title></svg><script>x</script>"
    given.training["vectors_version"] = "a`b|<script>"
    page, other = pages(given)
    assert page.all("script") == other.all("script") == []
    assert "</title></svg><script>x</script>" in page.all("svg")[2].all("desc")[0].text
    assert facts(page)["word vectors"] == facts(other)["word vectors"] == "a`b|<script>"


@BOTH
def test_the_page_needs_nothing_else_and_runs_nothing(folder, file):
    text = (folder / file).read_text("utf-8")
    page = page_of(text)
    assert len(text) < 150_000
    assert page.all("script", "link", "iframe", "object", "embed", "img", "form") == []
    names = {name for element in page.all(*TAGS) for name in element.attributes}
    assert not {name for name in names if name.startswith("on")} | names & {"src", "href", "style"}
    assert not re.search(r"https?:|//|@import|url\(", text)
    policy = [one for one in page.all("meta") if "http-equiv" in one.attributes]
    assert policy[0].attributes["content"].startswith("default-src 'none'")


TAGS = ("html", "body", "main", "section", "div", "svg", "text", "rect", "td", "th", "p", "figure")


@pytest.mark.parametrize(
    ("file", "language", "title"),
    [("card.html", "en", "Model card: "), ("card.fr.html", "fr", "Fiche du modèle ")],
)
def test_the_page_can_be_read_by_ear(folder, file, language, title):
    page = page_of((folder / file).read_text("utf-8"))
    assert page.all("html")[0].attributes["lang"] == language
    assert page.all("title")[0].text == page.all("h1")[0].text == f"{title}{folder.name}"
    assert len(page.all("h1")) == 1
    for table in page.all("table"):
        assert table.all("caption")[0].text
        assert {cell.attributes["scope"] for cell in table.all("th")} <= {"row", "col"}
        assert all(row.all("th") for row in table.all("tr"))
    described = []
    for drawing in page.all("svg"):
        assert drawing.attributes["role"] == "img"
        named = drawing.attributes["aria-labelledby"].split()
        assert named == [one.attributes["id"] for one in drawing.all("title", "desc")]
        assert all(one.text for one in drawing.all("title", "desc"))
        described += named
    assert len(set(described)) == len(described) == 6


def test_a_run_without_a_learning_curve_has_no_such_figure(given):
    given.training["learning_curve"] = None
    page, other = pages(given)
    assert [one.all("title")[0].text for one in page.all("svg")] == [
        *("Confusion matrix", "Calibration curve")
    ]
    for found in (page, other):
        assert "Learning curve" not in tables(found)
    assert_all_numbers_are_there(given)


def test_a_curve_that_is_known_on_held_out_reviews_alone_has_one_line(given):
    given.training["learning_curve"]["learnt"] = None
    assert len(pages(given)[0].all("svg")[2].all("rect")) == 0
    assert_all_numbers_are_there(given)


def test_a_training_of_an_earlier_version_has_a_card_all_the_same(given):
    for name in ("learning_curve", "code_version", "vectors_coverage", "training_side"):
        del given.training[name]
    page, other = pages(given)
    for found in (page, other):
        assert "commit" not in facts(found)
        assert "learnt from" in facts(found)


def test_a_run_without_held_out_answers_has_no_such_table(given):
    del given.metrics["held_out"]
    for found in pages(given):
        assert "On the training side" not in tables(found)
    assert_all_numbers_are_there(given)


def test_one_slice_held_out_has_no_mean_of_folds(given):
    held = given.metrics["held_out"]
    held["folds"], held["spread"] = held["folds"][:1], dict.fromkeys(HEADLINE)
    for found in pages(given):
        assert list(tables(found)["On the training side"]["accuracy"]) == ["all held-out reviews"]
        assert "(one slice held out)" in found.text
    assert_all_numbers_are_there(given)
    assert "(une seule part mise de côté)" in french_page(given).text


def test_the_model_that_served_is_compared_with_refused_or_missed(given):
    serving = given.metrics["serving"] = {
        "state": "examined",
        "run": "before",
        **{name: given.metrics[name] - 0.01 for name in HEADLINE},
        "difference": {name: {"value": 0.01, "low": -0.002, "high": 0.02} for name in HEADLINE},
    }
    for name in HEADLINE:
        serving |= {f"{name}_low": serving[name] - 0.1, f"{name}_high": serving[name] + 0.05}
    for found in pages(given):
        assert "That model is before, on the same exam." in found.text
    assert "Ce modèle-là est before, sur le même examen." in french_page(given).text
    assert_all_numbers_are_there(given)
    given.metrics["serving"] = {"state": "none"}
    for found in pages(given):
        assert "No model of this family served" in found.text
    for run, who in (("before", "before"), (None, "What served")):
        given.metrics["serving"] = {"state": "unreadable", "run": run, "code": "x", "detail": "y"}
        for found in pages(given):
            assert f"{who} could not sit the exam (x)." in found.text
    assert "Le modèle qui servait n’a pas pu passer l’examen (x)." in french_page(given).text


def test_a_model_not_shown_to_be_above_its_source_rule_says_so_first(given):
    clear = given.metrics["yardsticks"]["source_rule"]["difference"]["accuracy"]
    clear |= {"value": 0.02, "low": 0.001, "high": 0.04}
    assert card(given)["warnings"] == []
    clear |= {"low": 0.0}
    page, other = pages(given)
    sentence = "above the rule that answers by source alone by .020 (.000 to .040)"
    assert sentence in page.all("header")[0].text
    assert sentence in other.all("blockquote")[0].text
    warned = french_page(given).all("header")[0].text
    assert "Attention." in warned
    assert "la règle de la source est de 0,020 (0,000 à 0,040)" in warned


def test_synthetic_reviews_are_said_to_be_that_before_any_number(homes):
    for name in ("card.html", "card.md"):
        text = (homes["svm"] / name).read_text("utf-8")
        assert text.index("1 200 of the reviews are synthetic") < text.index("At a glance")
    text = (homes["svm"] / "card.fr.html").read_text("utf-8")
    assert text.index("1\u202f200 avis sont synthétiques") < text.index("En bref")


def test_the_weakest_slice_that_is_not_few_is_named(given):
    weak = given.metrics["slices"]["star"][1]
    weak |= {"name": "2", "few": False, "accuracy": 0.1, "accuracy_low": 0.05}
    weak |= {"accuracy_high": 0.2}
    given.metrics["slices"]["star"][0] |= {"few": True, "accuracy": 0.01}
    weakest = "It is weakest in the slice by stars given “2”: accuracy .100 (.050 to .200)."
    assert weakest in card(given)["caveats"]
    assert "par étoiles, est «\u00a02\u00a0»" in card(given, FRENCH)["caveats"][-1]
    for slices in given.metrics["slices"].values():
        for one in slices:
            one["few"] = True
    assert not any("weakest" in one for one in card(given)["caveats"])


def test_only_the_larger_sources_are_named(given):
    given.reviews = ReviewFacts(0.3, 12.0, {f"s{place}": 10 for place in range(30)}, 0.8)
    assert len(card(given)["data"]["sources"]) == 20
    for found in pages(given):
        assert facts(found)["sources"].endswith("s4 10, and 25 more")


@pytest.mark.parametrize(
    ("commit", "changed", "shown"),
    [
        ("a" * 40, False, "a" * 40),
        ("a" * 40, True, "a" * 40 + ", with changes that were not committed"),
        (None, None, "unknown: not trained from a checkout"),
    ],
)
def test_the_commit_that_made_it_is_named_as_far_as_it_is_known(given, commit, changed, shown):
    given.training["code_version"] = {"satispy": "0.1.0", "commit": commit, "changed": changed}
    for found in pages(given):
        assert facts(found)["commit"] == shown


def test_the_uploads_behind_the_data_are_named_up_to_a_number(given):
    given.uploads = [upload(str(number), HOSTILE) for number in range(60)]
    for page in pages(given):
        said = facts(page)
        assert said["upload 50"].startswith("upload 49 (<script>")
        assert "upload 51" not in said
        assert said["further uploads"] == "10: satispy lineage lists them"
    assert card(given)["lineage"]["uploads"] == [str(one) for one in given.uploads[:50]]
