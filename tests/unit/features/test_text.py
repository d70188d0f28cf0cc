import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satispy.features.text import tokenize

WORDS = ["je", "n", "ai", "pas", "reçu", "jamais", "plus"]
RULE_OF_THE_FIRST_SYSTEM = re.compile(r"(r.a.s)")


@pytest.mark.parametrize("nothing", ["", "   ", "...!?", "\n", "’"])
def test_a_text_without_words_gives_none(nothing):
    assert tokenize(nothing) == []


def test_negations_stay():
    assert tokenize("Je n’ai pas reçu, jamais plus !") == WORDS


def test_straight_and_curly_apostrophes_agree():
    assert tokenize("j'adore") == tokenize("j’adore") == tokenize("J ’ adore") == ["j", "adore"]


def test_a_dot_in_an_abbreviation_stands_for_nothing_else():
    """The first system's unescaped (r.a.s) made 'à évitebienolument' of this."""
    assert RULE_OF_THE_FIRST_SYSTEM.search("à éviter absolument")
    assert tokenize("à éviter absolument") == ["à", "éviter", "absolument"]


def test_composed_and_decomposed_accents_agree():
    assert tokenize("de\u0301çu") == tokenize("DÉÇU") == ["déçu"]


def test_an_emoji_is_a_word_whatever_its_skin():
    assert tokenize("top👍🏽❤️") == ["top", "👍", "❤"]


@given(st.text())
def test_tokens_joined_by_spaces_give_the_same_tokens_again(text):
    """So that the dump of wikipedia2vec, which holds joined tokens, has the words of serving."""
    tokens = tokenize(text)
    assert tokenize(" ".join(tokens)) == tokens
    assert all(token and not re.search(r"[\s<>&]", token) for token in tokens)
