"""Word vectors, learnt by wikipedia2vec from the reviews or from a Wikipedia dump."""

import bz2
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from satispy.core.files import folder_written_once, read_json, sha256_of
from satispy.core.plan import DumpPlan, VectorPlan
from satispy.core.types import WordVectors
from satispy.features.child_process import run_child
from satispy.features.progress import Progress, logged_progress
from satispy.features.text import tokenize
from satispy.features.vectors import MATRIX, VOCABULARY, WordCount, load_vectors, write_card

_CHILD = "satispy.features.wiki2vec_child"
_DUMP_CHILD = "satispy.features.wiki2vec_dump_child"
_LIBRARIES = ("wikipedia2vec", "numpy", "scipy")


def train_vectors(
    texts: Sequence[str],
    target: Path,
    plan: VectorPlan,
    *,
    seed: int,
    progress: Progress | None = None,
    moment: datetime | None = None,
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
    moment
        The current time, for the card.

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
    token_lists = [tokenize(text) for text in texts]
    pages = [" ".join(words) for words in token_lists]
    with folder_written_once(target) as folder:
        with _scratch(folder, progress or logged_progress("word vectors")) as (work, tell):
            _write_dump(pages, work / "dump.xml.bz2")
            job = {
                "dump": str(work / "dump.xml.bz2"),
                "scratch": str(work),
                "matrix": str(folder / MATRIX),
                "vocabulary": str(folder / VOCABULARY),
                "seed": seed,
                "plan": plan.model_dump(),
            }
            run_child(_CHILD, job, tell)
        corpus = sha256("\n".join(pages).encode()).hexdigest()
        origin = {
            "source": "reviews",
            "corpus": {
                "kind": "reviews",
                "size": len(texts),
                "unit": "reviews",
                "sha256": corpus,
            },
            "seed": seed,
            "settings": plan.model_dump(),
            "libraries": {name: version(name) for name in _LIBRARIES},
        }
        write_card(folder, origin, moment=moment, reviews=WordCount.of(token_lists))
    return load_vectors(target)


def train_from_dump(
    dump: Path,
    target: Path,
    plan: DumpPlan,
    *,
    seed: int,
    pages: int | None = None,
    workers: int = 1,
    progress: Progress | None = None,
    moment: datetime | None = None,
    reviews: WordCount | None = None,
) -> WordVectors:
    """Learn word vectors from a Wikipedia dump, as wikipedia2vec's own command does.

    Its steps: a database of pages, a dictionary of words and entities, the mentions of entities,
    the graph of links, the training. The words that `tokenize` can ask for are kept.

    Parameters
    ----------
    dump
        ``….xml.bz2`` or ``….xml``.
    target
        Folder to write; the database of pages lies beside it meanwhile.
    plan
        Settings.
    seed
        Seed of the library.
    pages
        Read so many articles and redirects at most; None reads all.
    workers
        Processes. One gives the same bits each time; more are faster, and do not.
    progress
        Told about each step; the log is, by default.
    moment
        The current time, for the card.
    reviews
        Words of the training side of the present base; the card says how many are known.

    Returns
    -------
    WordVectors
        Loaded from `target`.

    Raises
    ------
    InvalidInput
        If the dump is none, is cut or damaged, or too small.
    TrainingImpossible
        If the library fails.
    FileExistsError
        If `target` is there already.
    """
    with folder_written_once(target) as folder:
        with _scratch(folder, progress or logged_progress("word vectors")) as (work, tell):
            job = {
                "dump": str(dump.absolute()),
                "pages": pages,
                "workers": workers,
                "scratch": str(work),
                "matrix": str(folder / MATRIX),
                "vocabulary": str(folder / VOCABULARY),
                "facts": str(work / "facts.json"),
                "seed": seed,
                "plan": plan.model_dump(),
            }
            run_child(_DUMP_CHILD, job, tell)
            facts = read_json(work / "facts.json")
        origin = {
            "source": "wikipedia dump",
            "corpus": {
                "kind": "wikipedia dump",
                "file": dump.name,
                **facts,
                "unit": "articles",
                "sha256": sha256_of(dump),
            },
            "seed": seed,
            "settings": {**plan.model_dump(), "pages": pages, "workers": workers},
            "libraries": {name: version(name) for name in _LIBRARIES},
        }
        write_card(folder, origin, moment=moment, reviews=reviews)
    return load_vectors(target)


@contextmanager
def _scratch(folder: Path, progress: Progress) -> Iterator[tuple[Path, Progress]]:
    """Lend a folder inside the one that is being written, so that both go if we are killed.

    A dump takes days, and `sweep_leftovers` takes what nobody touched for one: each report of
    progress touches the folder.
    """
    work = folder / "scratch"
    work.mkdir()

    def tell(step: str, done: int, total: int) -> None:
        os.utime(folder)
        progress(step, done, total)

    yield work, tell
    shutil.rmtree(work)


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
