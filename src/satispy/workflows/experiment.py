"""An experiment: the steps of a retraining on files of its own, nothing of which ever serves.

::

    experiment/
        data/dataset.json     the dataset version
        data/reviews/         prepared reviews, as Parquet
        data/vectors/         word vectors learnt from the training side, or a copy of those given
        models/<family>/      model.onnx, encoder.json, training.json, held_out.parquet
        metrics/<family>.json scores on the exam
        plots/<family>.csv    calibration: mean probability and share that was positive, bin by bin

Every folder is the output of one step and the input of the next, so that DVC can tell what has to
be done again: ``dvc.yaml`` makes them stages.
"""

from __future__ import annotations

import csv
import io
import logging
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from satispy.core.errors import NotReady, TrainingImpossible
from satispy.core.files import folder_written_once, read_json, write_atomically, write_json
from satispy.core.plan import load_plan
from satispy.core.settings import Settings
from satispy.core.types import METRICS
from satispy.evaluation.examination import examine
from satispy.features.vectors import check_vectors, load_vectors
from satispy.features.wiki2vec import train_vectors
from satispy.models.base import TrainingData
from satispy.models.catalog import family_class
from satispy.models.serving import OnnxModel
from satispy.workflows.opening import open_home
from satispy.workflows.retraining.exam_sheet import HELD_OUT, sheet_of
from satispy.workflows.retraining.prepared import prepare as prepared
from satispy.workflows.retraining.reviews import read_side
from satispy.workflows.vectors import MOST_FOR_VECTORS

TOLD = (*METRICS, "macro_f1")
FURTHER = ("roc_auc", "log_loss", "brier", "calibration_error")

log = logging.getLogger(__name__)


class Experiment:
    """The folder of one.

    Parameters
    ----------
    settings
        Name the home whose base is experimented on, and the plan.
    folder
        Where its files go.
    """

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings = settings
        self._plan = load_plan(settings.plan)
        self._data = folder / "data"
        self._folder = folder

    def prepare(self) -> None:
        """Take the reviews of the base as it is, and learn word vectors from the training side.

        Raises
        ------
        TrainingImpossible
            If there is nothing to learn from.
        """
        settings = self._settings
        with open_home(settings) as home:
            version = home.store.history.current().version
            if not version.rows:
                raise TrainingImpossible(
                    f"expected reviews in {settings.paths.base}, but it is empty; upload a CSV"
                )
            parts = prepared(home.store, version.number, settings.paths.prepared)
        shutil.rmtree(self._data, ignore_errors=True)
        with folder_written_once(self._data) as folder:
            (folder / "reviews").mkdir()
            for part in parts:
                shutil.copyfile(part, folder / "reviews" / part.name)
            write_json(folder / "dataset.json", asdict(version))
        side = read_side(self._reviews(), exam=False, most=MOST_FOR_VECTORS)
        if settings.vectors is not None and settings.vectors.is_dir():
            shutil.copytree(settings.vectors, self._vectors)
        else:
            texts = [" ".join(words) for words in side.words]
            train_vectors(texts, self._vectors, self._plan.vectors, seed=self._plan.seed)
        log.info("dataset version %d, %d rows", version.number, version.rows)

    def train(self, family: str) -> None:
        """Train one family with the plan's hyper-parameters.

        Raises
        ------
        NotReady
            If nothing was prepared.
        NotFound
            If there is no such family.
        """
        parameters = self._plan.families.get(family, {})
        model = family_class(family)(parameters, seed=self._plan.seed)
        side = read_side(self._reviews(), exam=False, most=model.params.max_rows)
        vectors = load_vectors(self._vectors)
        model.fit(TrainingData(side.words, side.labels, vectors), log=log.info)
        target = self._folder / "models" / family
        shutil.rmtree(target, ignore_errors=True)
        with folder_written_once(target) as folder:
            model.save(folder)
            held = model.held_out_.rows
            columns = {
                "id": side.ids[held],
                "label": side.labels[held],
                "probability": model.held_out_.probabilities[held],
            }
            pq.write_table(pa.table(columns), folder / HELD_OUT)
            facts: dict[str, Any] = {
                "family": family,
                "seed": self._plan.seed,
                "parameters": parameters,
                "train_rows": len(side.labels),
                "dataset": read_json(self._data / "dataset.json"),
                "vectors_sha256": check_vectors(self._vectors),
            }
            write_json(folder / "training.json", facts)

    def evaluate(self, family: str) -> dict[str, float]:
        """Let the model sit the exam; write its scores, flat, as ``dvc metrics`` compares them.

        Raises
        ------
        NotReady
            If it was not trained.
        """
        trained = self._folder / "models" / family
        if not (trained / "training.json").is_file():
            raise NotReady(
                f"expected a trained {family} in {trained}; satispy experiment train {family}"
            )
        reviews = self._reviews()
        sheet = sheet_of(reviews, exam=True)
        model = OnnxModel.load(trained, load_vectors(self._vectors))
        probabilities = model.predict_proba(read_side(reviews, exam=True).words)
        found = examine(sheet.labels, probabilities, sheet.traits, seed=self._plan.seed)
        scores = {name: round(float(found[name]), 6) for name in TOLD}
        scores |= {f"{name}_low": round(float(found[f"{name}_low"]), 6) for name in TOLD}
        details = found["details"]
        scores |= {name: round(float(details[name]), 6) for name in FURTHER if details[name]}
        for one in found["slices"]["source"]:
            if one["macro_f1"] is not None:
                scores[f"macro_f1_within_{one['name']}"] = round(float(one["macro_f1"]), 6)
        write_json(self._folder / "metrics" / f"{family}.json", scores)
        self._write_plot(family, details["calibration"])
        return scores

    @property
    def _vectors(self) -> Path:
        return self._data / "vectors"

    def _reviews(self) -> list[Path]:
        folder = self._data / "reviews"
        if not folder.is_dir():
            raise NotReady(f"expected prepared reviews in {folder}; satispy experiment prepare")
        return sorted(folder.iterdir())

    def _write_plot(self, family: str, bins: list[dict[str, Any]]) -> None:
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer, lineterminator="\n")
        filled = [one for one in bins if one["n"]]
        writer.writerow(filled[0])
        writer.writerows(one.values() for one in filled)
        write_atomically(self._folder / "plots" / f"{family}.csv", buffer.getvalue())
