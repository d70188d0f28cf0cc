"""The questions that models of single words are known to fail."""

from collections import Counter

from satispy.evaluation.behaviour import Question
from satispy.evaluation.weaknesses import Marked, mark, questions

KINDS = ["negation", "irony", "contrast", "short", "spelling", "emoji", "other languages"]


def test_each_kind_has_as_many_positive_as_negative_questions_and_none_twice():
    asked = questions()
    assert list(dict.fromkeys(question.kind for question in asked)) == KINDS
    assert all(len(question.texts) == 1 and question.texts[0].strip() for question in asked)
    assert len({question.texts for question in asked}) == len(asked)
    labels = Counter((question.kind, question.label) for question in asked)
    assert all(labels[kind, 0] == labels[kind, 1] == 6 for kind in KINDS)


def test_whoever_always_answers_the_same_is_right_half_of_the_time():
    found = mark(questions(), [0.9] * len(questions()))
    assert {(one.passed, one.asked) for one in found} == {(6, 12)}


def test_what_was_answered_wrong_is_shown_and_no_more_than_three_texts():
    asked = [Question("irony", (f"bravo {place}",), 0) for place in range(5)]
    assert mark(asked, [0.1, 0.5, 0.9, 0.9, 0.9]) == [
        Marked("irony", 1, 5, ("bravo 1", "bravo 2", "bravo 3"))
    ]
