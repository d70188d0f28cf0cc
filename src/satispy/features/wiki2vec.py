"""Word vectors: learnt from the reviews by wikipedia2vec, or read from a published file.

A set of vectors is a folder, written once: ``matrix.npy`` (float32, memory-mapped when read),
``vocabulary.json`` (the words, in the order of the rows) and ``card.json`` (where they come
from). The library's own format is a pickle and stays inside the child process.
"""

import bz2
import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from satispy.core.errors import ArtifactDamaged, TrainingImpossible
from satispy.core.files import folder_written_once, read_json, sha256_of, write_json
from satispy.core.plan import VectorPlan
from satispy.core.types import WordVectors
from satispy.features.text import TEXT_VERSION, tokenize

MATRIX = "matrix.npy"
VOCABULARY = "vocabulary.json"
CARD = "card.json"

Progress = Callable[[str, int, int], None]
"""Receives the name of the step, what is done, and out of how much."""

_LOG = logging.getLogger(__name__)
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
        _run_child(job, progress or _log_progress)
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


def write_card(folder: Path, origin: dict[str, Any]) -> None:
    """Write ``card.json`` beside matrix and vocabulary: `origin`, sizes, hashes, text version."""
    words, dimensions = np.load(folder / MATRIX, mmap_mode="r").shape
    card = {
        **origin,
        "words": words,
        "dimensions": dimensions,
        "text_version": TEXT_VERSION,
        "sha256": {name: sha256_of(folder / name) for name in (MATRIX, VOCABULARY)},
    }
    write_json(folder / CARD, card)


def load_vectors(folder: Path) -> WordVectors:
    """Read vectors; the matrix stays on disk, memory-mapped.

    Parameters
    ----------
    folder
        Written by `train_vectors` or `import_word2vec_text`.

    Returns
    -------
    WordVectors
        Their version is the folder's name.

    Raises
    ------
    ArtifactDamaged
        If a file is missing or unreadable, or the sizes disagree.
    """
    try:
        card = read_json(folder / CARD)
        words = read_json(folder / VOCABULARY)
        matrix = np.load(folder / MATRIX, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise ArtifactDamaged(
            f"expected word vectors ({MATRIX}, {VOCABULARY}, {CARD}) in {folder}, "
            f"but they cannot be read: {error}; restore the folder or train new vectors"
        ) from error
    expected = (card["words"], card["dimensions"])
    if matrix.shape != expected or len(words) != expected[0] or matrix.dtype != np.float32:
        raise ArtifactDamaged(
            f"expected a float32 matrix of shape {expected} and as many words in {folder}, but "
            f"found {matrix.dtype} {matrix.shape} and {len(words)} words; restore the folder"
        )
    return WordVectors(folder.name, {word: row for row, word in enumerate(words)}, matrix)


def coverage(token_lists: Sequence[Sequence[str]], vectors: WordVectors) -> float:
    """Return the share of tokens that have a vector, 0 to 1; 1 where there are no tokens."""
    known = total = 0
    for words in token_lists:
        total += len(words)
        known += sum(word in vectors.vocabulary for word in words)
    return known / total if total else 1.0


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
    )
    said: list[str] = []
    with child:
        assert child.stdin is not None  # noqa: S101 - both are pipes
        assert child.stdout is not None  # noqa: S101
        child.stdin.write(json.dumps(job))
        child.stdin.close()
        for line in child.stdout:
            if line.startswith("progress\t"):
                _, step, done, total = line.rstrip("\n").split("\t")
                progress(step, int(done), int(total))
            else:
                said.append(line)
    if child.returncode:
        raise TrainingImpossible(
            f"expected wikipedia2vec to learn vectors, but it ended with {child.returncode}: "
            f"{''.join(said[-20:]).strip()}"
        )


def _log_progress(step: str, done: int, total: int) -> None:
    _LOG.info("word vectors: %s, %d of %d", step, done, total)
