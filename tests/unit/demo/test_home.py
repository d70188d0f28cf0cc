import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from satispy.core.errors import InvalidInput, StackError
from satispy.core.settings import Paths, Settings, repository
from satispy.demo.home import demo_settings, empty_demo_home, require_demo_home, review_files
from satispy.stack.state import only_one

HOME = Path("/nowhere/demo")


@contextmanager
def held(home):
    """Hold a demo's home, as the command does."""
    require_demo_home(home)
    with only_one(Paths(home)):
        yield


def is_free(home):
    """Ask from another process, for a lock is held against those."""
    code = (
        "from pathlib import Path; from satispy.core.settings import Paths; "
        "from satispy.stack.state import running; import sys; "
        f"sys.exit(running(Paths(Path({str(home)!r}))) is not None)"
    )
    return subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_folder_with_somebody_elses_data_is_left_as_it_is(tmp_path):
    base = tmp_path / "clean_data" / "data_MAJ.csv"
    base.parent.mkdir()
    base.write_text("my reviews")
    with pytest.raises(StackError, match=r"holds something that no demo wrote"):
        require_demo_home(tmp_path)
    assert base.read_text() == "my reviews"


def test_a_file_is_no_home(tmp_path):
    (tmp_path / "home").write_text("")
    with pytest.raises(StackError, match="a file is there"):
        require_demo_home(tmp_path / "home")


def test_the_home_of_an_earlier_demo_is_emptied_without_following_links(tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "kept").write_text("")
    home = tmp_path / "demo"
    with held(home):
        pass
    (home / "clean_data").mkdir()
    (home / "clean_data" / "data_MAJ.csv").write_text("synthetic")
    (home / "summary.json").write_text("{}")
    (home / "link").symlink_to(mine)
    with held(home):
        empty_demo_home(home)
        assert sorted(path.name for path in home.iterdir()) == [".satispy-demo", "run"]
        assert not is_free(home)
    assert (mine / "kept").exists()


def test_an_empty_folder_becomes_a_demo_home(tmp_path):
    require_demo_home(tmp_path)
    assert (tmp_path / ".satispy-demo").is_file()


def test_the_demo_has_a_home_of_its_own_unless_one_is_named(monkeypatch, tmp_path):
    monkeypatch.delenv("SATISPY_HOME")
    assert demo_settings(Settings(), {}).home == repository() / "var" / "demo"
    monkeypatch.setenv("SATISPY_HOME", str(tmp_path))
    assert demo_settings(Settings(), {"SATISPY_HOME": str(tmp_path)}).home == tmp_path


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="expected a folder of reviews"):
        review_files(tmp_path / "nowhere", HOME)


def test_a_folder_without_a_base_is_refused_and_its_content_named(tmp_path):
    (tmp_path / "avis.csv").write_text("")
    with pytest.raises(InvalidInput, match=r"expected data_MAJ.csv in .* but found avis.csv"):
        review_files(tmp_path, HOME)


def test_reviews_in_the_home_that_is_emptied_are_refused(tmp_path):
    with pytest.raises(InvalidInput, match="copy the files elsewhere"):
        review_files(tmp_path / "reviews", tmp_path)


def test_files_come_in_natural_order_the_base_first(tmp_path):
    for name in ("avis_10.csv", "avis_2.csv", "Avis_1.csv", "data_MAJ.csv", "notes.txt", "2.csv"):
        (tmp_path / name).write_text("")
    assert [path.name for path in review_files(tmp_path, HOME)] == [
        "data_MAJ.csv",
        "2.csv",
        "Avis_1.csv",
        "avis_2.csv",
        "avis_10.csv",
    ]
