"""How many kills there are, in all: each test asserts that its own took place."""

from crash import (
    test_api_killed,
    test_generation_killed,
    test_writer_killed_at_a_step,
    test_writer_killed_while_opening,
    test_writers_killed_at_random,
)

SMALL_WRITERS = (
    test_generation_killed.KILLS
    + test_writer_killed_at_a_step.KILLS
    + test_writer_killed_while_opening.KILLS
    + test_writers_killed_at_random.KILLS
)
"""On each of the two databases."""

OF_A_SERVING_API = test_api_killed.KILLS


def test_two_hundred_are_killed_of_which_forty_on_postgresql_and_twenty_while_serving():
    assert 2 * SMALL_WRITERS + sum(OF_A_SERVING_API.values()) >= 200
    assert SMALL_WRITERS + OF_A_SERVING_API["postgresql"] >= 40
    assert sum(OF_A_SERVING_API.values()) == 20
