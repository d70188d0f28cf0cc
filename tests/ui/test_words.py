"""The words of a text, coloured where a person wrote them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews_ui import explanation, i18n
from reviews_ui.api.predictions import Contribution
from reviews_ui.words import folded, stretches, strongest
from satispy.features.text import tokenize


def coloured(text, **weights):
    words = [Contribution(word, weight) for word, weight in weights.items()]
    return [one.text for one in stretches(text, words) if one.level]


@given(st.text())
def test_the_page_folds_words_as_the_models_do(text):
    assert folded(text) == tokenize(text)


@given(st.text(), st.lists(st.tuples(st.text(max_size=5), st.floats(-1, 1))))
def test_the_parts_of_a_text_are_the_text_again(text, weights):
    words = [Contribution(word, weight) for word, weight in weights]
    assert "".join(one.text for one in stretches(text, words)) == text


@pytest.mark.parametrize(
    ("text", "word", "shown"),
    [
        ("Très RAPIDE !", "rapide", "RAPIDE"),
        ("J’ai aimé", "ai", "ai"),
        ("cafe\u0301", "caf\u00e9", "cafe\u0301"),
        ("C’est e\ufb03cace", "efficace", "e\ufb03cace"),
        ("bien 👍🏽 !", "👍", "👍🏽"),
        ("👩\u200d🚀 super", "🚀", "👩\u200d🚀"),
        ("سيِّئ جدا", "سي", "سيِّئ"),
    ],
)
def test_a_word_is_coloured_as_it_was_written_whatever_its_case_and_marks(text, word, shown):
    assert word in folded(text) or "\u0301" in text
    assert coloured(text, **{word: 0.4}) == [shown]


def test_the_levels_tell_strong_words_from_weak_ones_and_leave_the_rest_plain():
    words = [Contribution(*pair) for pair in (("a", 0.5), ("b", -0.2), ("c", 0.06), ("d", 0.004))]
    levels = {one.text: one.level for one in stretches("a b c d", words) if one.text.strip()}
    assert levels == {"a": 3, "b": 2, "c": 1, "d": 0}


def test_a_text_whose_words_hardly_matter_shows_no_strong_colour():
    assert {one.level for one in stretches("a b", [Contribution("a", 0.01)])} <= {0, 1}


def test_the_strongest_words_come_first_and_those_that_hardly_count_never():
    words = [Contribution(*pair) for pair in (("a", 0.1), ("b", -0.3), ("c", 0.001))]
    assert [one.word for one in strongest(words, 5)] == ["b", "a"]
    assert explanation.ranking([Contribution("c", 0.001)]) == ""


def test_colour_line_and_words_say_the_same_and_what_was_written_is_escaped():
    words = [Contribution("rapide", 0.31), Contribution("jamais", -0.27)]
    shown = explanation.coloured("<b>Rapide</b> ? jamais", words)
    assert "<b>" not in shown
    assert 'sp-up sp-level-3" title="+31,0 points">Rapide<span class="sp-said"> (+31,0 points)' in (
        shown
    )
    assert 'sp-down sp-level-3" title="−27,0 points">jamais' in shown
    assert 'dir="auto"' in shown
    with i18n.speaking("en"):
        assert "−27.0 points" in explanation.coloured("jamais", words)


def test_the_ranking_marks_the_direction_and_escapes_the_word():
    shown = explanation.ranking([Contribution("<i>", 0.2), Contribution("non", -0.1)])
    assert "<bdi>&lt;i&gt;</bdi>" in shown
    assert "▲ +20,0" in shown
    assert "▼ −10,0" in shown
