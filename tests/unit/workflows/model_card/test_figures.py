"""The drawings of a card: where numbers stand, and what axes name."""

import pytest

from card_making import ENGLISH, FRENCH
from card_pages import page_of
from satispy.workflows.model_card.figures import calibration, confusion, learning_curve
from satispy.workflows.model_card.scale import Scale, number, ticks


@pytest.mark.parametrize(
    ("high", "whole_numbers", "marks"),
    [
        (500, True, [0, 100, 200, 300, 400, 500]),
        (7, True, [0, 2, 4, 6, 8]),
        (1, True, [0, 1]),
        (0.6, False, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]),
        (0.61, False, [0, 0.2, 0.4, 0.6, 0.8]),
        (9943, True, [0, 2000, 4000, 6000, 8000, 10000]),
    ],
)
def test_axes_name_round_numbers_and_reach_the_last_value(high, whole_numbers, marks):
    assert ticks(0, high, whole_numbers=whole_numbers) == pytest.approx(marks)


def test_an_axis_without_an_extent_has_marks_all_the_same():
    assert ticks(0, 0)[-1] >= 0.8


def test_a_scale_goes_from_end_to_end_also_upwards():
    assert Scale((0, 10), (100, 300))(5) == 200
    assert Scale((0, 1), (262, 14))(1) == 14
    assert number(12.04) == "12"
    assert number(12.35) in ("12.3", "12.4")


def test_numbers_are_written_as_the_card_writes_them():
    fractions = (0.9061, 1.0, -0.0123, -0.0001, 0, 12.5)
    assert [ENGLISH.short(one) for one in fractions] == [
        *(".906", "1.000", "-.012", ".000", ".000", "12.500")
    ]
    assert [FRENCH.short(one) for one in fractions] == [
        *("0,906", "1,000", "-0,012", "0,000", "0,000", "12,500")
    ]
    assert ENGLISH.whole(1_234_567) == "1 234 567"
    assert ENGLISH.percent(0.8874) == "88.7 %"
    assert [ENGLISH.plain(one) for one in (12.0, 12.5)] == ["12", "12.5"]
    assert [FRENCH.plain(one) for one in (12.0, 12.5)] == ["12", "12,5"]


def test_a_dot_of_the_calibration_lies_where_its_bin_says():
    bins = [
        {"low": 0.0, "high": 0.5, "n": 12_345, "mean_probability": 0.25, "share_positive": 0.5},
        {"low": 0.5, "high": 1.0, "n": 0, "mean_probability": None, "share_positive": None},
    ]
    (drawing,) = page_of(calibration(bins, ENGLISH)).all("svg")
    (dot,) = drawing.all("circle")
    assert (float(dot.attributes["cx"]), float(dot.attributes["cy"])) == (48 + 308 / 4, 138)
    tall = [float(bar.attributes["height"]) for bar in drawing.all("rect")]
    assert tall == [44, 0]
    assert [one.text for one in drawing.all("text") if one.attributes.get("class") == "small"] == [
        *("12k", "0")
    ]


def test_a_row_without_reviews_is_drawn_empty():
    (drawing,) = page_of(confusion([[0, 0], [3, 1]], ENGLISH)).all("svg")
    shown = [one.text for one in drawing.all("text") if "%" in one.text]
    assert shown == ["0.0 %", "0.0 %", "75.0 %", "25.0 %"]


def test_a_curve_of_one_point_and_one_without_error_can_be_drawn():
    for held_out in ([0.3], [0.0]):
        curve = {"axis": "epochs", "about": "", "steps": [1], "learnt": None, "held_out": held_out}
        (drawing,) = page_of(learning_curve(curve, ENGLISH)).all("svg")
        assert len(drawing.all("circle")) == 2  # the point, and the legend


def test_no_point_of_a_curve_leaves_its_drawing():
    curve = {
        **{"axis": "trees", "about": "", "steps": [1, 60, 500]},
        **{"learnt": [0.69, 0.3, 0.01], "held_out": [0.7, 0.5, 3.2]},
    }
    (drawing,) = page_of(learning_curve(curve, ENGLISH)).all("svg")
    _, _, width, height = map(float, drawing.attributes["viewbox"].split())
    for dot in drawing.all("circle"):
        assert 40 < float(dot.attributes["cx"]) < width
        assert 0 < float(dot.attributes["cy"]) < height - 40


def test_drawings_speak_the_language_of_their_card():
    bins = [
        {"low": 0.0, "high": 0.5, "n": 12_345, "mean_probability": 0.25, "share_positive": 0.5},
        {"low": 0.5, "high": 1.0, "n": 2, "mean_probability": 0.75, "share_positive": 0.6},
    ]
    curve = {"axis": "trees", "about": "", "steps": [1, 9], "learnt": [0.6, 0.1]}
    curve |= {"held_out": [0.7, 0.3]}
    drawn = confusion([[3, 1], [0, 2]], FRENCH), calibration(bins, FRENCH)
    said = page_of("".join((*drawn, learning_curve(curve, FRENCH))))
    assert [one.text for one in said.all("title")] == [
        *("Matrice de confusion", "Courbe de calibration", "Courbe d’apprentissage")
    ]
    assert [one.text for one in said.all("desc")] == [
        "Sur 4 avis réellement négatifs : 3 classés « négatif », 1 classés « positif ». "
        "Sur 2 avis réellement positifs : 0 classés « négatif », 2 classés « positif ».",
        "Probabilité moyenne annoncée et part d’avis positifs, par intervalle : "
        "0,25 annoncé, 0,50 observé (12 345 avis) ; 0,75 annoncé, 0,60 observé (2 avis).",
        "Perte logarithmique (arbres, de 1 à 9) : mis de côté, de 0,700 à 0,300 ; "
        "entraînement, de 0,600 à 0,100.",
    ]
    texts = {one.text for one in said.all("text")}
    assert {"dit : négatif", "vrai :", "part d’avis positifs", "avis par intervalle"} <= texts
    assert {"arbres", "perte logarithmique", "mis de côté", "entraînement"} <= texts
    assert {"12 k", "75,0 %", "0,2", "0,60"} <= {" ".join(text.split()) for text in texts}
