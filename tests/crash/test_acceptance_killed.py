"""Whoever accepts a correction is killed at each step: the row and the decision, or neither."""

import signal

import pytest

from crash.writer import Fault, as_home
from satispy.data.verification import verify
from satispy.workflows.feedback import (
    NewFeedback,
    accept_feedback,
    add_feedback,
    feedback_page,
)

BEFORE = [
    *(Fault("step", name) for name in ("locked", "intended", "appending", "appended", "entered")),
    Fault("call", "pwrite", 1),
    Fault("call", "pwrite", 2),
    Fault("call", "fsync", 2),
    *(
        Fault("sql", "change", visit) for visit in (1, 2, 3, 4)
    ),  # decision, ledger, mark of the base
    Fault("sql", "COMMIT"),
]
AFTER = [Fault("step", "committed")]
TEXT = 'une correction, "entre guillemets"\net sur deux lignes'


@pytest.mark.parametrize("fault", BEFORE + AFTER, ids=lambda one: f"{one.name}-{one.visit}")
def test_what_was_accepted_is_in_the_base_just_if_the_decision_was_committed(house, fault):
    house.fill(2)
    with house.open() as store:
        number = add_feedback(as_home(store), NewFeedback(TEXT, 4, "alice")).id
    with house.writer(action="accept", numbers=(number, number), fault=fault) as (_, writer):
        assert writer.all_it_says() == ["open"]
        assert writer.ended_by() == signal.SIGKILL, f"{fault} was not reached"
    before = house_says(house, number)
    assert before == (("accepted", 1) if fault in AFTER else ("waiting", 0))
    with house.open() as store:
        first = accept_feedback(as_home(store), number, "admin")
        assert accept_feedback(as_home(store), number, "somebody else") == first
        assert verify(store).sound
        assert verify(store).tail == ""
    assert house_says(house, number) == ("accepted", 1)
    (row,) = [row for row in house.rows().to_dict("records") if row["source"] == "feedback"]
    assert (row["inID"], row["Commentaire"]) == (first.review_id, TEXT)


def house_says(house, number):
    """Return what became of the correction, and how many rows of the base it is."""
    with house.open() as store:
        items, _ = feedback_page(as_home(store), state=None, author=None, page=1, page_size=9)
    (state,) = [one.state for one in items if one.id == number]
    return state, sum(house.rows()["source"] == "feedback")
