"""Word vectors, learnt from the reviews by wikipedia2vec."""

import bz2
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from satispy.core.errors import TrainingImpossible
from satispy.core.files import folder_written_once
from satispy.core.plan import VectorPlan
from satispy.core.types import WordVectors
from satispy.features.progress import Progress, logged_progress
from satispy.features.text import tokenize
from satispy.features.vectors import MATRIX, VOCABULARY, load_vectors, write_card

_CHILD = "satispy.features.wiki2vec_child"


def train_vectors(
    texts: Sequence[str],
    target: Path,
    plan: VectorPlan,
    *,
    seed: int,
    progress: Progress | None = None,
) -> WordVectors:
    """Learn word vectors from reviews with wikipedia2vec.

    The reviews become a small MediaWiki dump, one page each, which is what the library reads.
    Same texts, plan and seed give the same bits.

    Parameters
    ----------
    texts
        The reviews of training, never those of the exam.
    target
        Folder to write; its name is the version of the vectors.
    plan
        Settings.
    seed
        Seed of the library, which has none of its own.
    progress
        Told about each step; the log is, by default.

    Returns
    -------
    WordVectors
        Loaded from `target`.

    Raises
    ------
    TrainingImpossible
        If no word is frequent enough, or the library fails.
    FileExistsError
        If `target` is there already.
    """
    pages = [" ".join(tokenize(text)) for text in texts]
    with (
        folder_written_once(target) as folder,
        tempfile.TemporaryDirectory(prefix="satispy-vectors-") as scratch,
    ):
        work = Path(scratch)
        _write_dump(pages, work / "dump.xml.bz2")
        job = {
            "dump": str(work / "dump.xml.bz2"),
            "scratch": str(work),
            "matrix": str(folder / MATRIX),
            "vocabulary": str(folder / VOCABULARY),
            "seed": seed,
            "plan": plan.model_dump(),
        }
        _run_child(job, progress or logged_progress("word vectors"))
        corpus = sha256("\n".join(pages).encode()).hexdigest()
        origin = {
            "source": "reviews",
            "reviews": len(texts),
            "corpus_sha256": corpus,
            "seed": seed,
            "settings": plan.model_dump(),
            "library": f"wikipedia2vec {version('wikipedia2vec')}",
        }
        write_card(folder, origin)
    return load_vectors(target)


def _write_dump(pages: Sequence[str], path: Path) -> None:
    """Write the pages as MediaWiki XML; tokens hold no markup, so nothing needs escaping."""
    with bz2.open(path, "wt", encoding="utf-8", compresslevel=1) as file:
        file.write('<mediawiki xml:lang="fr">\n')  # the library reads the language off this line
        for number, page in enumerate(pages):
            file.write(
                f"<page><title>avis {number:09d}</title><ns>0</ns>"
                f"<revision><text>{page}</text></revision></page>\n"
            )
        file.write("</mediawiki>\n")


def _run_child(job: dict[str, Any], progress: Progress) -> None:
    """Train in a process of its own, which takes the library's memory and patches with it."""
    child = subprocess.Popen(
        [sys.executable, "-m", _CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        process_group=0,
    )
    said: list[str] = []
    with child:
        assert child.stdin is not None  # noqa: S101 - both are pipes
        assert child.stdout is not None  # noqa: S101
        try:
            child.stdin.write(json.dumps(job))
            child.stdin.close()
            for line in child.stdout:
                if line.startswith("progress\t"):
                    _, step, done, total = line.rstrip("\n").split("\t")
                    progress(step, int(done), int(total))
                else:
                    said.append(line)
        except BaseException:  # whatever stops us stops child and workers too; the error goes on
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            raise
    if child.returncode:
        raise TrainingImpossible(
            f"expected wikipedia2vec to learn vectors, but it ended with {child.returncode}: "
            f"{''.join(said[-20:]).strip()}"
        )
