"""A run is one folder with one manifest: its files cannot come from two trainings."""

import shutil

import pytest

from satispy.core.errors import ArtifactDamaged
from satispy.registry import runs


@pytest.fixture
def two_runs(tmp_path):
    folders = []
    for number in (1, 2):
        candidate = tmp_path / f"candidate {number}"
        candidate.mkdir()
        (candidate / "model.onnx").write_bytes(b"graph %d" % number)
        (candidate / "encoder.json").write_text(f'{{"terms": {number}}}')
        folders.append(runs.seal(candidate, tmp_path / "runs", f"2026112{number}-gbc", {}))
    return folders


@pytest.mark.parametrize("name", ["model.onnx", "encoder.json"])
def test_mistake_7_a_model_beside_the_encoder_of_another_run_is_refused(two_runs, name):
    """Model and vectoriser were two files, written one after the other: they could mismatch."""
    old, new = two_runs
    assert runs.check(new)
    shutil.copyfile(old / name, new / name)
    with pytest.raises(ArtifactDamaged, match=name):
        runs.check(new)
