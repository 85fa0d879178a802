"""Vectors in files that never change: the way of Lucene's segments.

A segment is the vectors as FAISS reads them (rag/stores/codes.py: one file, of large segments two), the ids in order,
and for each row the numbers of its labels. What was deleted since is another file, a flag a row. The manifest
(rag/stores/manifest.py) says which files count. Files that a reader has open outlive their removal.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.errors import StoreCorrupt
from rag.stores.base import VectorRecord, Where
from rag.stores.codes import Code, Codes, Inside, Numbers, Vectors, shortens, write, write_short
from rag.stores.manifest import Entry, create, faults

ID_LENGTH = 64
ID_TYPE = np.dtype(f"S{ID_LENGTH}")
FANOUT = 4
"""So many segments of like size become one: a row is rewritten about log4(rows) times in its life."""
SMALLEST_TIER = 1000
"""Segments with fewer rows than four times this count as being of like size. So many come at once (rag/feed.py)."""
LARGEST = 128_000
"""Segments with so many rows are merged no more: a merge takes seconds, however much there is."""
WORN = 0.2
"""A segment with more than this share of deleted rows is rewritten without them."""
REMEMBERED_SCOPES = 64

Ids = npt.NDArray[np.bytes_]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rows:
    ids: Ids
    """Shape (n,), sorted, each once."""
    labels: npt.NDArray[np.int32]
    """Shape (n, 2): collection and category as positions in Manifest.labels."""
    codes: Code


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Rows on their way into a segment, with flags for those that are left out."""

    rows: Rows
    dead: Mask
    entry: Entry | None = None
    """The segment on disk that the rows come from; None for new rows."""

    @property
    def dead_rows(self) -> int:
        return int(np.count_nonzero(self.dead))

    @property
    def live(self) -> int:
        return len(self.dead) - self.dead_rows

    @property
    def changed(self) -> bool:
        return self.entry is None or self.dead_rows != self.entry.dead_rows

    @property
    def worn(self) -> bool:
        return self.live < (1 - WORN) * len(self.dead)


class Segment:
    """One segment, opened for reading. Nothing that a search sees ever changes: any number of threads may share it."""

    def __init__(self, directory: Path, entry: Entry, sibling: "Segment | None" = None) -> None:
        """``sibling`` holds the same rows with other deletions: all but those is taken over from it.

        Raises StoreCorrupt if a file's size is not what the manifest says; OSError, RuntimeError or ValueError if a
        file is gone or cannot be read.
        """
        for file in entry.files:
            if (directory / file.name).stat().st_size != file.size:
                raise StoreCorrupt(f"The file {file.name} of the vector index has lost or gained bytes.")
        self.entry = entry
        self._codes: Codes
        self.rows: Rows
        if sibling:
            self._codes, self.rows = sibling._codes, sibling.rows
        else:
            self._codes = Codes(directory / entry.vectors.name, directory / entry.short.name if entry.short else None)
            self.rows = Rows(
                ids=_mapped(directory / entry.ids.name, ID_TYPE),
                labels=_mapped(directory / entry.labels.name, np.dtype(np.int32)).reshape(-1, 2),
                codes=self._codes.all,
            )
        self.dead = np.zeros(entry.rows, dtype=np.bool_)
        if entry.dead:
            self.dead = np.fromfile(directory / entry.dead.name, dtype=np.bool_)
        self._scopes: dict[Where, Inside] = {}

    def dead_without(self, ids: Ids) -> Mask:
        """The flags of deleted rows as they would be after ``ids`` are deleted too."""
        dead = self.dead.copy()
        dead[self._positions(ids)] = True
        return dead

    def _positions(self, ids: Ids) -> Numbers:
        """Where these ids are; an id that came in twice, which should not be, is found twice."""
        first = np.searchsorted(self.rows.ids, ids, side="left")
        counts = np.searchsorted(self.rows.ids, ids, side="right") - first
        positions: Numbers = np.repeat(first, counts)
        if (counts > 1).any():
            positions = np.concatenate([np.arange(a, a + n) for a, n in zip(first, counts, strict=True)])
        return positions

    def records(self, ids: Ids, labels: Sequence[str]) -> list[VectorRecord]:
        """The live rows with these ids."""
        live = self._live(ids)
        return [
            VectorRecord(
                self.rows.ids[position].decode(), vector, *(labels[code] for code in self.rows.labels[position])
            )
            for position, vector in zip(live, self._codes.vectors(live), strict=True)
        ]

    def vectors(self, ids: Ids) -> Iterator[tuple[bytes, Vectors]]:
        """Of the live rows with these ids, each of shape (dimensions,)."""
        live = self._live(ids)
        return zip(self.rows.ids[live].tolist(), self._codes.vectors(live), strict=True)

    def _live(self, ids: Ids) -> Numbers:
        positions = self._positions(ids)
        return positions[~self.dead[positions]]

    def live_ids(self) -> list[bytes]:
        ids: list[bytes] = self.rows.ids[~self.dead].tolist()
        return ids

    def search(self, vector: Vectors, top_k: int, where: Where, labels: Sequence[str]) -> list[tuple[float, bytes]]:
        """Score and id of the nearest rows. ``vector`` has shape (1, dimensions)."""
        scope = self._scopes.get(where) or self._scope(where, labels)
        if not scope.rows:
            return []
        scores, positions = self._codes.search(vector, top_k, scope)
        found = positions >= 0
        return list(zip(scores[found].tolist(), self.rows.ids[positions[found]].tolist(), strict=True))

    def _scope(self, where: Where, labels: Sequence[str]) -> Inside:
        inside = _named(labels, where.collections)[self.rows.labels[:, 0]] & ~self.dead
        if where.categories:
            inside &= _named(labels, where.categories)[self.rows.labels[:, 1]]
        matching = int(np.count_nonzero(inside))
        bitmap = np.packbits(inside, bitorder="little") if 0 < matching < self.entry.rows else None
        if len(self._scopes) >= REMEMBERED_SCOPES:
            self._scopes.clear()
        scope = self._scopes[where] = Inside(matching, bitmap)
        return scope


