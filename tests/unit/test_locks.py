"""One package has one version, in every environment and every image, but for those named here."""

import re
import tomllib
from pathlib import Path

import pytest

from tool_module import load

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements"
LOCKS = sorted(path.stem for path in REQUIREMENTS.glob("*.txt"))
PARTS = ("api", "page", "store", "trainer", "trainer-gpu")
IMAGES = [
    ROOT / folder / "Dockerfile" for folder in ("services/fastapi", "services/streamlit", "airflow")
]
APART = {
    "fastapi": ({"airflow", "airflow-image"}, "Airflow pins it below what the API wants"),
    "python-dateutil": (
        {"airflow-image", "moto"},
        "flask-appbuilder, on which Airflow's accounts stand, and botocore want one below 3",
    ),
    "cachetools": ({"airflow", "airflow-image"}, "MLflow's client wants one below 8"),
    "importlib-metadata": ({"airflow", "airflow-image"}, "MLflow's client wants one below 10"),
    "graphql-core": ({"mlflow"}, "MLflow's server wants one below 3.3"),
}
"""Package to the locks that have another version than all the rest, and why."""

BY_PYTHON = {
    "numpy": "2.5 begins with Python 3.12",
    "scipy": "1.18 begins with Python 3.12",
    "contourpy": "1.4 begins with Python 3.12",
    "networkx": "3.7 begins with Python 3.12",
    "deprecated": "3.0 begins with Python 3.12",
}
"""Two versions within a lock, each for other Python versions: one machine has one of them."""

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
    cuda = {name for name in lock(part) if name.startswith("nvidia-")} if "gpu" in part else set()
    assert {n: v for n, v in lock(part).items() if whole.get(n) != v and n not in cuda} == {}


def test_both_trainers_differ_by_tensorflow_alone():
    cpu, gpu = lock("trainer"), lock("trainer-gpu")
    assert set(cpu) - set(gpu) == {"tensorflow-cpu"}
    assert cpu["tensorflow-cpu"] == gpu["tensorflow"]
    assert {name for name in set(gpu) - set(cpu) if not name.startswith("nvidia-")} <= {
        "libclang",  # what `tensorflow` asks for and `tensorflow-cpu` does not
        "google-pasta",
    }


def test_a_package_has_one_version_but_for_those_that_say_why():
    """Every environment and image, the developers' own tools included."""
    found = {}
    for name in LOCKS:
        for package, versions in lock(name).items():
            found.setdefault(package, {}).setdefault(frozenset(versions), set()).add(name)
    by_python = {package for package, kinds in found.items() if any(len(v) > 1 for v in kinds)}
    assert by_python == set(BY_PYTHON)
    several = {
        package: sorted(kinds.values(), key=lambda places: (len(places), "mlflow" not in places))
        for package, kinds in found.items()
        if len(kinds) > 1 and not any(len(versions) > 1 for versions in kinds)
    }
    assert {package: places[:-1] for package, places in several.items()} == {
        package: [places] for package, (places, _why) in APART.items()
    }


def test_images_of_api_and_page_hold_nothing_that_trains():
    for part in ("api", "page"):
        assert not {"tensorflow", "tensorflow-cpu", "scikit-learn", "keras"} & set(lock(part))
    assert not {"tensorflow", "tensorflow-cpu", "numpy"} & set(lock("airflow-image"))


def test_make_lock_makes_every_lock_there_is():
    assert sorted(lock.name for lock in load("locks").LOCKS) == LOCKS


def test_nothing_is_a_release_that_is_still_to_come():
    for name in LOCKS:
        early = [
            (package, version)
            for package, versions in lock(name).items()
            for version in versions
            if re.search(r"\d(a|b|rc|\.dev)\d", version) and not package.startswith(NEVER_FINAL)
        ]
        assert early == [], name


@pytest.mark.parametrize("image", IMAGES, ids=lambda path: path.parent.name)
def test_an_image_installs_by_hash_from_a_named_base(image):
    text = image.read_text(encoding="utf-8").replace("\\\n", " ")
    bases = re.findall(r"^ARG \w+=(\S+:\S+)$", text, re.MULTILINE)
    stages = set(re.findall(r"^FROM \S+ AS (\S+)$", text, re.MULTILINE))
    assert bases
    assert "latest" not in text
    for base in re.findall(r"^FROM (\S+)", text, re.MULTILINE):
        assert base in stages or base == "${PYTHON}"
    for command in re.findall(r"pip (?:install|sync) [^&\n]*", text):
        assert "--require-hashes" in command or "--no-deps" in command


def test_the_wheel_is_built_by_what_the_lock_of_releases_holds():
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]["requires"]
    assert asked == ["uv_build>=0.13,<0.14"]
    assert all(version.startswith("0.13.") for version in lock("release")["uv-build"])
    assert lock("release")["uv"] == lock("tools")["uv"]
