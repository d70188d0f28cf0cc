import polars as pl
import pytest

from satispy.core.errors import InvalidInput
from satispy.data.words import MOST_WORDS, patterns


def found(asked, *texts):
    series = pl.Series(texts)
    mask = pl.Series([True] * len(texts))
    for pattern in patterns(asked):
        mask &= series.str.contains(pattern)
    return series.filter(mask).to_list()


@pytest.mark.parametrize("asked", ["decu", "DÉÇU", "déçu", "de\u0301c\u0327u", "ＤＥＣＵ"])
def test_case_accents_and_ways_of_writing_them_make_no_difference(asked):
    texts = ["je suis déçu", "Decu !", "DÉÇU", "de\u0301c\u0327u", "déçue", "indéçu", "vide"]
    assert found(asked, *texts) == texts[:4]


def test_a_word_is_found_as_a_whole_and_with_a_star_what_begins_so():
    texts = ["livré hier", "livreur poli", "délivré", "la livraison"]
    assert found("livre", *texts) == ["livré hier"]
    assert found("livr*", *texts) == ["livré hier", "livreur poli", "la livraison"]


def test_an_accent_written_behind_its_letter_is_no_end_of_a_word():
    assert found("cafe", "cafe\u0301", "cafe\u0301s") == ["cafe\u0301"]
    assert found("s", "cafe\u0301s", "s") == ["s"]


def test_all_words_must_stand_there_in_any_order():
    assert found("colis perdu", "colis perdu", "perdu, mon colis", "colis", "perdu") == [
        "colis perdu",
        "perdu, mon colis",
    ]


def test_an_apostrophe_straight_or_curly_ends_a_word():
    assert found("j'ai", "j’ai payé", "j'ai", "jai") == ["j’ai payé", "j'ai"]


@pytest.mark.parametrize(
    ("asked", "there"), [("coeur", "cœur"), ("cœur", "coeur"), ("gross", "GROß")]
)
def test_ligatures_are_the_letters_that_they_are_made_of(asked, there):
    assert found(asked, there, "corps") == [there]


def test_an_emoji_is_a_word_and_what_has_a_meaning_in_patterns_has_none_here():
    assert found("👍", "super 👍", "super") == ["super 👍"]
    assert found("a.c (b", "abc", "a c b") == ["a c b"]


@pytest.mark.parametrize("asked", ["!?", "***", "."])
def test_without_a_word_there_is_nothing_to_look_for(asked):
    with pytest.raises(InvalidInput, match="expected words to look for"):
        patterns(asked)


def test_too_many_words_are_refused():
    with pytest.raises(InvalidInput, match=f"at most {MOST_WORDS} words"):
        patterns(" ".join(f"m{number}" for number in range(MOST_WORDS + 1)))
