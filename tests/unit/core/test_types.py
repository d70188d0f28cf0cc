import pytest

from satispy.core.types import label_of_star


@pytest.mark.parametrize("star", [0, 6, -1])
def test_mistake_11_a_star_outside_1_to_5_has_no_label(star):
    with pytest.raises(ValueError, match="1 to 5"):
        label_of_star(star)


def test_one_and_two_stars_are_negative_the_others_positive():
    assert [label_of_star(star) for star in range(1, 6)] == [0, 0, 1, 1, 1]
