"""Valid rows as columns: who they are, and how the base writes them."""

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from satispy.data.schema import GIVEN

_NEEDS_QUOTES = r'[,"\r\n]'


@dataclass(frozen=True)
class Rows:
    """Valid rows in order of arrival, ready for the base but for their ids.

    Attributes
    ----------
    cells
        String, n values: a comma and the cells of `GIVEN` as the base writes them; no id in front
        and no line end behind.
    identities
        Shape (2, n): high and low half of 16 bytes that stand for a row. Equal rows have equal
        ones, and others do not: BLAKE2b (RFC 7693) over the cells, joined with NUL, which none of
        them holds.
    """

    cells: pl.Series
    identities: npt.NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.cells)

    @classmethod
    def of(cls, frame: pl.DataFrame) -> "Rows":
        """Identify and write rows.

        Parameters
        ----------
        frame
            The columns of `GIVEN`, all String without nulls, normalised and free of NUL.
        """
        given = frame.select(
            pl.concat_str(GIVEN, separator="\0").alias("whole"),
            pl.concat_str(pl.lit(""), *map(_written, GIVEN), separator=",").alias("cells"),
        )
        return cls(given["cells"], _identities(given["whole"]))

    def kept(self, mask: npt.NDArray[np.bool_]) -> "Rows":
        """Return the rows where `mask`, of shape (n,), is true."""
        return Rows(self.cells.filter(pl.Series(mask)), self.identities[:, mask])

    def first(self) -> "Rows":
        """Return the first row alone."""
        return Rows(self.cells[:1], self.identities[:, :1])

    def encode(self, first_id: int) -> bytes:
        """Write the rows as the base holds them: UTF-8, LF, ids from `first_id` on."""
        if not len(self):
            return b""
        ids = pl.int_range(first_id, first_id + len(self), dtype=pl.Int64).cast(pl.String)
        lines = pl.select(pl.concat_str(ids, self.cells, pl.lit("\n")).str.join().cast(pl.Binary))
        written: bytes = lines.item()
        return written


def _written(column: str) -> pl.Expr:
    # a lone carriage return is quoted too, unlike by csv.writer before 3.13: readers split there
    cell = pl.col(column)
    quoted = pl.concat_str(pl.lit('"'), cell.str.replace_all('"', '""', literal=True), pl.lit('"'))
    return pl.when(cell.str.contains(_NEEDS_QUOTES)).then(quoted).otherwise(cell)


def _identities(whole: pl.Series) -> npt.NDArray[np.uint64]:
    blake2b = hashlib.blake2b
    digests = b"".join(
        [blake2b(row, digest_size=16).digest() for row in whole.cast(pl.Binary).to_list()]
    )
    return np.frombuffer(digests, dtype=">u8").reshape(-1, 2).T.astype(np.uint64, order="C")
