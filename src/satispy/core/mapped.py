"""Arrays that are files, mapped into memory."""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy.typing as npt


def give_back(array: npt.NDArray[Any]) -> None:
    """Let go of the pages of a mapped array: they stay with the system, and count as ours no more.

    Whoever reads it next, another thread even now, gets them back; of an array that is no mapped
    file nothing changes.
    """
    base: object = array
    while base is not None and not isinstance(base, mmap.mmap):
        base = getattr(base, "base", None)
    if base is not None:
        base.madvise(mmap.MADV_DONTNEED)
