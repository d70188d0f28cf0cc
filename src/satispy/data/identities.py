"""Which rows the base holds: sorted files of row identities, rebuilt from the base at any time.

A log-structured merge index. Each segment ``<first>-<last>-<16 hex of the chain hash>.npy`` holds
the identities that the ledger entries `first` to `last` brought, sorted by their high half. A new
segment takes in the newer ones before it that are at most as big as itself, so an identity is
written O(log n) times in its life and O(log n) segments are searched. Nothing here is precious:
what is missing, foreign or damaged is forgotten, and the caller fills it in again from the base.
"""

import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

Identities = npt.NDArray[np.uint64]
"""Of shape (2, n): the high halves and the low halves of n 16-byte hashes."""

_SEGMENT = re.compile(r"([0-9]{1,18})-([0-9]{1,18})-([0-9a-f]{16})\.npy")
_OURS = re.compile(rf"{_SEGMENT.pattern}|\..+\.npy\.[0-9a-f]{{16}}")
_SMALL = 4096  # segments up to this are taken in by any newer one: 64 KiB cost less than a file
_BLOCK = 1 << 18  # identities handled at a time: 4 MiB
_PROBES = 64
_ATTEMPTS = 10

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Name:
    """What the name of a segment says."""

    text: str
    first: int
    last: int
    chain: str

    def agrees_with(self, chains: Mapping[int, str]) -> bool:
        return chains.get(self.last, "").startswith(self.chain)


@dataclass(frozen=True)
class _Segment:
    name: _Name
    path: Path
    identities: Identities
    offset: int

    @property
    def size(self) -> int:
        return int(self.identities.shape[1])

    def read(self, start: int, stop: int) -> Identities:
        """Read by file, not by map: a merge then occupies no more memory than its blocks."""
        halves = [
            np.fromfile(
                self.path,
                dtype=np.uint64,
                count=stop - start,
                offset=self.offset + 8 * (half * self.size + start),
            )
            for half in (0, 1)
        ]
        return np.stack(halves)


