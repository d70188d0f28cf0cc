import pytest

from review_rows import rows_of, upload
from satispy.core.errors import BaseDamaged
from satispy.data import known_rows
from satispy.data.generations import erase
from satispy.data.store import Sender


@pytest.fixture(autouse=True)
def every_gap_counts_as_large(monkeypatch):
    monkeypatch.setattr(known_rows, "FEW_BYTES", 0)


@pytest.fixture
def three(store):
    store.append(upload("a,5,", "b,5,"))
    store.append_comments(rows_of("c,5,")[0], [Sender("bob")])
    store.known.forget()
    return store


def test_a_lost_index_is_read_from_the_base_before_the_locks_are_taken(three, monkeypatch):
    held = []
    identities_between = known_rows.identities_between

    def noted(*given):
        held.append(three.guard._turn.locked())
        return identities_between(*given)

    monkeypatch.setattr(known_rows, "identities_between", noted)
    assert three.append(upload("a,5,", "c,5,", "d,5,")).rows_accepted == 1
    assert held == [False]


def test_what_others_added_meanwhile_is_read_under_the_locks(three, monkeypatch):
    read_gap = three.known.read_gap

    def overtaken():
        gap = read_gap()
        three.append_comments(rows_of("d,5,")[0], [Sender("bob")])
        return gap

    monkeypatch.setattr(three.known, "read_gap", overtaken)
    assert three.append(upload("a,5,", "d,5,", "e,5,")).rows_accepted == 1


def test_what_was_read_of_a_generation_that_is_gone_is_not_used(three, monkeypatch):
    read_gap = three.known.read_gap

    def overtaken():
        gap = read_gap()
        erase(three, [0], "operator")
        return gap

    monkeypatch.setattr(three.known, "read_gap", overtaken)
    assert three.append(upload("a,5,", "b,5,")).rows_accepted == 1


@pytest.mark.parametrize("content", [None, b"no base\n", b"\xff\xfe"])
def test_a_damaged_base_is_named_as_such_and_not_the_upload(three, content):
    if content is None:
        three.file.path.unlink()
    else:
        three.file.path.write_bytes(content)
    with pytest.raises(BaseDamaged):
        three.append(upload("z,5,"))
