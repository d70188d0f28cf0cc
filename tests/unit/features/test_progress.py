import itertools
import logging

from satispy.features.progress import ProgressLines, logged_progress


def lines_of(reports, seconds_each=1.0):
    lines, moments = [], itertools.count()
    progress = ProgressLines("word vectors", lines.append, lambda: next(moments) * seconds_each)
    for report in reports:
        progress(*report)
    return lines


def test_iterations_are_one_bar_with_the_time_left():
    """Half a pass a second, ten passes: 55 % are reached after 10 s, and 9 s are left."""
    reports = [(f"Iteration {n}/10", done, 6000) for n in range(1, 11) for done in (3000, 6000)]
    lines = lines_of(reports)
    assert "word vectors [###########---------] 55 % iteration 6 of 10, about 9 s left" in lines
    assert lines[-1] == "word vectors [####################] 100 % iteration 10 of 10"


def test_thousands_of_reports_make_a_line_per_twentieth():
    lines = lines_of(
        [(f"Iteration {n}/10", done, 500) for n in range(1, 11) for done in range(501)]
    )
    assert len(lines) <= 21
    assert lines[0].startswith("word vectors [--------------------] 0 % iteration 1 of 10")


def test_a_step_without_iterations_has_a_bar_of_its_own():
    lines = lines_of([("dictionary", 5, 10), ("dictionary", 10, 10), ("Iteration 1/2", 0, 10)])
    assert [line.split("] ")[1] for line in lines] == [
        "50 % dictionary",
        "100 % dictionary",
        "0 % iteration 1 of 2",
    ]


def test_nothing_to_do_is_done():
    assert lines_of([("rows", 0, 0)]) == ["word vectors [####################] 100 % rows"]


def test_progress_is_logged(caplog):
    with caplog.at_level(logging.INFO):
        logged_progress("import")("rows", 1, 2)
    assert caplog.messages == ["import [##########----------] 50 % rows"]
