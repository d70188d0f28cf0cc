"""The wheel, in an environment that holds nothing but it and what its extra `serve` asks for."""

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from requires import missing
from satispy.core.settings import Settings
from satispy.workflows.predict import Predictor

ROOT = Path(__file__).resolve().parents[2]
UV = ROOT / ".venv-tools" / "bin" / "uv"
RELEASE = ROOT / ".venv-release" / "bin"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
TEXTS = ["livraison rapide, très bien", "colis jamais arrivé, nul"]
PREDICT = """
import json, sys
from pathlib import Path
from satispy.core.settings import Settings
from satispy.workflows.predict import Predictor
said = Predictor(Settings(home=Path(sys.argv[1]))).predict(json.loads(sys.argv[2]))
print(json.dumps([{family: one.probability for family, one in text.items()} for text in said]))
print("tensorflow" in sys.modules, "sklearn" in sys.modules, file=sys.stderr)
"""


def run(*command, **more):
    environment = {name: value for name, value in os.environ.items() if "PYTHON" not in name}
    environment["PATH"] = f"{RELEASE}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        **more,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The wheel and the source, as `make wheel` builds them."""
    if not (RELEASE / "twine").exists():
        missing("the environment of releases", "python3 tools/bootstrap.py release")
    folder = tmp_path_factory.mktemp("dist")
    run(RELEASE / "python", "-m", "build", "--no-isolation", "--outdir", folder, cwd=ROOT)
    return folder


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    """A Python with the wheel and its extra `serve`, in the versions of the API's lock."""
    folder = tmp_path_factory.mktemp("clean") / "venv"
    run(UV, "venv", "-q", "--python", sys.executable, folder)
    (wheel,) = built.glob("*.whl")
    pip = (UV, "pip", "install", "-q", "--python", folder / "bin" / "python")
    run(*pip, f"{wheel}[serve]", "-c", ROOT / "requirements" / "api.txt", cwd=folder)
    return folder / "bin"


def test_an_index_would_take_both_files(built):
    files = sorted(built.iterdir())
    assert len(files) == 2
    run(RELEASE / "twine", "check", "--strict", *files)


def test_the_wheel_is_typed_and_holds_what_is_read_beside_the_code(built):
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    ours = {
        str(path.relative_to(ROOT / "src"))
        for path in (ROOT / "src" / "satispy").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert "satispy/py.typed" in ours
    assert ours <= names
    assert [name for name in names if not name.startswith("satispy")] == []


def test_the_extra_serve_is_what_the_lock_of_the_api_was_made_from():
    asked = (ROOT / "requirements" / "api.in").read_text("utf-8")
    lines = (re.sub(r"\s+#.*|^#.*", "", line).replace('"', "'") for line in asked.splitlines())
    assert [line for line in lines if line] == PROJECT["optional-dependencies"]["serve"]


def test_the_version_is_the_packages_own():
    source = (ROOT / "src" / "satispy" / "__init__.py").read_text("utf-8")
    assert f'__version__ = "{PROJECT["version"]}"' in source


def test_in_a_clean_environment_the_wheel_predicts_what_we_predict(
    installed, trained_home, tmp_path
):
    """Sealed runs of a home answer there to the last digit, without what trained them."""
    done = run(installed / "python", "-c", PREDICT, trained_home, json.dumps(TEXTS), cwd=tmp_path)
    ours = Predictor(Settings(home=trained_home)).predict(TEXTS)
    expected = [{family: one.probability for family, one in text.items()} for text in ours]
    assert json.loads(done.stdout) == expected
    assert len(expected[0]) >= 3
    assert done.stderr.split() == ["False", "False"]
    packages = {path.name.partition("-")[0] for path in installed.parent.rglob("*.dist-info")}
    assert not {"tensorflow", "tensorflow_cpu", "scikit_learn", "keras", "pandas"} & packages


def test_the_command_answers_there(installed, tmp_path):
    said = run(installed / "satispy", "--help", cwd=tmp_path).stdout
    assert "Keep customer-review sentiment models fresh" in said


def test_who_imports_it_is_told_its_types(installed, tmp_path):
    """Mypy reads nothing of a package that does not say it is typed."""
    code = "from satispy.workflows.predict import Prediction\nx: int = Prediction(1).label_name\n"
    (tmp_path / "theirs.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--python-executable", installed / "python", "theirs.py"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert "Missing positional arguments" in done.stdout
    assert 'has type "str", variable has type "int"' in done.stdout
