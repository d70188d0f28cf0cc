"""Load an artifact in a fresh process exactly as the API does, and ask it: ``python -m`` this.

A model can score well in the process that holds everything, and fail where it must serve: a file
that was not written, a library that is not there, an answer that takes a second.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from satispy.core.errors import SatispyError

TIMED = 30
TIMEOUT_SECONDS = 120
_FAILED = 3


def rehearse(folder: Path, vectors: Path, texts: Sequence[str]) -> tuple[list[float], float]:
    """Ask a model about texts, in a process of its own.

    Parameters
    ----------
    folder
        Of the model: a candidate's or a run's.
    vectors
        Folder of its word vectors.
    texts
        Reviews.

    Returns
    -------
    tuple
        P(label 1) of each text, and the median of the milliseconds that one text took.

    Raises
    ------
    RehearsalFailed
        If the model cannot be loaded, does not answer, or takes too long.
    """
    command = [sys.executable, "-m", "satispy.workflows.rehearsal", str(folder), str(vectors)]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(list(texts)),
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise RehearsalFailed(f"no answer within {TIMEOUT_SECONDS} s") from error
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise RehearsalFailed(said[-1] if said else f"it ended with code {done.returncode}")
    found = json.loads(done.stdout)
    return found["probabilities"], found["median_ms"]


class RehearsalFailed(Exception):
    """The model did not do in a fresh process what serving asks of it."""


def main() -> int:
    """Answer the texts of the standard input."""
    from satispy.features.text import tokenize
    from satispy.features.vectors import check_vectors, load_vectors
    from satispy.models.serving import OnnxModel

    folder, vectors = map(Path, sys.argv[1:3])
    texts = json.loads(sys.stdin.read())
    try:
        check_vectors(vectors)
        model = OnnxModel.load(folder, load_vectors(vectors))
        answers = model.predict_proba([tokenize(text) for text in texts]).tolist()
    except SatispyError as error:
        sys.stderr.write(f"{' '.join(str(error).split())}\n")
        return _FAILED
    spent = []
    for text in (texts * TIMED)[:TIMED]:
        began = time.perf_counter()
        model.predict_proba([tokenize(text)])
        spent.append(time.perf_counter() - began)
    found = {"probabilities": answers, "median_ms": 1000 * statistics.median(spent)}
    sys.stdout.write(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
