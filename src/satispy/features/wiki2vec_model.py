"""Word vectors out of a model that wikipedia2vec saved."""

import bz2
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np

from satispy.core.errors import InvalidInput, TrainingImpossible
from satispy.core.files import folder_written_once, sha256_of
from satispy.core.types import WordVectors
from satispy.features.child_process import run_child
from satispy.features.progress import Progress, logged_progress
from satispy.features.vectors import MATRIX, VOCABULARY, WordCount, load_vectors, write_card

_CHILD = "satispy.features.wiki2vec_model_child"
_PICKLE = b"\x80"
_COMPRESSED = (b"\x1f\x8b", b"x\x9c", b"x\x01", b"x\xda", b"\xfd7zXZ")  # as joblib compresses
WHY_NOT = (
    "it is a model of wikipedia2vec, that is a pickle: reading it runs whatever program its author "
    "put in it, with your rights. If you trust who made it, say so with --trust-pickle; or take "
    "the text that is published beside it (….txt.bz2), which only holds words and numbers"
)


def is_model(source: Path) -> bool:
    """Tell whether a file is a pickle, as wikipedia2vec saves its models; compressed or not."""
    with source.open("rb") as file:
        begins = file.read(5)
        if begins.startswith(b"BZh"):
            file.seek(0)
            try:
                begins = bz2.BZ2Decompressor().decompress(file.read(1 << 20), 1)
            except OSError:
                return False  # whoever reads it as text says what is wrong
    return begins.startswith((_PICKLE, *_COMPRESSED))


def import_model(
    source: Path,
    target: Path,
    *,
    trust_pickle: bool,
    progress: Progress | None = None,
    moment: datetime | None = None,
    reviews: WordCount | None = None,
) -> WordVectors:
    """Turn a model of wikipedia2vec into a vectors' folder; its pickle is read by a child.

    Parameters
    ----------
    source
        As ``wikipedia2vec train`` or `Wikipedia2Vec.save` writes, compressed or not.
    target
        Folder to write; its name is the version.
    trust_pickle
        Whether the file may run what it holds.
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
        If the file is not trusted, or is no whole model.
    FileExistsError
        If `target` is there already.
    """
    if not trust_pickle:
        raise InvalidInput(f"refused to read {source}: {WHY_NOT}")
    with folder_written_once(target) as folder:
        job = {
            "model": str(source.absolute()),
            "matrix": str(folder / MATRIX),
            "vocabulary": str(folder / VOCABULARY),
        }
        try:
            run_child(_CHILD, job, progress or logged_progress("import of word vectors"))
        except TrainingImpossible as error:  # a damaged pickle fails in any way there is
            raise InvalidInput(
                f"expected a whole model of wikipedia2vec in {source}, but reading it failed: "
                f"{str(error).splitlines()[-1]}; download it again"
            ) from error
        matrix = np.load(folder / MATRIX, mmap_mode="r", allow_pickle=False)
        if not len(matrix):
            raise InvalidInput(
                f"expected words in {source}, but found no word that comments could hold"
            )
        if not all(np.isfinite(part).all() for part in np.array_split(matrix, 64)):
            raise InvalidInput(f"expected finite numbers in {source}; the model is damaged")
        origin = {
            "source": "wikipedia2vec model",
            "corpus": {
                "kind": "wikipedia2vec model",
                "file": source.name,
                "size": source.stat().st_size,
                "unit": "bytes",
                "sha256": sha256_of(source),
            },
            "seed": None,
            "settings": {},
            "libraries": {name: version(name) for name in ("wikipedia2vec", "numpy")},
        }
        write_card(folder, origin, moment=moment, reviews=reviews)
    return load_vectors(target)
