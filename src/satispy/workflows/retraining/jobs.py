"""What the steps of one retraining hand over: a folder, found again by its id.

::

    clean_model/jobs/<job>/
        job.json          the DAG run and the dataset version
        reviews/          Parquet: id, words (a list), label, exam, star, source, company, date
        vectors.json      version of the word vectors, and how many of the words they know
        candidates/gbc/   model.onnx, encoder.json, training.json; then metrics.json, the card,
                          gate.json
        answers/<run>.npy P(label 1) of each review of the exam, by candidates and what served
"""

import io
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from satispy.core.clock import iso, stamp
from satispy.core.errors import NotFound, NotReady
from satispy.core.files import folder_written_once, read_json, write_atomically, write_json
from satispy.core.types import DatasetVersion
from satispy.registry import runs


@dataclass(frozen=True)
class Job:
    """One retraining on disk."""

    folder: Path

    @classmethod
    def begin(cls, jobs: Path, dag_run: str, version: DatasetVersion, moment: datetime) -> "Job":
        """Write a new job."""
        job = cls(jobs / stamp(moment))
        with folder_written_once(job.folder) as folder:
            facts = {"dag_run": dag_run, "started_at": iso(moment), "dataset": asdict(version)}
            write_json(folder / "job.json", facts)
        return job

    @classmethod
    def find(cls, jobs: Path, name: str) -> "Job":
        """Return a job; `NotFound` where it is gone."""
        if not (jobs / name / "job.json").is_file():
            raise NotFound(f"no job '{name}' in {jobs}; trigger a new run")
        return cls(jobs / name)

    @property
    def name(self) -> str:
        """Its id: the UTC stamp of its beginning."""
        return self.folder.name

    @property
    def dag_run(self) -> str:
        """The DAG run that it belongs to."""
        return str(read_json(self.folder / "job.json")["dag_run"])

    @property
    def dataset(self) -> DatasetVersion:
        """The version of the base that it works on."""
        return DatasetVersion(**read_json(self.folder / "job.json")["dataset"])

    @property
    def reviews_folder(self) -> Path:
        """Where its prepared reviews lie."""
        return self.folder / "reviews"

    @property
    def reviews(self) -> list[Path]:
        """The files of its prepared reviews, in order."""
        return sorted(self.reviews_folder.iterdir())

    def start_over(self) -> None:
        """Drop what an earlier preprocessing led to: its candidates know other words."""
        (self.folder / "vectors.json").unlink(missing_ok=True)
        for candidate in sorted(self.folder.glob("candidates/*")):
            shutil.rmtree(candidate)

    def write_vectors(self, version: str, coverage: float, **facts: Any) -> None:
        """Note which word vectors the families are to use, and what else is known of them."""
        known = {"version": version, "coverage": coverage, **facts}
        write_json(self.folder / "vectors.json", known)

    @property
    def vectors_version(self) -> str:
        """The word vectors that the families use; `NotReady` before `preprocess` chose them."""
        return str(self._vectors["version"])

    @property
    def coverage(self) -> float:
        """Share of the words of the reviews that have a vector, 0 to 1; `NotReady` as above."""
        return float(self._vectors["coverage"])

    @property
    def _vectors(self) -> dict[str, Any]:
        path = self.folder / "vectors.json"
        if not path.is_file():
            raise NotReady(f"expected job {self.name} to be preprocessed; clear preprocess")
        found: dict[str, Any] = read_json(path)
        return found

    def candidate(self, family: str) -> "Candidate":
        """Return the place of a family's candidate, trained or not."""
        return Candidate(self.folder / "candidates" / family)

    def candidates(self, families: Sequence[str]) -> list["Candidate"]:
        """Return the candidates trained with the job's vectors; a family that failed has none.

        Raises
        ------
        NotFound
            If no family has one.
        """
        failed = self.failed(families)
        if len(failed) == len(families):
            raise self._untrained(failed)
        return [self.candidate(family) for family in families if family not in failed]

    def failed(self, families: Sequence[str]) -> list[str]:
        """Return the families that were not trained with the job's vectors."""
        made_with = {"vectors_version": self.vectors_version}
        return [one for one in families if not self.candidate(one).is_trained(made_with)]

    def require_every(self, families: Sequence[str]) -> None:
        """Raise `NotFound` if a family was not trained."""
        if failed := self.failed(families):
            raise self._untrained(failed)

    def _untrained(self, failed: Sequence[str]) -> NotFound:
        return NotFound(
            "expected every family to be trained with the word vectors "
            f"{self.vectors_version}, but {', '.join(failed)} was not; "
            f"clear {', '.join(f'train_{family}' for family in failed)}"
        )

    def write_answers(self, run: str, probabilities: npt.NDArray[np.float32]) -> None:
        """Keep what a model answered to the exam, P(label 1) of each review, shape (n,)."""
        buffer = io.BytesIO()
        np.save(buffer, probabilities, allow_pickle=False)
        write_atomically(self._answers_file(run), buffer.getvalue())

    def answers(self, run: str) -> npt.NDArray[np.float32] | None:
        """Return what a model answered to the exam; None where it did not sit it."""
        path = self._answers_file(run)
        if not path.is_file():
            return None
        found: npt.NDArray[np.float32] = np.load(path, allow_pickle=False)
        return found

    def _answers_file(self, run: str) -> Path:
        return self.folder / "answers" / f"{run}.npy"


@dataclass(frozen=True)
class Candidate:
    """A family's model between its training and its publication."""

    folder: Path

    @property
    def family(self) -> str:
        """Which family it is of."""
        return self.folder.name

    @property
    def training(self) -> dict[str, Any]:
        """How it was trained."""
        facts: dict[str, Any] = read_json(self.folder / "training.json")
        return facts

    def is_trained(self, made_with: Mapping[str, Any]) -> bool:
        """Tell whether it is trained, and under these conditions, named as in `training`."""
        if not (self.folder / "training.json").is_file():
            return False
        facts = self.training
        return all(name in facts and facts[name] == value for name, value in made_with.items())

    @property
    def run_name(self) -> str:
        """Name of the run that it becomes; a retry finds it again, for it dates the training."""
        trained_at = datetime.fromisoformat(self.training["trained_at"])
        return runs.run_name(stamp(trained_at), self.family)

    @property
    def metrics_file(self) -> Path:
        """Where its scores stand once it sat the exam."""
        return self.folder / "metrics.json"

    @property
    def gate_file(self) -> Path:
        """Where the verdict of the gate stands once it was judged."""
        return self.folder / "gate.json"


def forget_old_jobs(jobs: Path, keep: int) -> None:
    """Remove all but the newest jobs; their results stand in runs and reports."""
    for folder in sorted(path.parent for path in jobs.glob("[!.]*/job.json"))[:-keep]:
        shutil.rmtree(folder)


def forget_jobs_before(jobs: Path, number: int) -> list[str]:
    """Remove the jobs that work on a dataset version before this one; return their names."""
    folders = sorted(path.parent for path in jobs.glob("[!.]*/job.json"))
    gone = [folder for folder in folders if Job(folder).dataset.number < number]
    for folder in gone:
        shutil.rmtree(folder)
    return [folder.name for folder in gone]
