import pytest

from review_rows import upload
from satispy.data.verification import verify


@pytest.fixture
def base(store):
    store.append(upload("premier,5,", "deuxième,1,"))
    store.append(upload('"troisième, avec\nune ligne de plus",3,', "quatrième,2,", "cinquième,4,"))
    return store.file.path


def test_a_base_that_nobody_touched_is_sound(store, base):
    found = verify(store)
    assert (found.sound, found.tail, found.size) == (True, "", base.stat().st_size)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("quatrième", "QUATRIÈME"),
        ("quatrième", "quatri"),
        ("quatrième,2", "quatrième,1"),
        ("quatrième,2", 'quatrième"",2'),
        ("quatrième,2,", "quatrième,2,,"),
    ],
)
def test_the_first_row_that_was_changed_is_named_with_its_byte(store, base, old, new):
    content = base.read_bytes()
    base.write_bytes(content.replace(old.encode(), new.encode()))
    found = verify(store)
    assert not found.sound
    assert "dataset version 2" in found.wrong
    start = content.index(b"3,quatri")
    assert f"begins at byte {start}, inID 3" in found.wrong


def test_bytes_that_are_no_text_any_more_are_found_too(store, base):
    content = base.read_bytes()
    place = content.index(b"quatri")
    base.write_bytes(content[:place] + b"\xff" + content[place + 1 :])
    assert f"begins at byte {place - 2}, inID 3" in verify(store).wrong


def test_a_changed_id_is_found(store, base):
    content = base.read_bytes()
    base.write_bytes(content.replace(b"3,quatri", b"7,quatri"))
    found = verify(store)
    assert not found.sound
    assert f"begins at byte {content.index(b'3,quatri')}" in found.wrong


def test_a_row_that_was_taken_out_is_found_where_it_stood(store, base):
    content = base.read_bytes()
    start = content.index(b"3,quatri")
    base.write_bytes(content[:start] + content[content.index(b"4,cinqui") :])
    assert f"begins at byte {start}, inID 4" in verify(store).wrong


def test_a_base_that_breaks_off_says_which_byte_is_missing(store, base):
    base.write_bytes(base.read_bytes()[:-1])
    assert f"the first byte that is missing is {base.stat().st_size}" in verify(store).wrong


def test_without_the_index_the_entry_is_named_still(store, base, tmp_path):
    store.known.forget()
    content = base.read_bytes()
    base.write_bytes(content.replace(b"cinqui", b"CINQUI"))
    start = content.index(b"2,")
    wrong = verify(store).wrong
    assert f"bytes {start} to {len(content)} (dataset version 2" in wrong
    assert f"the first byte that may have been changed is {start}" in wrong


def test_bytes_behind_the_end_that_nobody_announced_are_not_sound(store, base):
    with base.open("ab") as file:
        file.write(b"5,ajout,5,,,,,\n")
    found = verify(store)
    assert not found.sound
    assert "15 bytes behind byte" in found.wrong
