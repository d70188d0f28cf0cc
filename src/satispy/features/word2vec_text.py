"""Published word vectors, in word2vec's text format, read in blocks by pyarrow."""

import bz2
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from satispy.core.errors import InvalidInput
from satispy.core.files import folder_written_once, sha256_of, write_json
from satispy.core.types import WordVectors
from satispy.features.progress import Progress
from satispy.features.text import tokenize
from satispy.features.vectors import MATRIX, VOCABULARY, load_vectors, write_card

_BLOCK = 32 << 20
_ENTITY = "ENTITY/"
_LONGEST_HEADER = 100


def import_word2vec_text(
    source: Path, target: Path, progress: Progress | None = None
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

    Returns
    -------
    WordVectors
        Loaded from `target`.

    Raises
    ------
    InvalidInput
        If the file is not in this format.
    FileExistsError
        If `target` is there already.
    """
    rows, dimensions = _header(source)
    with folder_written_once(target) as folder:
        words = _copy(source, folder / MATRIX, rows, dimensions, progress)
        write_json(folder / VOCABULARY, words)
        origin = {
            "source": "word2vec text",
            "file": source.name,
            "file_sha256": sha256_of(source),
            "library": f"pyarrow {version('pyarrow')}",
        }
        write_card(folder, origin)
    return load_vectors(target)


def _open(source: Path) -> BinaryIO:
    if source.suffix == ".bz2":
        return cast(BinaryIO, bz2.open(source))
    return source.open("rb")


def _header(source: Path) -> tuple[int, int]:
    with _open(source) as file:
        line = file.readline(_LONGEST_HEADER).split()
    if len(line) != 2 or not all(part.isdigit() for part in line) or int(line[1]) < 1:
        raise InvalidInput(
            f"expected 'rows dimensions' in the first line of {source}, but received "
            f"{b' '.join(line).decode(errors='replace')!r}; give a word2vec text file"
        )
    return int(line[0]), int(line[1])


def _copy(
    source: Path, matrix: Path, rows: int, dimensions: int, progress: Progress | None
) -> list[str]:
    """Write the matrix block by block, its length last; return the words."""
    words: dict[str, None] = {}
    done = 0
    with _open(source) as text, matrix.open("wb") as file:
        _npy_header(file, 0, dimensions)
        length = file.tell()
        try:
            for block in _blocks(text, dimensions):
                done += block.num_rows
                block = block.filter(pc.invert(pc.starts_with(block.column(0), pattern=_ENTITY)))
                kept = []
                for row, word in enumerate(block.column(0).to_pylist()):
                    if word not in words and tokenize(word) == [word]:
                        words[word] = None
                        kept.append(row)
                columns = [np.asarray(block.column(k + 1)) for k in range(dimensions)]
                file.write(np.stack(columns, axis=1)[kept].tobytes())
                if progress:
                    progress("rows", done, max(rows, done))
        except (pa.ArrowInvalid, OSError, EOFError) as error:
            raise InvalidInput(
                f"expected a word and {dimensions} numbers in each row of {source}, but it cannot "
                f"be read after row {done}: {error}; download it again"
            ) from error
        if not words:
            raise InvalidInput(
                f"expected words in {source}, but found no word that comments could hold"
            )
        if done < rows:
            raise InvalidInput(
                f"expected {rows} rows in {source}, as its first line says, but found {done}; "
                "download it again"
            )
        file.seek(0)
        _npy_header(file, len(words), dimensions)
        if file.tell() != length:
            raise InvalidInput(f"{source} has more rows than a header of numpy can say")
    return list(words)


def _blocks(text: BinaryIO, dimensions: int) -> Any:
    names = ["word", *(f"v{number}" for number in range(dimensions))]
    return csv.open_csv(
        text,
        csv.ReadOptions(block_size=_BLOCK, skip_rows=1, column_names=names),
        csv.ParseOptions(delimiter=" ", quote_char=False, escape_char=False),
        csv.ConvertOptions(
            column_types={"word": pa.string()} | dict.fromkeys(names[1:], pa.float32()),
            strings_can_be_null=False,
            null_values=[],
        ),
    )


def _npy_header(file: BinaryIO, rows: int, dimensions: int) -> None:
    """Write the header of a float32 matrix; numpy pads it so that rows may grow."""
    description = {"descr": "<f4", "fortran_order": False, "shape": (rows, dimensions)}
    np.lib.format.write_array_header_1_0(file, description)
