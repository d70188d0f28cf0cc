import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satispy.features.text import are_tokens, tokenize

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


@given(
    st.lists(
        st.one_of(st.text(max_size=4), st.sampled_from(["été", "👍", "👍🏽", "🏽", "ß", "ﬁn"]))
    )
)
def test_words_are_tokens_together_as_they_are_alone(words):
    """The fast way of asking, for millions of words, agrees with the one text function."""
    assert are_tokens(words) == [tokenize(word) == [word] for word in words]


def test_every_character_is_a_token_together_as_it_is_alone():
    every = [chr(code) for code in range(0x20000) if not 0xD800 <= code < 0xE000 and code != 10]
    assert are_tokens(every) == [tokenize(one) == [one] for one in every]
