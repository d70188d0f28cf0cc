"""A word2vec text file, read once, in blocks of whole lines, by several threads at once.

One thread reads and decompresses, a few turn lines into numbers (pyarrow does so outside Python's
lock), and whoever iterates gets the blocks in order. Few blocks are under way at any time, so
memory does not depend on the size of the file.
"""

import bz2
import hashlib
import os
import re
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv

from satispy.core.errors import InvalidInput
from satispy.features.text import are_tokens

_PIECE = 2 << 20  # a block that fits the cache takes half the time of one that does not
_THREADS = min(8, os.cpu_count() or 1)
_LONGEST_HEADER = 100
_ENTITY = b"ENTITY/"
_HEADER = re.compile(rb"(\d{1,12}) ([1-9]\d{0,5})[ \r]*\n")
_SHOWN = 60
DAMAGED = "download it again, or export it with wikipedia2vec save_text --out-format word2vec"


@dataclass(frozen=True)
class Block:
    """Rows that follow each other, of which some are kept.

    Attributes
    ----------
    lines
        How many lines of the file they are.
    words
        Those that `tokenize` can ask for.
    numbers
        Line of the file of each word; the first is 1.
    matrix
        float32, shape (words, dimensions).
    """

    lines: int
    words: list[str]
    numbers: list[int]
    matrix: npt.NDArray[np.float32]


class Blocks:
    """The blocks of a file, in order; a context manager, to be iterated once.

    Attributes
    ----------
    rows, dimensions
        As the first line says.

    Raises
    ------
    InvalidInput
        When it is entered or iterated: if the file is not in this format, is cut or damaged.
    """

    def __init__(self, source: Path) -> None:
        self.source = source
        self._digest = hashlib.sha256()

    def __enter__(self) -> Self:
        """Read the first line."""
        self._chunks: Iterator[bytes] = _whole_lines(
            self.source, _pieces(self.source, self._digest)
        )
        first = next(self._chunks, b"")
        header = _HEADER.match(first)
        if not header:
            received = first[:_LONGEST_HEADER].split(b"\n")[0]
            raise InvalidInput(
                f"expected 'rows dimensions' in the first line of {self.source}, but received "
                f"{received.decode(errors='replace')!r}; give a word2vec text file"
            )
        self.rows, self.dimensions = int(header[1]), int(header[2])
        self._chunks = chain(filter(None, [first[header.end() :]]), self._chunks)
        self._reader = ThreadPoolExecutor(1, "read")
        self._parsers = ThreadPoolExecutor(_THREADS, "parse")
        return self

    def __exit__(self, *_error: object) -> None:
        """End the threads."""
        self._parsers.shutdown(cancel_futures=True)
        self._reader.shutdown(cancel_futures=True)

    @property
    def sha256(self) -> str:
        """Of the file as it lies there, once all blocks were read."""
        return self._digest.hexdigest()

    def __iter__(self) -> Iterator[Block]:
        """Yield the blocks in order."""
        under_way: deque[Future[Block]] = deque()
        line = 2
        ahead = self._reader.submit(next, self._chunks, b"")
        while chunk := ahead.result():
            ahead = self._reader.submit(next, self._chunks, b"")
            under_way.append(self._parsers.submit(self._parse, chunk, line))
            line += chunk.count(b"\n")
            if len(under_way) > _THREADS + 1:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
        if line - 2 != self.rows:
            raise InvalidInput(
                f"expected {self.rows} rows in {self.source}, as its first line says, but found "
                f"{line - 2}; {DAMAGED}"
            )

    def _parse(self, chunk: bytes, first: int) -> Block:
        lines = chunk.split(b"\n")[:-1]
        if lines[0].endswith((b" ", b"\r")):  # the original word2vec ends its rows with a space
            lines = [line.rstrip(b" \r") for line in lines]
        rows = [row for row, line in enumerate(lines) if not line.startswith(_ENTITY)]
        if not rows:
            return Block(len(lines), [], [], _numbers([], self.dimensions))
        try:
            ends = [lines[row].find(b" ") for row in rows]
            if min(ends) < 0:
                raise ValueError("a line without a number")
            words = b"\n".join([lines[row][:end] for row, end in zip(rows, ends, strict=True)])
            named = list(zip(rows, words.decode().split("\n"), strict=True))
            kept = [
                pair
                for pair, is_one in zip(named, are_tokens([w for _, w in named]), strict=True)
                if is_one
            ]
            matrix = _numbers([lines[row] for row, _ in kept], self.dimensions)
        except (pa.ArrowInvalid, ValueError) as error:
            raise self._fault(lines, first) from error
        if not np.isfinite(matrix).all():
            raise self._fault(lines, first)
        return Block(
            len(lines), [word for _, word in kept], [first + row for row, _ in kept], matrix
        )

    def _fault(self, lines: list[bytes], first: int) -> InvalidInput:
        """Say which line is wrong; slow, and asked for once."""
        number, line, parts = first, b"", [b""]
        for number, line in enumerate(lines, first):  # noqa: B007 - told below
            parts = line.split(b" ")
            if not line.startswith(_ENTITY) and not _is_row(parts, self.dimensions):
                break
        return InvalidInput(
            f"expected a word and {self.dimensions} finite numbers in each row of {self.source}, "
            f"but line {number} cannot be read: {line[:_SHOWN].decode(errors='replace')!r} "
            f"({len(parts) - 1} numbers); {DAMAGED}"
        )


