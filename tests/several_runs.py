"""More runs for a trained home: copies of what serves, under other names and other verdicts."""

import shutil

from satispy.core.files import read_json, sha256_of, write_json
from satispy.registry.serving import ServingPointers

OLD, HELD, BROKEN = (f"2020010{day}T000000.000000Z-svm" for day in (1, 2, 3))


def serving_run(settings, family="svm"):
    return ServingPointers(settings.paths.serving).of(family).run


def copy_run(settings, name, *, blessed=True, reason="all 8 checks passed"):
    """Seal a copy of what serves svm, with the verdict that the test wants of it."""
    folder = settings.paths.runs / name
    shutil.copytree(settings.paths.runs / serving_run(settings), folder)
    verdict = read_json(folder / "gate.json") | {"blessed": blessed, "reason": reason}
    write_json(folder / "gate.json", verdict)
    manifest = read_json(folder / "manifest.json")
    manifest["files"]["gate.json"] = sha256_of(folder / "gate.json")
    write_json(folder / "manifest.json", manifest | {"run": name})
    return folder


def damage(settings, run):
    """Spoil the graph of a run."""
    (settings.paths.runs / run / "model.onnx").write_bytes(b"damaged")