class IdentityIndex:
    """The identities of the rows in the base, in a folder of sorted segments.

    `cover` comes first: it chooses the segments that `known` searches and `add` continues. Who
    calls `add`, `clear` or a tidying `cover` holds the exclusive lock of the base. Readers need
    no lock; a segment that they have mapped stays readable after a writer has unlinked it.

    Parameters
    ----------
    folder
        Where the segments lie; made, for the owner only, when the first one is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._segments: tuple[_Segment, ...] = ()

    def cover(
        self,
        first: int,
        chain_of: Callable[[Sequence[int]], Mapping[int, str]],
        *,
        tidy: bool = True,
    ) -> int | None:
        """Choose the segments that cover the ledger entries from `first` on without a gap.

        Where the folder is as it was at the last call, only its names are read.

        Parameters
        ----------
        first
            Number of the first entry that counts.
        chain_of
            Returns the chain hashes (64 hex) of those of the given entries that the ledger has.
        tidy
            Unlink every segment that was not chosen, and what crashed writers left. Only the
            holder of the exclusive lock may: a reader passes False.

        Returns
        -------
        int or None
            The last entry covered; None where `first` itself is not.
        """
        chosen: tuple[_Segment, ...] = ()
        for _ in range(_ATTEMPTS):
            names = self._names()
            if names == self._chosen_names() and self._still_covers(first, chain_of):
                return self._segments[-1].name.last
            chosen, vanished = self._choose(names, first, chain_of)
            if not vanished:
                break  # else a writer merged while we looked: look again
        self._segments = chosen
        if tidy:
            self._tidy()
        return chosen[-1].name.last if chosen else None

    def known(self, identities: Identities) -> npt.NDArray[np.bool_]:
        """Tell which identities are in the covered segments.

        Parameters
        ----------
        identities : (2, n) array of uint64

        Returns
        -------
        (n,) array of bool
        """
        found = np.zeros(identities.shape[1], dtype=np.bool_)
        segments = self._segments
        order = np.argsort(identities[0])
        for start in range(0, len(order), _BLOCK):
            block = order[start : start + _BLOCK]
            asked = np.take(identities, block, axis=1)  # sorted: the search stays in cache
            hits = np.zeros(len(block), dtype=np.bool_)
            for segment in segments:
                hits |= _found_in(segment.identities, asked)
            found[block] = hits
        return found

    def add(self, identities: Identities, first: int, last: int, chain: str) -> None:
        """Record what the entries `first` to `last` brought, once they are in the ledger.

        Parameters
        ----------
        identities : (2, n) array of uint64
            In any order; repeats cost room, nothing else. There may be none.
        first, last
            Numbers of the entries; `first` continues what is covered.
        chain
            Chain hash (64 hex) of the entry `last`.

        Raises
        ------
        ValueError
            If the numbers do not continue the cover.
        OSError
            If the segment cannot be written; the index is then as before.
        """
        covered = self._segments[-1].name.last if self._segments else first - 1
        if not covered + 1 == first <= last:
            raise ValueError(
                f"expected entries from {covered + 1} on, but received {first} to {last}; "
                "call cover() before add()"
            )
        rest, taken = self._split(identities.shape[1])
        begin = taken[0].name.first if taken else first
        name = _Name(f"{begin}-{last}-{chain[:16]}.npy", begin, last, chain[:16])
        fresh = np.take(identities, np.argsort(identities[0]), axis=1)
        path = self.folder / name.text
        self._write(path, [*taken, fresh])
        segment = _mapped(name, path)
        self._segments = (*rest, segment)
        for old in taken:
            old.path.unlink(missing_ok=True)

    def clear(self) -> None:
        """Forget everything, on disk too."""
        self._segments = ()
        self._tidy()

    def _names(self) -> frozenset[str]:
        """Return the names that are ours: segments, and temporary files of writers."""
        try:
            with os.scandir(self.folder) as entries:
                return frozenset(entry.name for entry in entries if _OURS.fullmatch(entry.name))
        except FileNotFoundError:
            return frozenset()

    def _chosen_names(self) -> frozenset[str]:
        return frozenset(segment.name.text for segment in self._segments)

    def _still_covers(
        self, first: int, chain_of: Callable[[Sequence[int]], Mapping[int, str]]
    ) -> bool:
        if not self._segments or self._segments[0].name.first != first:
            return False
        newest = self._segments[-1].name  # its chain hash names all entries before it too
        return newest.agrees_with(chain_of([newest.last]))

    def _choose(
        self,
        names: frozenset[str],
        first: int,
        chain_of: Callable[[Sequence[int]], Mapping[int, str]],
    ) -> tuple[tuple[_Segment, ...], bool]:
        """Return the cover that reaches farthest, and whether a segment vanished meanwhile."""
        parsed = [
            _Name(match[0], int(match[1]), int(match[2]), match[3])
            for match in map(_SEGMENT.fullmatch, names)
            if match
        ]
        chains = chain_of(sorted({name.last for name in parsed})) if parsed else {}
        mapped = {segment.name.text: segment for segment in self._segments}
        onward: dict[int, tuple[_Segment, ...]] = {}
        vanished = False
        for name in sorted(parsed, key=lambda name: (-name.first, name.last)):
            if name.first < first or name.last < name.first or not name.agrees_with(chains):
                continue
            try:
                segment = mapped.get(name.text) or _mapped(name, self.folder / name.text)
            except FileNotFoundError:
                vanished = True
                continue
            except (ValueError, OverflowError) as error:
                _log.warning(
                    "the identity segment %s is damaged and is rebuilt from the base: %s",
                    name.text,
                    error,
                )
                continue
            path = (segment, *onward.get(name.last + 1, ()))
            known = onward.get(name.first)
            if known is None or path[-1].name.last >= known[-1].name.last:
                onward[name.first] = path
        return onward.get(first, ()), vanished

    def _split(self, size: int) -> tuple[tuple[_Segment, ...], tuple[_Segment, ...]]:
        """Return the segments that stay, and those that a new one of `size` takes in."""
        stay = len(self._segments)
        while stay and self._segments[stay - 1].size <= max(size, _SMALL):
            stay -= 1
            size += self._segments[stay].size
        return self._segments[:stay], self._segments[stay:]

    def _write(self, path: Path, sources: "Sequence[_Segment | Identities]") -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                _write_merged(file, sources)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except BaseException:  # whatever stops us, the temporary file goes; the error goes on
            beside.unlink(missing_ok=True)
            raise

    def _tidy(self) -> None:
        for name in self._names() - self._chosen_names():
            (self.folder / name).unlink(missing_ok=True)


def _mapped(name: _Name, path: Path) -> _Segment:
    """Map a segment; a ``ValueError`` or ``OverflowError`` says that it is damaged."""
    mapped = np.lib.format.open_memmap(path, mode="r")  # np.load would try zip and pickle too
    identities = np.asarray(mapped)  # a plain view: memmap slices are slow to make
    if (
        identities.dtype != np.uint64
        or identities.ndim != 2
        or identities.shape[0] != 2
        or not identities.flags.c_contiguous
    ):
        raise ValueError(
            f"expected (2, n) of uint64, but found {identities.shape} of {identities.dtype}"
        )
    expected = mapped.offset + identities.nbytes
    if (size := path.stat().st_size) != expected:
        raise ValueError(f"expected {expected} bytes, but found {size}")
    probes = identities[0, :: max(1, identities.shape[1] // _PROBES)]
    if np.any(probes[:-1] > probes[1:]):
        raise ValueError("expected sorted identities")
    return _Segment(name, path, identities, mapped.offset)


def _found_in(segment: Identities, asked: Identities) -> npt.NDArray[np.bool_]:
    """Tell which of `asked`, sorted by high half, a segment holds."""
    high, low = segment
    found = np.zeros(asked.shape[1], dtype=np.bool_)
    place = np.searchsorted(high, asked[0])
    open_ = np.flatnonzero(place < len(high))
    place = place[open_]
    while len(open_):  # once, but for different identities that share a high half
        same = high[place] == asked[0, open_]
        open_, place = open_[same], place[same]
        equal = low[place] == asked[1, open_]
        found[open_[equal]] = True
        open_, place = open_[~equal], place[~equal] + 1
        inside = place < len(high)
        open_, place = open_[inside], place[inside]
    return found


def _write_merged(file: BinaryIO, sources: "Sequence[_Segment | Identities]") -> None:
    total = sum(_size(source) for source in sources)
    header = {"descr": "<u8", "fortran_order": False, "shape": (2, total)}
    np.lib.format.write_array_header_1_0(file, header)
    offset, done = file.tell(), 0
    for block in _merged(sources):
        for half in (0, 1):
            file.seek(offset + 8 * (half * total + done))
            file.write(block[half].data)
        done += block.shape[1]


def _merged(sources: "Sequence[_Segment | Identities]") -> Iterator[Identities]:
    """Yield all identities of sorted sources in sorted blocks."""
    starts = [0] * len(sources)
    while True:
        windows = [
            _read(source, start, min(start + _BLOCK, _size(source)))
            for source, start in zip(sources, starts, strict=True)
        ]
        lasts = [window[0, -1] for window in windows if window.shape[1]]
        if not lasts:
            return
        limit = min(lasts)  # beyond it, a window that ends earlier may have more to come
        for index, window in enumerate(windows):
            stop = int(np.searchsorted(window[0], limit, side="right"))
            windows[index] = window[:, :stop]
            starts[index] += stop
        block = np.concatenate(windows, axis=1)
        order = np.argsort(block[0], kind="stable")  # timsort: sorted runs are merged
        yield np.take(block, order, axis=1)


def _size(source: _Segment | Identities) -> int:
    return source.size if isinstance(source, _Segment) else int(source.shape[1])


def _read(source: _Segment | Identities, start: int, stop: int) -> Identities:
    return source.read(start, stop) if isinstance(source, _Segment) else source[:, start:stop]
