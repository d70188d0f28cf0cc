"""The questions that every candidate is asked."""

from satispy.evaluation.behaviour import GOLDEN, Question, marked, questions, texts_of

KINDS = {GOLDEN, "functionality", "punctuation", "case", "negation"}


def test_there_are_questions_of_every_kind_and_no_text_is_blank():
    assert {question.kind for question in questions()} == KINDS
    assert all(text.strip() for text in texts_of(questions()))


def test_a_simple_review_must_be_answered_right():
    question = Question("functionality", ("parfait",), label=1)
    assert question.passed([0.5])
    assert not question.passed([0.49])


def test_other_capitals_must_not_change_the_answer_but_may_change_the_probability():
    question = Question("case", ("parfait", "PARFAIT"))
    assert question.passed([0.9, 0.6])
    assert not question.passed([0.6, 0.4])


def test_a_negation_must_move_the_probability_the_right_way():
    falls = Question("negation", ("je recommande", "je ne recommande pas"), direction=-1)
    assert falls.passed([0.99, 0.98])
    assert not falls.passed([0.9, 0.9])
    assert not falls.passed([0.2, 0.3])


def test_answers_are_marked_kind_by_kind():
    asked = (
        Question("golden", ("a",), 1),
        Question("case", ("b", "B")),
        Question("golden", ("c",), 0),
    )
    assert marked(asked, [0.9, 0.9, 0.1, 0.7]) == {"golden": (1, 2), "case": (0, 1)}


def test_a_model_that_always_says_the_same_gets_half_of_the_simple_ones():
    found = marked(questions(), [1.0] * len(texts_of(questions())))
    passed, asked = found["functionality"]
    assert passed * 2 == asked
    assert found["case"][0] == found["case"][1]
    assert found["negation"][0] == 0
