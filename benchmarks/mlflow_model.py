"""A scikit-learn model as MLflow serves it; runs in `.venv-mlflow`.

Usage: ``python mlflow_model.py REVIEWS FOLDER``. REVIEWS is JSON: ``texts`` and ``labels``. The
model is our SVM as far as scikit-learn alone goes: tf-idf of the same words and pairs of words, the
same machine, calibrated; without the mean word vector, which MLflow is thereby spared.
"""

import json
import sys
from pathlib import Path

import mlflow.sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC


def main() -> None:
    """Train and save."""
    reviews = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    terms = TfidfVectorizer(
        token_pattern=r"[^\W_]+",  # noqa: S106  no password: what a word is
        ngram_range=(1, 2),
        min_df=2,
        max_features=20_000,
        sublinear_tf=True,
    )
    machine = CalibratedClassifierCV(LinearSVC(C=0.3), ensemble=False)
    model = make_pipeline(terms, machine).fit(reviews["texts"], reviews["labels"])
    mlflow.sklearn.save_model(
        model,
        sys.argv[2],
        pyfunc_predict_fn="predict_proba",
        serialization_format="cloudpickle",
        pip_requirements=["mlflow", "scikit-learn"],
    )


if __name__ == "__main__":
    main()
