import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from satispy.core.files import read_json
from satispy.core.settings import repository
from satispy.features.text import tokenize
from satispy.features.vectors import load_vectors
from satispy.models.catalog import family_names
from satispy.models.encoders import encoder_from_json
from satispy.models.serving import ENCODER, OnnxModel
from satispy.registry import runs
from satispy.workflows import tracking
from several_runs import serving_run

PYTHON = repository() / ".venv-mlflow" / "bin" / "python"

TEXTS = ["Très bien, livraison rapide", "Arnaque, jamais reçu", "!!!", "pas déçue du tout"]


def test_run_folders_and_registered_versions_load_with_plain_mlflow_and_answer_as_ours(
    mlflow, settings, tmp_path
):
    """Whoever has MLflow alone needs the numbers that the encoder makes, and nothing else of us."""
    tracking.catch_up(settings)
    words = [tokenize(text) for text in TEXTS]
    asked, ours = [], []
    for family in family_names():
        run = serving_run(settings, family)
        folder = settings.paths.runs / run
        version = runs.manifest_of(settings.paths.runs, run)["vectors_version"]
        vectors = load_vectors(settings.paths.vectors / version)
        given = tmp_path / f"{family}.npy"
        np.save(given, encoder_from_json(read_json(folder / ENCODER), vectors).dense(words))
        asked += [(str(folder), str(given)), (f"models:/satispy-{family}@serving", str(given))]
        ours += [OnnxModel.load(folder, vectors).predict_proba(words)] * 2
    script = Path(__file__).with_name("load_with_mlflow.py")
    done = subprocess.run(
        [PYTHON, script, mlflow.url],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={"MLFLOW_DISABLE_TELEMETRY": "true", "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr
    for theirs, wanted in zip(json.loads(done.stdout), ours, strict=True):
        answers = np.array(theirs)
        chances = answers[:, -1] if answers.ndim == 2 else answers
        assert chances == pytest.approx(wanted, abs=1e-6)
