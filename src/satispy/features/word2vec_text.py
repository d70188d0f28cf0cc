"""Published word vectors, in word2vec's text format, become a vectors' folder.

The file is read once, in blocks of whole lines: one thread reads (and decompresses), a few turn
blocks into numbers, and this one writes, in order. So memory does not depend on the file.
"""

from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO

import numpy as np

from satispy.core.errors import InvalidInput
from satispy.core.files import folder_written_once
from satispy.core.types import WordVectors
from satispy.features.progress import Progress
from satispy.features.vectors import (
    MATRIX,
    VOCABULARY,
    WordCount,
    load_vectors,
    write_card,
    write_vocabulary,
)
from satispy.features.word2vec_blocks import Blocks


def import_word2vec_text(
    source: Path,
    target: Path,
    progress: Progress | None = None,
    *,
    moment: datetime | None = None,
    reviews: WordCount | None = None,
) -> WordVectors:
    """Turn a word2vec text file into a vectors' folder.

    Parameters
    ----------
    source
        First line ``rows dimensions``, then ``word v1 ... vd``; plain or ``.bz2``, as
        wikipedia2vec publishes. Rows that `tokenize` can never ask for are left out: entities,
        phrases, other spellings of case.
    target
        Folder to write; its name is the version.
    progress
        Told about the rows read.
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
        If the file is not in this format, is cut, or holds a word twice or what is no number.
    FileExistsError
        If `target` is there already.
    """
    with folder_written_once(target) as folder, Blocks(source) as blocks:
        words = _copy(blocks, folder / MATRIX, progress)
        write_vocabulary(folder / VOCABULARY, words)
        origin = {
            "source": "word2vec text",
            "corpus": {
                "kind": "word2vec text",
                "file": source.name,
                "size": blocks.rows,
                "unit": "rows",
                "sha256": blocks.sha256,
            },
            "settings": {},
            "seed": None,
            "libraries": {name: version(name) for name in ("numpy", "pyarrow")},
        }
        write_card(folder, origin, moment=moment, reviews=reviews)
    return load_vectors(target)


def _copy(blocks: Blocks, matrix: Path, progress: Progress | None) -> list[str]:
    """Write the matrix block by block, its length last; return the words."""
    words: dict[str, int] = {}
    done = 0
    with matrix.open("wb") as file:
        _npy_header(file, 0, blocks.dimensions)
        length = file.tell()
        for block in blocks:
            for word, line in zip(block.words, block.numbers, strict=True):
                if words.setdefault(word, line) != line:
                    raise InvalidInput(
                        f"expected each word once in {blocks.source}, but {word!r} stands in line "
                        f"{words[word]} and in line {line}; give the file as it was published"
                    )
            file.write(block.matrix.tobytes())
            done += block.lines
            if progress:
                progress("rows", done, max(blocks.rows, done))
        if not words:
            raise InvalidInput(
                f"expected words in {blocks.source}, but found no word that comments could hold"
            )
        file.seek(0)
        _npy_header(file, len(words), blocks.dimensions)
        if file.tell() != length:
            raise InvalidInput(f"{blocks.source} has more rows than a header of numpy can say")
    return list(words)


def _npy_header(file: BinaryIO, rows: int, dimensions: int) -> None:
    """Write the header of a float32 matrix; numpy pads it so that rows may grow."""
    description = {"descr": "<f4", "fortran_order": False, "shape": (rows, dimensions)}
    np.lib.format.write_array_header_1_0(file, description)
