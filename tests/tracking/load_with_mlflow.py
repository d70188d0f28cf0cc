"""Load models as whoever has MLflow and not us; runs in `.venv-mlflow`.

Usage: ``python load_with_mlflow.py SERVER``. The standard input is JSON: a list of model (folder or
URI) and of the file of its input, ``.npy``. Writes the last answer of each as JSON.
"""

import json
import sys

import mlflow
import mlflow.onnx
import mlflow.pyfunc
import numpy as np
import onnx


def main() -> None:
    """Load, ask, write."""
    mlflow.set_tracking_uri(sys.argv[1])
    found = []
    for model, given in json.load(sys.stdin):
        onnx.checker.check_model(mlflow.onnx.load_model(model))
        answers = mlflow.pyfunc.load_model(model).predict(np.load(given, allow_pickle=False))
        found.append(list(answers.values())[-1].tolist())
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