def _mapped(path: Path, of: np.dtype[Any]) -> npt.NDArray[Any]:
    # Not NumPy's own format: its header is parsed as Python, and Python 3.11 does that for one thread at a time only.
    return np.memmap(path, dtype=of, mode="r")


def _named(labels: Sequence[str], wanted: Set[str]) -> Mask:
    return np.array([name in wanted for name in labels], dtype=np.bool_)


def plan(parts: Iterable[Part]) -> list[list[Part]]:
    """Which parts become one segment. Size-tiered: where FANOUT of them are of like size, they are merged."""
    groups = [[part] for part in parts if part.live]
    while True:
        tiers: dict[int, list[list[Part]]] = defaultdict(list)
        for group in groups:
            rows = max(SMALLEST_TIER, sum(part.live for part in group))
            tiers[((rows // SMALLEST_TIER).bit_length() - 1) // 2 if rows < LARGEST else -1].append(group)  # log4
        crowded = next((tier for key, tier in tiers.items() if key >= 0 and len(tier) >= FANOUT), None)
        if crowded is None:
            return groups
        rest = [group for tier in tiers.values() if tier is not crowded for group in tier]
        groups = [*rest, [part for group in crowded for part in group]]


def save(directory: Path, name: str, group: Sequence[Part], dimensions: int) -> Entry:
    """One segment from the live rows of ``group``; a segment that only lost a few rows keeps its files.

    ``name`` must never have been used before: a reader may still be about to open a file of that name. Raises
    StoreCorrupt if a segment that is to be merged is damaged.
    """
    part = group[0]
    if len(group) == 1 and part.entry and not part.worn:
        if not part.changed:
            return part.entry
        dead = create(directory / f"{name}.dead", lambda file: file.write(part.dead.tobytes()))
        return part.entry.model_copy(update={"dead": dead, "dead_rows": part.dead_rows})
    for entry in (part.entry for part in group if part.entry):
        for fault in faults(directory, entry):  # or the merge would give a new checksum to what is broken
            raise StoreCorrupt(fault)
    rows = _merged(group)
    short = None
    if shortens(len(rows.ids), dimensions):
        short = create(directory / f"{name}.short", lambda file: write_short(rows.codes, dimensions, file))
    return Entry(
        rows=len(rows.ids),
        vectors=create(directory / f"{name}.faiss", lambda file: write(rows.codes, dimensions, file)),
        short=short,
        ids=create(directory / f"{name}.ids", lambda file: file.write(rows.ids.tobytes())),
        labels=create(directory / f"{name}.labels", lambda file: file.write(rows.labels.tobytes())),
    )


def _merged(group: Sequence[Part]) -> Rows:
    ids = np.concatenate([part.rows.ids[~part.dead] for part in group])
    order = np.argsort(ids, kind="stable")
    return Rows(
        ids=ids[order],
        labels=np.concatenate([part.rows.labels[~part.dead] for part in group])[order],
        codes=np.concatenate([part.rows.codes[~part.dead] for part in group])[order],
    )
