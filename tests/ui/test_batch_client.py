"""A file of texts against the API: counted as it comes, told as it goes, whole or not at all."""

import csv
import io

import httpx2 as httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews_ui.api import errors
from reviews_ui.api.batch import Answered, Interrupted, Tally, predict_batch
from reviews_ui.api.connection import Connection

CELL = st.text(st.sampled_from('a",\n\r é'), max_size=6)
ANSWER = b'\xef\xbb\xbfCommentaire,error\n"deux\nlignes",\n,"blank, too"\nbien,\n'


def nothing(_rows, _expected):
    pass


def answering(respond):
    return Connection("http://api", "alice", "t", transport=httpx.MockTransport(respond))


def ask(respond, tell=nothing):
    output = io.BytesIO()
    done = predict_batch(answering(respond), io.BytesIO(b"Commentaire\n"), "all", output, tell)
    return done, output.getvalue()


@given(st.lists(st.tuples(CELL, st.sampled_from(["", "why"]))), st.integers(1, 7))
def test_rows_are_counted_right_however_the_bytes_are_cut(rows, size):
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerows([("Commentaire", "error"), *rows])
    content, tally = buffer.getvalue().encode(), Tally()
    for start in range(0, len(content), size):
        tally.add(content[start : start + size])
    assert tally.rows == len(rows)
    assert tally.failed == sum(bool(why) for _, why in rows)


def test_the_answer_is_written_as_it_comes_and_the_rows_are_told():
    told = []
    done, written = ask(
        lambda _: httpx.Response(200, content=ANSWER, headers={"X-Rows": "3"}),
        lambda rows, expected: told.append((rows, expected)),
    )
    assert done == Answered(3, failed=1)
    assert written == ANSWER
    assert told == [(0, 3), (3, 3)]


def test_fewer_rows_than_were_announced_are_no_answer():
    with pytest.raises(Interrupted) as found:
        ask(lambda _: httpx.Response(200, content=ANSWER, headers={"X-Rows": "4"}))
    assert (found.value.rows, found.value.expected) == (3, 4)


def test_a_connection_that_breaks_says_how_far_it_came():
    class Breaking(httpx.SyncByteStream):
        def __iter__(self):
            yield ANSWER
            raise httpx.ReadError("gone")

    with pytest.raises(Interrupted, match="3 of 9 rows came"):
        ask(lambda _: httpx.Response(200, stream=Breaking(), headers={"X-Rows": "9"}))


def test_what_telling_raises_ends_the_request():
    closed = []

    class Long(httpx.SyncByteStream):
        def __iter__(self):
            while True:
                yield b"a,\n"

        def close(self):
            closed.append(True)

    def stop(rows, _expected):
        if rows:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(lambda _: httpx.Response(200, stream=Long(), headers={"X-Rows": "9"}), stop)
    assert closed


def test_an_answer_without_the_number_of_rows_is_not_the_contract():
    with pytest.raises(errors.Unexpected):
        ask(lambda _: httpx.Response(200, content=ANSWER))


def test_a_refusal_keeps_its_code():
    body = {"code": "too-large", "detail": "expected at most 100000 rows"}
    with pytest.raises(errors.Invalid) as found:
        ask(lambda _: httpx.Response(413, json=body))
    assert found.value.code == "too-large"
