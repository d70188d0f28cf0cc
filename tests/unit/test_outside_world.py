"""What we read from outside runs no code, and what we import fetches nothing."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from satispy.models.catalog import family_names

ROOT = Path(__file__).resolve().parents[2]
OURS = [
    path
    for folder in ("src", "services", "airflow/dags", "airflow/plugins")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
READERS = {"pickle", "cPickle", "_pickle", "joblib", "dill", "cloudpickle", "shelve", "marshal"}
IN_A_PROCESS_OF_ITS_OWN = {"wiki2vec_model_child.py"}
"""Opens a model of wikipedia2vec for who says --trust-pickle."""


def imported(tree: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    return names


def test_mistake_10_nothing_of_ours_reads_a_pickle():
    found = [
        path.name
        for path in OURS
        if imported(ast.parse(path.read_text(encoding="utf-8"))) & READERS
    ]
    assert set(found) <= IN_A_PROCESS_OF_ITS_OWN


def test_mistake_10_no_array_may_bring_a_pickle_along():
    """numpy reads object arrays, which are pickles, where it is told to."""
    for path in OURS:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                assert isinstance(node.value, ast.Constant), path
                assert node.value.value is False, path


@pytest.mark.parametrize(
    "modules",
    [
        "reviews_api.app",
        "reviews_ui.api.connection, reviews_ui.charts, reviews_ui.markup, reviews_ui.session",
        "satispy.cli",
        "satispy.workflows.retraining.preprocess, satispy.workflows.retraining.train, "
        "satispy.workflows.retraining.evaluate, satispy.workflows.retraining.promote",
        ", ".join(f"satispy.models.families.{name}" for name in family_names()),
    ],
)
def test_mistake_10_no_import_opens_the_network(modules):
    """NLTK's data was downloaded when the page was imported."""
    script = (
        "import sys\n"
        "asked = []\n"
        "def note(event, args):\n"
        "    if event in ('socket.connect', 'socket.getaddrinfo', 'urllib.Request'):\n"
        "        asked.append((event, str(args)))\n"
        "sys.addaudithook(note)\n"
        f"import {modules}\n"
        "print(asked)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={"PYTHONPATH": "services/fastapi:services/streamlit", "PATH": ""},
    )
    assert done.stdout.strip() == "[]", done.stderr
