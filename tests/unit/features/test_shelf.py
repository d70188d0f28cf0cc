import shutil
from datetime import UTC, datetime

import pytest

from satispy.core.errors import ArtifactDamaged, ConfigurationError, NotFound
from satispy.core.files import read_json, write_json
from satispy.features.shelf import VectorShelf
from satispy.features.word2vec_text import import_word2vec_text

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


@pytest.fixture
def shelf(tmp_path):
    (tmp_path / "v.txt").write_text("1 2\nbien 1 2\n", encoding="utf-8")
    for name in ("a", "b"):
        import_word2vec_text(tmp_path / "v.txt", tmp_path / "vectors" / name)
    return VectorShelf(tmp_path / "vectors")


def test_vectors_that_are_not_there_are_not_chosen(shelf):
    for step in (lambda: shelf.choose("c", NOW, "x"), lambda: shelf.remove("../a")):
        with pytest.raises(NotFound, match="there are a, b"):
            step()
    assert shelf.chosen() is None


def test_damaged_vectors_are_not_chosen(shelf):
    (shelf.folder / "a/vocabulary.json").write_text('["mal"]')
    with pytest.raises(ArtifactDamaged, match="disagrees"):
        shelf.choose("a", NOW, "x")


def test_vectors_of_other_rules_are_not_chosen(shelf):
    card = shelf.folder / "a/card.json"
    write_json(card, read_json(card) | {"text_version": "0"})
    with pytest.raises(ConfigurationError, match="text version"):
        shelf.choose("a", NOW, "x")


@pytest.mark.parametrize("content", ['{"no": 1}', "[]", '"x"'])
def test_a_pointer_that_is_none_is_damage(shelf, content):
    (shelf.folder / "current.json").write_text(content)
    with pytest.raises(ArtifactDamaged):
        shelf.chosen()


def test_the_pointer_names_the_last_choice_and_the_history_all(shelf):
    shelf.choose("a", NOW, "first")
    shelf.choose("b", NOW.replace(hour=9), "second")
    assert shelf.chosen().version == "b"
    assert [(one.version, one.why) for one in shelf.history()] == [("a", "first"), ("b", "second")]


def test_a_pointer_without_a_date_is_understood(shelf):
    """As the first versions of the platform wrote it."""
    write_json(shelf.folder / "current.json", {"version": "a"})
    assert shelf.chosen().version == "a"


def test_names_hold_nothing_that_a_path_could_mean(shelf):
    assert (
        shelf.new(NOW, "../é vil/frwiki 100d").name == "20261121T080000.000000Z-..-vil-frwiki-100d"
    )


def test_what_is_removed_is_gone_and_the_rest_stays(shelf):
    shelf.remove("a")
    assert [path.name for path in shelf.folder.iterdir()] == ["b"]


def test_half_a_removal_leaves_nothing_that_looks_whole(shelf, monkeypatch):
    def killed(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        shelf.remove("a")
    assert shelf.versions() == ["b"]


def test_a_home_without_vectors_has_none(tmp_path):
    shelf = VectorShelf(tmp_path / "nowhere")
    assert (shelf.versions(), shelf.chosen(), shelf.history()) == ([], None, [])
    with pytest.raises(NotFound, match="satispy vectors train or import"):
        shelf.place("a")
