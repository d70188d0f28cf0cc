"""Experiments as DVC stages: the real DVC, git and our real `dvc.yaml`, on synthetic reviews."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from requires import missing
from satispy.core.plan import PACKAGED
from satispy.core.settings import Settings
from satispy.demo.reviews import write_reviews
from satispy.workflows.ingest import Delivery, ingest_file
from satispy.workflows.opening import open_home

ROOT = Path(__file__).resolve().parents[2]
DVC = ROOT / ".venv-dvc" / "bin" / "dvc"
PLAN = "src/satispy/core/plan.yaml"
FAMILIES = ("gbc", "svm")


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A git repository with our stages, a base of synthetic reviews, and a quick plan."""
    if not DVC.exists():
        missing("the environment of DVC", "run python3 tools/bootstrap.py dvc")
    folder = tmp_path_factory.mktemp("dvc") / "repository"
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("dvc.yaml", ".dvcignore"):
        shutil.copyfile(ROOT / name, folder / name)
    (folder / ".dvc").mkdir()
    for name in ("config", ".gitignore"):
        shutil.copyfile(ROOT / ".dvc" / name, folder / ".dvc" / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    ignored = ".venv\n/clean_data\n/clean_model\n/experiment/data\n/experiment/models\n"
    (folder / ".gitignore").write_text(ignored)
    plan = yaml.safe_load(PACKAGED.read_text(encoding="utf-8"))
    plan["vectors"] |= {"iterations": 1, "dimensions": 10}
    plan["families"]["gbc"] |= {"trees": 20}
    del plan["families"]["ann"]  # it would spend a minute on loading TensorFlow
    (folder / PLAN).write_text(yaml.safe_dump(plan, sort_keys=False), encoding="utf-8")
    first = write_reviews(folder.parent / "reviews")[0]
    with first.open("rb") as file, open_home(Settings(home=folder)) as home:
        ingest_file(home, Delivery(file, first.name, "admin"))
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "begin")
    return folder


def environment(folder):
    own = {name: value for name, value in os.environ.items() if not name.startswith("SATISPY_")}
    return own | {
        "SATISPY_HOME": str(folder),
        "DVC_NO_ANALYTICS": "1",
        **{
            f"GIT_{who}_{what}": "tester@example.org"
            for who in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        },
    }


def run(folder, *command):
    done = subprocess.run(
        command, cwd=folder, env=environment(folder), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def git(folder, *arguments):
    return run(folder, "git", *arguments)


def dvc(folder, *arguments):
    return run(folder, str(DVC), *arguments)


def metrics(folder, family):
    return json.loads((folder / f"experiment/metrics/{family}.json").read_text())


def test_repro_runs_every_stage_once_and_a_second_time_nothing(repository):
    said = dvc(repository, "repro")
    for family in FAMILIES:
        assert f"Running stage 'train@{family}'" in said
        assert 0.5 < metrics(repository, family)["accuracy"] < 1
    assert "Data and pipelines are up to date" in dvc(repository, "repro")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "first experiment")


def test_an_experiment_with_another_value_runs_that_family_alone_and_its_scores_are_compared(
    repository,
):
    said = dvc(repository, "exp", "run", "-S", f"{PLAN}:families.svm.cost=0.01")
    assert "Running stage 'train@svm'" in said
    for other in ("prepare", "train@gbc"):
        assert f"Running stage '{other}'" not in said
    compared = json.loads(dvc(repository, "metrics", "diff", "--json").split("\n")[0])
    change = compared["experiment/metrics/svm.json"]["log_loss"]
    assert change["new"] == metrics(repository, "svm")["log_loss"] != change["old"]
    assert "experiment/metrics/gbc.json" not in compared
    assert "cost: 0.01" in (repository / PLAN).read_text()


def test_data_and_models_go_to_any_remote(repository, tmp_path):
    dvc(repository, "remote", "add", "-d", "here", str(tmp_path / "remote"))
    assert "pushed" in dvc(repository, "push")
    shutil.rmtree(repository / "experiment" / "models")
    shutil.rmtree(repository / ".dvc" / "cache")
    dvc(repository, "pull")
    assert (repository / "experiment" / "models" / "svm" / "model.onnx").is_file()


def test_a_family_of_the_plan_is_a_stage(repository):
    listed = dvc(repository, "stage", "list", "--name-only").split()
    wanted = {f"{step}@{family}" for step in ("train", "evaluate") for family in FAMILIES}
    assert set(listed) == {"prepare", *wanted}
