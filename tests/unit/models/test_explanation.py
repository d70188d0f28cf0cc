import numpy as np
import pytest

from satispy.models.explanation import MOST_WORDS, Contribution, contributions

WEIGHTS = {"bien": 0.3, "pas": -0.25, "nul": -0.4}


def additive(token_lists):
    """A model whose answer is a sum over distinct words, so that contributions are known."""
    return np.array(
        [0.5 + sum(WEIGHTS.get(word, 0) for word in set(words)) for words in token_lists],
        dtype=np.float32,
    )


def test_each_word_is_given_what_it_adds_in_the_order_of_the_text():
    (found,) = contributions(additive, [["pas", "bien", "pas", "du", "tout"]])
    assert [one.word for one in found] == ["pas", "bien", "du", "tout"]
    assert [one.weight for one in found] == pytest.approx([-0.25, 0.3, 0, 0], abs=1e-6)


def test_texts_do_not_mix_and_one_without_words_has_no_contributions():
    found = contributions(additive, [["nul"], [], ["bien"]])
    assert found == [
        [Contribution("nul", pytest.approx(-0.4, abs=1e-6))],
        [],
        [Contribution("bien", pytest.approx(0.3, abs=1e-6))],
    ]


def test_all_questions_about_a_text_are_asked_at_once_and_texts_one_after_the_other():
    """So that the model works in batches, and memory does not grow with the number of texts."""
    asked = []

    def noted(token_lists):
        asked.append(len(token_lists))
        return additive(token_lists)

    contributions(noted, [["bien", "nul"], ["pas"]])
    assert asked == [3, 2]


def test_a_very_long_text_is_explained_in_its_beginning():
    (found,) = contributions(additive, [[f"mot{number}" for number in range(1000)]])
    assert len(found) == MOST_WORDS


def test_nothing_asked_is_nothing_answered():
    assert contributions(additive, []) == []
