"""Two homes, one store: what changes in one arrives in the other."""

import uuid

import pytest

from satispy.core.mirror import Mirror
from satispy.core.object_store import ObjectStore

FOLDERS = ["runs", "serving"]


class Side:
    """A home and its mirror."""

    def __init__(self, home, store):
        self.home = home
        self.mirror = Mirror(home, store, home / ".shared.json")

    def write(self, name, text):
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def follow(self):
        return self.mirror.follow(FOLDERS)

    def files(self):
        paths = [path for folder in FOLDERS for path in (self.home / folder).rglob("*")]
        return {
            path.relative_to(self.home).as_posix(): path.read_text()
            for path in paths
            if path.is_file()
        }


@pytest.fixture
def sides(tmp_path, store):
    return Side(tmp_path / "a", store), Side(tmp_path / "b", store)


def test_what_one_makes_the_other_gets_and_nothing_is_moved_twice(sides):
    a, b = sides
    a.write("runs/x/manifest.json", "{}")
    a.write("runs/x/model.onnx", "weights")
    a.write("elsewhere/x", "mine")
    assert a.follow() == 2
    assert b.follow() == 2
    assert a.files() == b.files() == {"runs/x/manifest.json": "{}", "runs/x/model.onnx": "weights"}
    assert (a.follow(), b.follow()) == (0, 0)
    assert not (b.home / "elsewhere").exists()


def test_a_change_goes_both_ways(sides):
    a, b = sides
    a.write("serving/svm.json", "one")
    a.follow(), b.follow()
    b.write("serving/svm.json", "the second")
    b.follow(), a.follow()
    assert a.files() == {"serving/svm.json": "the second"}
    a.write("serving/svm.json", "a third one")
    a.follow(), b.follow()
    assert b.files() == {"serving/svm.json": "a third one"}


def test_what_is_removed_goes_everywhere_with_its_folder(sides):
    a, b = sides
    a.write("runs/x/manifest.json", "{}")
    a.write("runs/y/manifest.json", "{}")
    a.follow(), b.follow()
    (b.home / "runs/x/manifest.json").unlink()
    b.follow(), a.follow()
    assert a.files() == {"runs/y/manifest.json": "{}"}
    assert not (a.home / "runs/x").exists()


def test_who_comes_with_an_empty_disk_gets_all_and_removes_nothing(sides, tmp_path, store):
    a, _ = sides
    a.write("runs/x/manifest.json", "{}")
    a.follow()
    new = Side(tmp_path / "new", store)
    new.follow(), a.follow()
    assert new.files() == a.files() == {"runs/x/manifest.json": "{}"}


def test_two_that_add_to_one_folder_keep_both(sides):
    a, b = sides
    a.write("runs/gbc/model.onnx", "g")
    b.write("runs/svm/model.onnx", "s")
    a.follow(), b.follow(), a.follow()
    assert a.files() == b.files() == {"runs/gbc/model.onnx": "g", "runs/svm/model.onnx": "s"}


def test_what_changed_on_both_sides_is_that_of_the_store_and_it_is_said(sides, caplog):
    a, b = sides
    a.write("serving/svm.json", "one")
    a.follow(), b.follow()
    a.write("serving/svm.json", "a's own")
    b.write("serving/svm.json", "b's")
    b.follow(), a.follow()
    assert a.files() == {"serving/svm.json": "b's"}
    assert "serving/svm.json was changed on both sides" in caplog.text


def test_what_was_changed_here_is_not_removed_because_it_went_there(sides):
    a, b = sides
    a.write("runs/x", "one")
    a.follow(), b.follow()
    (a.home / "runs/x").unlink()
    a.follow()
    b.write("runs/x", "another one")
    b.follow(), a.follow()
    assert a.files() == b.files() == {"runs/x": "another one"}


def test_files_that_are_being_written_are_left_alone(sides):
    a, b = sides
    a.write("runs/.x.12.0badcafe/model.onnx", "half")
    a.write("serving/.history.lock", "")
    assert a.follow() == 0
    assert b.follow() == 0


def test_what_closes_a_folder_is_fetched_last_and_removed_first(sides, store, monkeypatch):
    a, b = sides
    for name in ("manifest.json", "card.json", "zzz.npy", "aaa.npy"):
        a.write(f"runs/x/{name}", name)
    a.follow()
    fetched, get = [], store.get
    monkeypatch.setattr(store, "get", lambda name, to: (fetched.append(name), get(name, to)))
    b.follow()
    assert [name.rpartition("/")[2] for name in fetched][-2:] == ["manifest.json", "card.json"]
    for path in list((a.home / "runs/x").iterdir()):
        path.unlink()
    deleted, delete = [], store.delete
    monkeypatch.setattr(store, "delete", lambda name: (deleted.append(name), delete(name)))
    a.follow()
    assert [name.rpartition("/")[2] for name in deleted][:2] == ["card.json", "manifest.json"]


def test_a_single_file_may_be_shared(tmp_path, store):
    a, b = Side(tmp_path / "a", store), Side(tmp_path / "b", store)
    a.write("tracking.json", "{}")
    a.write("tracking.json.else", "{}")
    a.mirror.follow(["tracking.json"]), b.mirror.follow(["tracking.json"])
    assert (b.home / "tracking.json").read_text() == "{}"
    assert not (b.home / "tracking.json.else").exists()


def test_another_store_is_compared_anew(sides, tmp_path):
    a, _ = sides
    a.write("runs/x", "one")
    a.follow()
    other = ObjectStore(f"memory://{uuid.uuid4().hex}/p")
    assert Mirror(a.home, other, a.home / ".shared.json").follow(FOLDERS) == 1
    assert list(other.find()) == ["runs/x"]
