import multiprocessing
import os
import signal
from datetime import UTC, datetime, timedelta

import pytest

from satispy.core.errors import ArtifactDamaged
from satispy.core.files import (
    folder_written_once,
    private_folder,
    read_json,
    sweep_leftovers,
    write_atomically,
    write_json,
)

DAY = timedelta(days=1)


def test_json_that_cannot_be_parsed_is_named(tmp_path):
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(ArtifactDamaged, match=r"x\.json"):
        read_json(tmp_path / "x.json")


def test_nan_is_not_written_as_json(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "x.json", {"score": float("nan")})
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_never_written_over(tmp_path):
    (tmp_path / "run").mkdir()
    with (
        pytest.raises(FileExistsError, match="written once"),
        folder_written_once(tmp_path / "run"),
    ):
        pass


def test_a_failure_half_way_leaves_no_folder(tmp_path):
    def fail_half_way():
        with folder_written_once(tmp_path / "run") as folder:
            (folder / "a").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert list(tmp_path.iterdir()) == []


def test_a_secret_is_written_for_its_owner_alone(tmp_path):
    write_atomically(tmp_path / "secrets" / "key", "s", mode=0o600)
    assert (tmp_path / "secrets" / "key").stat().st_mode & 0o777 == 0o600
    write_atomically(tmp_path / "secrets" / "key", "t", mode=0o600)
    assert (tmp_path / "secrets" / "key").read_text() == "t"


def test_the_names_in_a_new_folder_are_durable_before_it_bears_its_own(tmp_path, monkeypatch):
    """Else a power cut could leave the folder under its final name with files missing in it."""
    synced = []
    monkeypatch.setattr(
        "satispy.core.files.sync_folder",
        lambda folder: synced.append((folder, (tmp_path / "run").exists())),
    )
    with folder_written_once(tmp_path / "run") as folder:
        (folder / "inner").mkdir()
    before = {path for path, renamed in synced if not renamed}
    assert before == {folder, folder / "inner"}
    assert synced[-1] == (tmp_path, True)


def die_half_way(target):
    with folder_written_once(target) as folder:
        (folder / "a").write_text("half")
        os.kill(os.getpid(), signal.SIGKILL)


def test_what_a_killed_process_left_is_swept_once_it_is_old(tmp_path):
    killed = multiprocessing.get_context("spawn").Process(
        target=die_half_way, args=(tmp_path / "run",)
    )
    killed.start()
    killed.join(30)
    (left,) = tmp_path.iterdir()
    (tmp_path / ".gitkeep").touch()
    (tmp_path / "run").mkdir()
    now = datetime.now(UTC)
    assert sweep_leftovers(tmp_path, now, older_than=DAY) == []
    assert sweep_leftovers(tmp_path, now + 2 * DAY, older_than=DAY) == [left]
    assert {path.name for path in tmp_path.iterdir()} == {".gitkeep", "run"}


def test_a_folder_that_is_not_there_has_nothing_to_sweep(tmp_path):
    assert sweep_leftovers(tmp_path / "none", datetime.now(UTC), older_than=DAY) == []


def test_a_private_folder_is_closed_to_others_also_where_it_stood_open(tmp_path):
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    assert private_folder(folder).stat().st_mode & 0o777 == 0o700
    assert private_folder(tmp_path / "new" / "one").stat().st_mode & 0o777 == 0o700
