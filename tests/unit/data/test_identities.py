import logging
import os
import stat

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satispy.data import identities as module
from satispy.data.identities import IdentityIndex

CHAINS = {number: f"{number * 7919:064x}"[::-1] for number in range(20_000)}


def chain_of(numbers):
    return {number: CHAINS[number] for number in numbers if number in CHAINS}


def packed(pairs):
    return np.array(list(pairs), dtype=np.uint64).reshape(-1, 2).T.copy()


def some(count, seed=0):
    return np.random.default_rng(seed).integers(0, 2**64, (2, count), dtype=np.uint64)


def entry(index, number, identities):
    index.add(identities, number, number, CHAINS[number])


def files(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "index"


@pytest.fixture
def unmerged(monkeypatch):
    """Let no segment count as small, so that a few identities make several files."""
    monkeypatch.setattr(module, "_SMALL", 0)


@pytest.fixture
def three(folder, unmerged):
    """An index of three segments: entries 0, 1 and 2 with 40, 20 and 10 identities."""
    index = IdentityIndex(folder)
    for number, count in enumerate((40, 20, 10)):
        entry(index, number, some(count, seed=number))
    assert len(files(folder)) == 3
    return index


def test_an_index_without_a_folder_covers_and_knows_nothing(folder):
    index = IdentityIndex(folder)
    assert index.cover(0, chain_of) is None
    assert not index.known(some(3)).any()
    index.clear()
    assert not folder.exists()


# Few halves, so that equal high halves, equal low halves and repeats are the rule.
halves = st.sampled_from([0, 1, 2, 2**63, 2**64 - 1])
batches = st.lists(st.lists(st.tuples(halves, halves), max_size=12), max_size=8)


@given(batches=batches, small=st.sampled_from([0, 3]), block=st.sampled_from([1, 2, 1000]))
@settings(deadline=None)
def test_it_answers_as_a_set_does(tmp_path_factory, batches, small, block):
    everything = [(high, low) for high in (0, 1, 2, 2**63, 2**64 - 1) for low in (0, 1, 2, 2**63)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_SMALL", small)
        patch.setattr(module, "_BLOCK", block)
        folder = tmp_path_factory.mktemp("index")
        index, expected = IdentityIndex(folder), set()
        for number, batch in enumerate(batches):
            entry(index, number, packed(batch))
            expected |= set(batch)
            answers = [pair in expected for pair in everything]
            assert index.known(packed(everything)).tolist() == answers
            again = IdentityIndex(folder)
            assert again.cover(0, chain_of) == number
            assert again.known(packed(everything)).tolist() == answers


def test_many_different_identities_may_share_a_high_half(folder):
    index = IdentityIndex(folder)
    entry(index, 0, packed((7, low) for low in range(0, 1000, 2)))
    answers = index.known(packed((7, low) for low in range(1000)))
    assert answers.tolist() == [low % 2 == 0 for low in range(1000)]


def test_ten_thousand_tiny_entries_leave_few_files(folder, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    monkeypatch.setattr(module, "_SMALL", 64)
    index, all_of_them = IdentityIndex(folder), some(10_000)
    most = 0
    for number in range(10_000):
        entry(index, number, all_of_them[:, number : number + 1])
        most = max(most, len(index._segments))
    assert most < 15
    assert len(files(folder)) == len(index._segments)
    assert index.cover(0, chain_of) == 9_999
    assert index.known(all_of_them).all()


def test_a_merge_of_several_blocks_keeps_every_identity_in_order(folder, monkeypatch):
    monkeypatch.setattr(module, "_BLOCK", 100)
    index = IdentityIndex(folder)
    parts = [some(1000, seed=1), some(70, seed=2), some(1500, seed=3)]
    for number, part in enumerate(parts):
        entry(index, number, part)
    [name] = files(folder)
    stored = np.load(folder / name)
    together = np.concatenate(parts, axis=1)
    np.testing.assert_array_equal(stored, together[:, np.argsort(together[0])])


def test_an_entry_without_identities_moves_the_cover(folder, unmerged):
    index = IdentityIndex(folder)
    entry(index, 0, some(0))
    assert IdentityIndex(folder).cover(0, chain_of) == 0
    entry(index, 1, some(50))
    for number in range(2, 9):
        entry(index, number, some(0))
        assert IdentityIndex(folder).cover(0, chain_of) == number
    assert len(files(folder)) == 2
    assert index.known(some(50)).all()


def test_several_entries_may_be_added_as_one(folder):
    index = IdentityIndex(folder)
    index.add(some(5), 3, 12, CHAINS[12])
    assert index.cover(3, chain_of) == 12


@pytest.mark.parametrize(("first", "last"), [(4, 4), (2, 3), (3, 2)])
def test_entries_that_do_not_continue_the_cover_are_refused(three, folder, first, last):
    before = files(folder)
    with pytest.raises(ValueError, match="expected entries from 3 on"):
        three.add(some(1), first, last, CHAINS[last])
    assert files(folder) == before


def test_the_files_are_for_the_owner_only(three, folder):
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_gap_ends_the_cover_and_what_lies_beyond_is_unlinked(three, folder):
    next(folder.glob("1-1-*")).unlink()
    index = IdentityIndex(folder)
    assert index.cover(0, chain_of) == 0
    assert [name.split("-")[0] for name in files(folder)] == ["0"]
    assert index.known(some(40, seed=0)).all()
    assert not index.known(some(10, seed=2)).any()


def test_a_base_that_begins_later_forgets_what_came_before(three, folder):
    assert three.cover(1, chain_of) == 2
    assert not three.known(some(40, seed=0)).any()
    assert len(files(folder)) == 2


def test_a_segment_of_another_history_is_unlinked(three, folder):
    def other(numbers):
        return {**chain_of(numbers), 2: "f" * 64}

    assert three.cover(0, other) == 1
    assert not three.known(some(10, seed=2)).any()
    assert len(files(folder)) == 2


def test_a_segment_that_the_ledger_does_not_know_is_unlinked(three, folder):
    assert three.cover(0, lambda numbers: chain_of([n for n in numbers if n < 2])) == 1
    assert len(files(folder)) == 2


def test_what_a_writer_killed_before_the_rename_left_is_unlinked(three, folder):
    leftover = folder / ".0-3-0123456789abcdef.npy.0123456789abcdef"
    leftover.write_bytes(b"half")
    assert three.cover(0, chain_of) == 2
    assert not leftover.exists()


def test_what_a_writer_killed_before_the_unlinking_left_is_unlinked(three, folder):
    left = {path: path.read_bytes() for path in folder.iterdir()}
    entry(three, 3, some(100, seed=3))
    for path, content in left.items():
        path.write_bytes(content)
    index = IdentityIndex(folder)
    assert index.cover(0, chain_of) == 3
    assert len(files(folder)) == 1
    for number, count in enumerate((40, 20, 10, 100)):
        assert index.known(some(count, seed=number)).all()


def test_a_reader_unlinks_nothing(three, folder):
    (folder / ".0-3-0123456789abcdef.npy.0123456789abcdef").write_bytes(b"half")
    before = files(folder)
    assert IdentityIndex(folder).cover(1, chain_of, tidy=False) == 2
    assert files(folder) == before


def test_a_reader_finds_a_segment_once_the_ledger_tells_it_of_the_entry(three, folder):
    reader = IdentityIndex(folder)
    before = {number: CHAINS[number] for number in (0, 1)}
    assert reader.cover(0, lambda numbers: before, tidy=False) == 1
    assert reader.cover(0, chain_of, tidy=False) == 2
    assert reader.known(some(10, seed=2)).all()


def test_files_of_others_are_left_alone(three, folder):
    (folder / "README").write_text("kept")
    three.cover(0, chain_of)
    three.clear()
    assert files(folder) == ["README"]


def truncated(path):
    os.truncate(path, path.stat().st_size - 8)


def lengthened(path):
    path.write_bytes(path.read_bytes() + b"\0" * 8)


def emptied(path):
    path.write_bytes(b"")


def overwritten(path):
    path.write_bytes(b"nonsense" * 100)


def beginning_like_an_archive(path):
    path.write_bytes(b"PK\x03\x04" * 100)


def claiming_to_be_huge(path):
    content = path.read_bytes()
    path.write_bytes(content.replace(b"(2, 20), }" + b" " * 20, b"(2, 20" + b"0" * 20 + b"), }"))


def of_other_numbers(path):
    np.save(path, some(20).astype(np.int64))


def of_another_shape(path):
    np.save(path, some(20).T.copy())


def by_columns(path):
    np.save(path, np.asfortranarray(some(20)))


def of_objects(path):
    np.save(path, np.array([{}, {}]), allow_pickle=True)


def unsorted(path):
    np.save(path, some(20))


@pytest.mark.parametrize(
    "damage",
    [
        truncated,
        lengthened,
        emptied,
        overwritten,
        beginning_like_an_archive,
        claiming_to_be_huge,
        of_other_numbers,
        of_another_shape,
        by_columns,
        of_objects,
        unsorted,
    ],
)
def test_a_damaged_segment_counts_as_absent_and_is_named_in_the_log(three, folder, caplog, damage):
    [path] = folder.glob("1-1-*")
    content = path.read_bytes()
    path.unlink()  # a new file: the mapped one must not change under its reader
    path.write_bytes(content)
    damage(path)
    index = IdentityIndex(folder)
    with caplog.at_level(logging.WARNING):
        assert index.cover(0, chain_of) == 0
    assert path.name in caplog.text
    assert len(files(folder)) == 1
    entry(index, 1, some(20, seed=1))
    assert index.known(some(20, seed=1)).all()


def test_an_unchanged_folder_is_not_looked_into(three, monkeypatch):
    assert three.cover(0, chain_of) == 2
    monkeypatch.setattr(module, "_mapped", None)
    asked = []

    def counting(numbers):
        asked.append(list(numbers))
        return chain_of(numbers)

    assert three.cover(0, counting) == 2
    assert asked == [[2]]


def test_a_reader_that_maps_unlinked_segments_still_answers(three, folder):
    reader = IdentityIndex(folder)
    reader.cover(0, chain_of, tidy=False)
    entry(three, 3, some(100, seed=3))
    assert len(files(folder)) == 1
    assert reader.known(some(40, seed=0)).all()
    assert not reader.known(some(100, seed=3)).any()
    assert reader.cover(0, chain_of, tidy=False) == 3
    assert reader.known(some(100, seed=3)).all()


def test_a_segment_that_vanishes_while_a_reader_looks_is_found_merged(three, folder, monkeypatch):
    reader, really, merged = IdentityIndex(folder), module._mapped, []

    def merging_meanwhile(name, path):
        if not merged:
            merged.append(True)
            entry(three, 3, some(100, seed=3))
        return really(name, path)

    monkeypatch.setattr(module, "_mapped", merging_meanwhile)
    assert reader.cover(0, chain_of, tidy=False) == 3
    assert reader.known(some(40, seed=0)).all()


def test_a_segment_that_cannot_be_written_changes_nothing(three, folder, monkeypatch):
    before = files(folder)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        entry(three, 3, some(100, seed=3))
    assert files(folder) == before
    assert three.known(some(40, seed=0)).all()
    assert three.cover(0, chain_of) == 2


def test_a_cleared_index_starts_again_at_any_entry(three, folder):
    three.clear()
    assert files(folder) == []
    assert not three.known(some(40, seed=0)).any()
    entry(three, 9, some(5, seed=9))
    assert three.cover(9, chain_of) == 9
    assert three.known(some(5, seed=9)).all()
