"""`satispy retrain`, really run: the DAG's steps in one process, on a quick plan."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from satispy.core.plan import PACKAGED
from satispy.core.settings import Settings
from satispy.demo.reviews import write_reviews
from satispy.registry.serving import ServingPointers
from satispy.workflows.ingest import Delivery, ingest_file
from satispy.workflows.opening import open_home

SATISPY = Path(sys.executable).with_name("satispy")


@pytest.fixture
def settings(tmp_path):
    plan = yaml.safe_load(PACKAGED.read_text(encoding="utf-8"))
    plan["vectors"] |= {"iterations": 1, "dimensions": 10}
    plan["families"]["gbc"] |= {"min_comments": 10_000}  # no word is in so many: it cannot learn
    plan["families"]["ann"] |= {"epochs": 2}
    plan["gate"]["floors"] = {"accuracy": 0.6}
    (tmp_path / "plan.yaml").write_text(yaml.safe_dump(plan), encoding="utf-8")
    settings = Settings(home=tmp_path / "home", plan=tmp_path / "plan.yaml")
    first = write_reviews(tmp_path / "reviews")[0]
    with first.open("rb") as file, open_home(settings) as home:
        ingest_file(home, Delivery(file, first.name, "admin"))
    return settings


def command(settings, *arguments, answers=""):
    own = {name: value for name, value in os.environ.items() if not name.startswith("SATISPY_")}
    return subprocess.run(
        [SATISPY, "retrain", *arguments],
        env=own | {"SATISPY_HOME": str(settings.home), "SATISPY_PLAN": str(settings.plan)},
        input=answers,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_empty_base_is_refused_in_one_line(tmp_path):
    done = command(Settings(home=tmp_path, plan=PACKAGED))
    assert done.returncode == 1
    assert "upload a CSV with POST /uploadfile" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_family_that_fails_stops_no_other_and_a_person_may_be_asked(settings):
    done = command(settings, "--ask", answers="y\nfirst of all\n")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "gbc was not trained: expected words that occur in at least 10000" in done.stderr
    assert "svm: promoted" in done.stdout
    pointers = ServingPointers(settings.paths.serving)
    served = {pointer.family for pointer in pointers.all()}
    assert "svm" in served
    assert "gbc" not in served
    (decision,) = (
        one for one in pointers.history() if (one.family, one.event) == ("svm", "promoted")
    )
    assert decision.by.endswith("(command line)")
    assert decision.comment == "first of all"
    assert sorted(path.name for path in settings.paths.reports.glob("*-svm.json"))
