import pytest

from satispy.evaluation.split import is_exam

PINNED = {
    "parfait": False,
    "ras": False,
    "ok": True,
    "à éviter absolument": False,
    "n’achetez pas": False,
    "commande annulée": False,
    "avis numéro 3": False,
    "": True,
}


def test_pinned_texts_stay_on_their_side():
    """A change here changes every exam: scores before and after could not be compared."""
    assert {text: is_exam(text) for text in PINNED} == PINNED


@pytest.mark.parametrize(
    "spelling", ["Très bien", "  TRÈS   bien\n", "tre\u0300s\u00a0bien", "très\tbien"]
)
def test_case_width_and_white_space_do_not_move_a_text(spelling):
    assert is_exam(spelling) == is_exam("très bien")


def test_one_text_in_five_is_in_the_exam():
    share = sum(is_exam(f"avis numéro {number}") for number in range(5000)) / 5000
    assert 0.18 < share < 0.22


def test_mistake_5_an_upload_moves_no_text_and_only_adds_to_both_sides():
    """The first system drew its test set anew from each base: its history compared exams."""
    before = [f"avis numéro {number}" for number in range(300)]
    uploaded = ["tout nouveau", *before[::-1], "avis numéro 3", "encore un autre"]
    sides = {text: is_exam(text) for text in before}
    after = {text: is_exam(text) for text in uploaded + before}
    assert {text: after[text] for text in before} == sides
    assert {True, False} <= set(sides.values())


def test_an_empty_text_has_a_side():
    assert is_exam("") == is_exam("  ")
