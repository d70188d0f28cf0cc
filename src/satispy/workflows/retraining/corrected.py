"""Reviews that somebody corrected: what learns and what examines reads the correction instead."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from satispy.workflows.retraining.prepared import SCHEMA


def corrected_rows(files: Sequence[Path], replacements: Mapping[int, int]) -> set[int]:
    """Return the ids of the reviews that another one of these stands in for.

    Parameters
    ----------
    files
        Prepared reviews.
    replacements
        By the ``inID`` of a review the one that corrects it. A pair counts where both are here and
        say the same words: of a base that was adopted since, the ids may be those of others.
    """
    if not replacements:
        return set()
    asked = pa.array({*replacements, *replacements.values()}, pa.int64())
    draws: dict[int, int] = {}
    for path in files:
        with pq.ParquetFile(path) as file:
            for part in file.iter_batches(columns=["id", "draw"]):
                found = part.filter(pc.is_in(part["id"], asked))
                draws.update(
                    zip(*(found[name].to_pylist() for name in ("id", "draw")), strict=True)
                )
    return {
        former
        for former, newer in replacements.items()
        if former in draws and draws[former] == draws.get(newer)
    }


def copy_without(path: Path, target: Path, ids: Collection[int]) -> bool:
    """Write a file of prepared reviews anew without some; False, and no file, where it has none."""
    gone = pa.array(list(ids), pa.int64())
    with pq.ParquetFile(path) as file:
        holds = any(
            pc.any(pc.is_in(part["id"], gone)).as_py() for part in file.iter_batches(columns=["id"])
        )
        if not holds:
            return False
        with pq.ParquetWriter(target, SCHEMA) as writer:
            for part in file.iter_batches():
                writer.write_batch(part.filter(pc.invert(pc.is_in(part["id"], gone))))
    return True