def _is_row(parts: list[bytes], dimensions: int) -> bool:
    try:
        parts[0].decode()
        with np.errstate(over="ignore"):
            values = np.array([float(part) for part in parts[1:]]).astype(np.float32)
    except ValueError:
        return False
    return len(values) == dimensions and bool(np.isfinite(values).all())


def _numbers(lines: list[bytes], dimensions: int) -> npt.NDArray[np.float32]:
    """Return the numbers of the lines, without their words; shape (lines, dimensions)."""
    if not lines:
        return np.empty((0, dimensions), np.float32)
    names = [f"v{number}" for number in range(dimensions)]
    text = b"\n".join(lines)
    table = csv.read_csv(
        pa.BufferReader(text),
        csv.ReadOptions(block_size=len(text) + 1, column_names=["word", *names], use_threads=False),
        csv.ParseOptions(
            delimiter=" ", quote_char=False, escape_char=False, ignore_empty_lines=False
        ),
        csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.float32()), include_columns=names, null_values=[]
        ),
    )
    (batch,) = table.to_batches()
    matrix: npt.NDArray[np.float32] = batch.to_tensor(row_major=True).to_numpy()
    if len(matrix) != len(lines):  # a carriage return inside a line ends it, to pyarrow
        raise ValueError(f"{len(lines)} lines, {len(matrix)} rows")
    return matrix


def _whole_lines(source: Path, pieces: Iterator[bytes]) -> Iterator[bytes]:
    rest: list[bytes] = []
    for piece in pieces:
        end = piece.rfind(b"\n") + 1
        if end:
            yield b"".join([*rest, piece[:end]])
            rest = []
        rest.append(piece[end:])
    if b"".join(rest):
        raise InvalidInput(
            f"expected an end of line at the end of {source}, but it is cut; {DAMAGED}"
        )


def _pieces(source: Path, digest: Any) -> Iterator[bytes]:
    with source.open("rb") as file:
        if source.suffix != ".bz2":
            while piece := file.read(_PIECE):
                digest.update(piece)
                yield piece
            return
        stream = bz2.BZ2Decompressor()
        begun = False
        try:
            while packed := file.read(_PIECE // 4):
                digest.update(packed)
                while packed:
                    if stream.eof:
                        stream = bz2.BZ2Decompressor()  # several streams may follow each other
                    begun = True
                    if piece := stream.decompress(packed, _PIECE):
                        yield piece
                    while not stream.eof and not stream.needs_input:
                        yield stream.decompress(b"", _PIECE)
                    packed = stream.unused_data
        except OSError as error:
            raise InvalidInput(
                f"expected a bzip2 file in {source}, but: {error}; {DAMAGED}"
            ) from error
        if begun and not stream.eof:
            raise InvalidInput(f"expected the end of bzip2 in {source}, but it is cut; {DAMAGED}")
