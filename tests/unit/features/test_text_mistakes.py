"""Mistakes of the first published system in its text step."""

import re
import unicodedata

import pytest

from satispy.features.text import tokenize

HARMED = [  # each holds an r, any character, an a, any character, an s
    "à éviter absolument",
    "livreur rapide, service après-vente irréprochable",
    "pour avoir passé commande",
    "très bien, retards rares",
]


@pytest.mark.parametrize("text", HARMED)
def test_mistake_3_no_part_of_a_word_is_taken_for_an_abbreviation(text):
    """Its `(r.a.s)`, dots unescaped, made 'à évitebienolument' of the first."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    assert tokenize(text) == re.findall(r"\w+", folded)


def test_mistake_3_the_rule_would_have_harmed_a_text():
    assert re.sub(r"(r.a.s)", "bien", HARMED[0]) == "à évitebienolument"


def test_mistake_3_the_abbreviation_itself_stays_as_it_was_written():
    assert tokenize("R.A.S.") == ["r", "a", "s"]
    assert tokenize("ras") == ["ras"]
