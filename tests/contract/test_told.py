"""The page knows every sentence that the platform says of bad rows, models and decisions."""

import io
from dataclasses import replace
from datetime import date

import pytest

from reviews_ui import told
from reviews_ui.i18n import catalogue, speaking
from satispy.core.errors import InvalidInput
from satispy.core.plan import load_plan
from satispy.core.types import Comparison, Gap, SliceGap
from satispy.data.review_file import ReviewFile
from satispy.data.rules import GIVEN, Rules, check_comments
from satispy.registry.evidence import Evidence, Rehearsal, Serving
from satispy.registry.policy import choose_champion, judge

PLAN = load_plan().gate
GOOD = {"accuracy": 0.91, "f1_0": 0.86, "f1_1": 0.93, "macro_f1": 0.895}
ANSWERS = Rehearsal("", 4, 4, 1.0, {"functionality": (50, 60), "negation": (1, 10)})
FIRST = Evidence(GOOD, 0.02, {"source": 0.95, "company": 0.5}, ANSWERS, None)
RULES = Rules(latest_day=date(2026, 1, 1), longest_text=50)
REVIEW = dict.fromkeys(GIVEN, "") | {"Commentaire": "Très bien", "star": "5"}


def beside(gap, *, same_data=False, newer=False, slices=()):
    return Serving(
        "a-run", same_data, newer, Comparison({"macro_f1": gap, "accuracy": gap}, slices)
    )


def key_of(sentence):
    """Return the catalogue's key of a sentence, and see that nothing English is left of it."""
    [key] = [key for key, pattern in told.patterns() if pattern.fullmatch(sentence)][:1] or [None]
    assert key is not None, f"the page does not know: {sentence}"
    return key


def evidences():
    wide, narrow = Gap(0.012, 0.004, 0.02, 0.004), Gap(0.001, -0.006, 0.008, 0.0035)
    poor = Gap(-0.02, -0.09, 0.001, 0.04)
    worse = SliceGap("source", "Shop", 500, "macro_f1", Gap(-0.05, -0.06, 0, 0.01), 1e-6)
    yield FIRST
    yield replace(FIRST, scores=dict.fromkeys(GOOD, 0.1), calibration_error=0.9)
    yield replace(FIRST, rehearsal=Rehearsal("it broke", 0, 0, 0.0, {}))
    yield replace(FIRST, serving=beside(wide, same_data=True))
    yield replace(FIRST, serving=beside(narrow, same_data=True, newer=True))
    yield replace(FIRST, serving=beside(narrow))
    yield replace(FIRST, serving=beside(poor, slices=[worse]))


def test_every_sentence_of_the_gate_is_known():
    keys = set()
    for evidence in evidences():
        for check in judge(evidence, PLAN).checks:
            keys |= {key_of(check.name), key_of(check.sentence)}
    first, better, kept = (
        choose_champion(None, {"svm": 0.9, "ann": 0.8}, {})[1],
        choose_champion("svm", {"svm": 0.9, "ann": 0.95}, {"ann": Gap(0.05, 0.02, 0.08, 0.01)})[1],
        choose_champion("svm", {"svm": 0.9, "ann": 0.91}, {"ann": Gap(0.01, -0.02, 0.03, 0.01)})[1],
    )
    keys |= {key_of(first), key_of(better), key_of(kept)}
    of_the_gate = {
        key
        for key in catalogue("en")
        if key.split(".")[1] in _GATE.split() and key.startswith(told.FAMILY)
    }
    assert of_the_gate <= keys


_GATE = (
    "check floor newer older better not_worse slices calibration fairness silent answers behaviour "
    "champion"
)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"Commentaire": "a\0b"}, "nul"),
        ({"Commentaire": "\ud83d"}, "half"),
        ({"Commentaire": " "}, "blank"),
        ({"Commentaire": "a" * 51}, "long"),
        ({"star": "9"}, "star"),
        ({"date": "2025-02-30"}, "calendar"),
        ({"date": "yesterday"}, "day"),
        ({"date": "2026-01-02"}, "late"),
    ],
)
def test_every_reason_of_a_bad_row_is_known(change, key):
    [bad] = check_comments([REVIEW | change], RULES).bad
    assert key_of(bad.reason) == f"told.{key}"


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"Commentaire,star\n\x00\xff,5\n", "binary"),
        ("Commentaire,star\nTrès bien,5\n".encode("latin-1"), "bytes"),
        ("Commentaire,star\nbien,5\n".encode("utf-16"), "utf16"),
        ("Commentaire,star\nbien,5\n".encode("utf-16-le"), "zeros"),
        (b"PK\x03\x04", "kind"),
        (b'Commentaire,star\n"bien,5\n', "quotes"),
        (b"", "empty"),
        (b"Texte;note\nbien;5\n", "header"),
        (b"Commentaire,star,STAR\nbien,5,5\n", "twice"),
    ],
)
def test_every_refusal_of_a_file_is_known(content, key):
    with pytest.raises(InvalidInput) as refused:
        list(ReviewFile(io.BytesIO(content), RULES))
    assert key_of(str(refused.value)) == f"told.file.{key}"


def test_french_says_them_in_french_with_their_figures():
    with speaking("fr"):
        assert told.told("all 13 checks passed") == "les 13 questions du contrôle sont réussies"
        assert told.told("accuracy .790 is not above .800; invariance is odd") == (
            "accuracy 0,790, pas au-dessus de 0,800 ; invariance is odd"
        )
        assert told.told(
            "macro-F1 -2.0 points above a-run, -9.0 at worst; down to -1.0: 1.0 are allowed; "
            "negation: 1 of 10 as expected"
        ) == (
            "macro-F1 -2,0 points au-dessus de a-run, -9,0 au pire ; jusqu’à -1,0 : 1,0 sont permis"
            " ; négation : 1 sur 10 comme attendu"
        )
        assert told.told("the gate is switched off; it would have said: all 9 checks passed") == (
            "le contrôle est désactivé ; il aurait dit : les 9 questions du contrôle sont réussies"
        )


def test_what_nobody_foresaw_stays_as_it_was_said():
    with speaking("fr"):
        assert told.told("something new; and more") == "something new; and more"
    with speaking("en"):
        assert told.told("all 13 checks passed") == "all 13 checks passed"
