"""What is asked of many rows at once, as columns: where each stands, its star, source, day, length.

One block is a folder, written once: a ``.npy`` per column, memory-mapped when read, and the names
that the numbers of sources and companies stand for. No text is in it: texts are read from the base.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from satispy.core.errors import ArtifactDamaged
from satispy.core.files import read_json
from satispy.core.mapped import give_back

UNDATED = -(1 << 31)
NAMES = "names.json"
KINDS = {
    "starts": np.int64,
    "ids": np.int64,
    "entries": np.int32,
    "stars": np.int8,
    "days": np.int32,
    "lengths": np.int32,
    "sources": np.int32,
    "companies": np.int32,
}

Column = npt.NDArray[Any]


@dataclass(frozen=True)
class Block:
    """Rows that follow one another in the base.

    Attributes
    ----------
    starts
        Byte at which each row begins.
    ids
        ``inID``.
    entries
        Number of the ledger entry that brought it.
    stars
        1 to 5.
    days
        Days since 1970-01-01; `UNDATED` without a date.
    lengths
        Characters of the text.
    sources, companies
        Places in the names.
    source_names, company_names
        Each name once.
    end
        Byte at which the last row ends.
    """

    starts: Column
    ids: Column
    entries: Column
    stars: Column
    days: Column
    lengths: Column
    sources: Column
    companies: Column
    source_names: Sequence[str]
    company_names: Sequence[str]
    end: int

    def __len__(self) -> int:
        return len(self.ids)


def give_back_block(block: Block) -> None:
    """Let go of the pages of a block's columns; see `satispy.core.mapped.give_back`."""
    for name in KINDS:
        give_back(getattr(block, name))


def write_block(folder: Path, block: Block) -> None:
    """Write a block into an empty folder."""
    for name in KINDS:
        np.save(folder / f"{name}.npy", getattr(block, name), allow_pickle=False)
    names = {"sources": block.source_names, "companies": block.company_names, "end": block.end}
    (folder / NAMES).write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")


def open_block(folder: Path) -> Block:
    """Open what `write_block` wrote; the columns stay on disk, memory-mapped.

    Raises
    ------
    FileNotFoundError
        If it is gone: somebody joined it with others.
    ArtifactDamaged
        If it cannot be read, or the columns do not fit each other.
    """
    try:
        names = read_json(folder / NAMES)
        columns = {
            name: np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False))
            for name in KINDS
        }
        block = Block(
            **columns,
            source_names=names["sources"],
            company_names=names["companies"],
            end=names["end"],
        )
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactDamaged(f"expected columns of rows in {folder}, but: {error!r}") from error
    for name, kind in KINDS.items():
        column = columns[name]
        if column.dtype != kind or column.shape != (len(block),):
            raise ArtifactDamaged(
                f"expected {len(block)} numbers of {np.dtype(kind)} in {folder / name}.npy, but "
                f"found {column.dtype} {column.shape}"
            )
    return block


def join(blocks: Sequence[Block]) -> Block:
    """Return the rows of blocks that follow one another as one block."""
    joined: dict[str, Any] = {"end": blocks[-1].end}
    for column, named in (("sources", "source_names"), ("companies", "company_names")):
        known: dict[str, int] = {}
        parts = []
        for block in blocks:
            moved = [known.setdefault(name, len(known)) for name in getattr(block, named)]
            parts.append(np.array(moved, np.int32)[getattr(block, column)])
        joined[named], joined[column] = list(known), np.concatenate(parts)
    for name in KINDS.keys() - joined.keys():
        joined[name] = np.concatenate([getattr(block, name) for block in blocks])
    return Block(**joined)
