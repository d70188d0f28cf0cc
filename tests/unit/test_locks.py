"""One package has one version, in every environment and every image, but for those named here."""

import re
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements"
PARTS = ("api", "page", "trainer")
TOGETHER = ("platform", "airflow", "airflow-image", "airflow-dev", *PARTS)
"""What the product runs from; tools of the developers stand beside it, each on its own."""
APART = {
    "fastapi": "Airflow pins it below what the API wants",
    "python-dateutil": "flask-appbuilder, on which Airflow's accounts stand, wants one below 3",
    "cachetools": "MLflow's client wants one below 8",
    "importlib-metadata": "MLflow's client wants one below 10",
    "deprecated": "two of them in airflow.txt, one for each Python version",
}

NEVER_FINAL = "opentelemetry-"
"""Parts of OpenTelemetry are released as betas alone, beside the final ones they go with."""


def lock(name):
    """Return package to versions: more than one where they depend on the Python version."""
    text = (REQUIREMENTS / f"{name}.txt").read_text(encoding="utf-8")
    found = {}
    for package, version in re.findall(
        r"^([a-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^\s;]+)", text, re.MULTILINE
    ):
        found.setdefault(package, set()).add(version)
    assert found
    return found


@pytest.mark.parametrize("part", PARTS)
def test_an_image_takes_its_part_of_the_one_resolution(part):
    """What was tested with is what runs."""
    whole = lock("platform")
    assert {name: v for name, v in lock(part).items() if whole.get(name) != v} == {}


def test_a_package_has_one_version_but_for_those_that_say_why():
    found = {}
    for name in TOGETHER:
        for package, versions in lock(name).items():
            found.setdefault(package, set()).add(frozenset(versions))
    assert {package for package, versions in found.items() if len(versions) > 1} == set(APART)


def test_images_of_api_and_page_hold_nothing_that_trains():
    for part in ("api", "page"):
        assert not {"tensorflow", "tensorflow-cpu", "scikit-learn", "keras"} & set(lock(part))
    assert not {"tensorflow", "tensorflow-cpu", "numpy"} & set(lock("airflow-image"))


def test_make_lock_makes_every_lock_there_is():
    recipe = (REQUIREMENTS.parent / "Makefile").read_text().partition("\nlock: ")[2]
    recipe = recipe.partition("\n\n")[0]
    named = set(re.findall(r"for name in ([\w \-]+);", recipe))
    made = {name for names in named for name in names.split()} | {"airflow-image"}
    assert made == {path.stem for path in REQUIREMENTS.glob("*.txt")}


def test_nothing_is_a_release_that_is_still_to_come():
    for path in REQUIREMENTS.glob("*.txt"):
        early = [
            (package, version)
            for package, versions in lock(path.stem).items()
            for version in versions
            if re.search(r"\d(a|b|rc|\.dev)\d", version) and not package.startswith(NEVER_FINAL)
        ]
        assert early == [], path
