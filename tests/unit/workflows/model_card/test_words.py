"""The catalogues of the cards: complete in both languages, and nothing that nobody asks for."""

import re
import string
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from satispy.workflows import model_card
from satispy.workflows.model_card.schema import HTML_FILES, Language
from satispy.workflows.model_card.words import LOCALE, Words

SOURCES = "".join(path.read_text("utf-8") for path in Path(model_card.__file__).parent.glob("*.py"))
ASKED = set(re.findall(r"""\bwords\(\s*["']([a-z_0-9.]+)["']""", SOURCES))
ASKED |= set(re.findall(r"""\bself\(\s*["']([a-z_0-9.]+)["']""", SOURCES))
GROUPS = (
    *re.findall(r"""\.(?:all|of|told)\(\s*["']([a-z_.]+)["']""", SOURCES),
    *re.findall(r"""\bwords\(\s*f["']([a-z_.]+)\.\{""", SOURCES),
)
LANGUAGES = get_args(Language)


def catalogue(language):
    return tomllib.loads((LOCALE / f"{language}.toml").read_text("utf-8"))


ENGLISH, FRENCH = catalogue("en"), catalogue("fr")


def fields(text):
    return sorted(name for _, name, *_ in string.Formatter().parse(text) if name is not None)


def test_each_language_has_a_catalogue_and_a_file_of_its_own():
    assert {path.stem for path in LOCALE.iterdir()} == set(LANGUAGES) == set(HTML_FILES)
    assert len(set(HTML_FILES.values())) == len(LANGUAGES)


def test_both_languages_have_the_same_keys_in_the_same_order_with_the_same_fields():
    assert list(ENGLISH) == list(FRENCH)
    assert {key for key in ENGLISH if fields(ENGLISH[key]) != fields(FRENCH[key])} == set()


def test_no_text_is_empty_and_few_are_the_same_in_both():
    assert all(ENGLISH.values())
    assert all(FRENCH.values())
    same = {key for key in ENGLISH if ENGLISH[key] == FRENCH[key]}
    assert same == {
        *("data.sources", "metrics.score", "figures.title", "calibration.table"),
        *("slices.table", "lineage.commit", "lineage.job"),
    }


def test_every_text_that_the_cards_code_asks_for_exists():
    assert set(ENGLISH) >= ASKED
    for group in GROUPS:
        assert any(key.startswith(f"{group}.") for key in ENGLISH), group


def test_no_text_is_left_over():
    groups = tuple(f"{group}." for group in GROUPS)
    assert {key for key in ENGLISH.keys() - ASKED if not key.startswith(groups)} == set()


def test_french_is_set_as_french_is():
    """A blank that does not break before : ; ? ! » % and after «; no typewriter's apostrophe."""
    wrong = re.compile(r"(?<!\u00a0)[:;?!»%]|«(?!\u00a0)|'")
    assert {key: text for key, text in FRENCH.items() if wrong.search(text)} == {}


def test_a_text_that_does_not_exist_or_lacks_a_field_is_a_mistake_of_the_code():
    words = Words("fr")
    with pytest.raises(KeyError):
        words("nowhere")
    with pytest.raises(KeyError):
        words("title")


@pytest.mark.parametrize(
    ("language", "shown", "ends", "alone"),
    [
        ("en", ".902 (.890 to .913)", ".89 to .91", ".902"),
        ("fr", "0,902 (0,890 à 0,913)", "0,89 à 0,91", "0,902"),
    ],
)
def test_scores_and_intervals_are_written_as_the_language_does(language, shown, ends, alone):
    words = Words(language)
    score = {"value": 0.9021, "low": 0.89, "high": 0.9134}
    assert words.in_brackets(score) == shown
    assert words.ends(score, 2) == ends
    assert words.in_brackets({"value": 0.9021, "low": None, "high": None}) == alone
    assert words.in_brackets(None) == ""


def test_numbers_do_not_break_in_french():
    words = Words("fr")
    assert words.whole(1_234_567) == "1\u202f234\u202f567"
    assert words.percent(0.8874) == "88,7\u00a0%"
    assert words.rough(12_345) == "12\u00a0k"


def test_what_a_later_version_brings_keeps_its_name():
    words = Words("fr")
    assert words.kind_of("weather") == "par weather"
    assert words.told("about", "A family of next year.") == "A family of next year."
    assert words.told("slice", "trees") == "trees"
    assert words.told("axis", "trees") == "arbres"
