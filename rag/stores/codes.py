"""The vectors of a segment, as FAISS keeps and searches them.

All are 16-bit floats in a file that is mapped into memory. A large segment has **short codes** as well: each pair of
neighbouring dimensions is one of 16 points, so a vector takes an eighth of the room, and processors compare 32 of them
at once (product quantisation, Jégou et al. 2011; fast scan, André et al. 2015). A search picks candidates by the short
codes of all rows and scores these by their 16-bit floats. Nothing changes once it is read: threads may share it.
"""

from math import ceil
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import faiss
import numpy as np
import numpy.typing as npt

SHORT_FROM = 8192
"""Rows. Fewer are compared in full in less than half a millisecond."""
NEAR = 8
"""Candidates by short codes for each hit that is wanted. 99.9 % of the nearest are among them (docs/scale.md)."""
_NARROW = 1 / 8
"""A scope with a smaller share of the rows is compared in full: that takes no longer."""
_SAMPLE = 1024
"""Rows by which the 16 points are placed. Neither more of them nor more turns find more."""
_TURNS = 10
"""Of k-means."""
_BLOCK = 16_384

Code = npt.NDArray[np.uint8]
"""Shape (n, 2 × dimensions)."""
Vectors = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]
Found = tuple[Vectors, Numbers]
"""Scores and rows, each of shape (n,), nearest first."""


class Inside(NamedTuple):
    """The rows that a search may find."""

    rows: int
    """How many they are."""
    bitmap: Code | None
    """A bit for each row, lowest first; None: all rows."""


class Codes:
    """The vectors of one segment, opened for reading."""

    def __init__(self, full: Path, short: Path | None) -> None:
        """Raises RuntimeError if a file is gone or cannot be read."""
        self._full = _read(full, faiss.IO_FLAG_MMAP_IFC)
        self._short: Any = _read(short, 0) if short else None
        codes: Code = faiss.rev_swig_ptr(self._full.codes.data(), self._full.codes.size())
        codes.flags.writeable = False  # mapped from the file
        self.all = codes.reshape(self._full.ntotal, -1)

    def vectors(self, rows: Numbers) -> Vectors:
        if not len(rows):
            return np.empty((0, self._full.d), dtype=np.float32)
        found: Vectors = self._full.sa_decode(self.all[rows])
        return found

    def search(self, vector: Vectors, top_k: int, inside: Inside) -> Found:
        """At most ``top_k`` of the rows inside. ``vector`` has shape (1, dimensions)."""
        top_k = min(top_k, inside.rows)
        if self._short and inside.rows >= _NARROW * self._full.ntotal:
            rows = self._candidates(vector, NEAR * top_k, inside)
            if len(rows) >= NEAR * top_k / 2:  # else what lies near is mostly outside
                return _nearest(self.vectors(rows) @ vector[0], rows, top_k)
        parameters = None
        if inside.bitmap is not None:
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(inside.bitmap))  # type: ignore[call-arg, arg-type]
        scores, found = self._full.search(vector, top_k, params=parameters)
        return scores[0], found[0]

    def _candidates(self, vector: Vectors, wanted: int, inside: Inside) -> Numbers:
        """Rows inside, nearest first by their short codes. Short codes know no scope, so more of them are asked for."""
        total: int = self._full.ntotal
        rows: Numbers = self._short.search(vector, min(total, ceil(wanted * total / inside.rows)))[1][0]
        rows = rows[rows >= 0]
        if inside.bitmap is not None:
            rows = rows[(inside.bitmap[rows >> 3] >> (rows & 7) & 1).astype(np.bool_)]
        return rows[:wanted]


def encode(vectors: Vectors) -> Code:
    """Of vectors that are of length 1."""
    codes: Code = _empty(vectors.shape[1]).sa_encode(vectors)
    return codes


def write(codes: Code, dimensions: int, file: BinaryIO) -> None:
    """The codes are written as they are: a vector loses nothing, however often it is merged."""
    index = _empty(dimensions)
    index.add_sa_codes(codes)
    _write_index(index, file)


def shortens(rows: int, dimensions: int) -> bool:
    """Whether a segment of so many rows has short codes."""
    return rows >= SHORT_FROM and dimensions % 2 == 0


def write_short(codes: Code, dimensions: int, file: BinaryIO) -> None:
    decoder = _empty(dimensions)
    index = faiss.IndexPQFastScan(dimensions, dimensions // 2, 4, faiss.METRIC_INNER_PRODUCT)
    index.pq.cp.niter, index.pq.cp.max_points_per_centroid = _TURNS, _SAMPLE
    index.train(decoder.sa_decode(np.ascontiguousarray(codes[:: max(1, len(codes) // _SAMPLE)])))
    for start in range(0, len(codes), _BLOCK):
        index.add(decoder.sa_decode(codes[start : start + _BLOCK]))
    _write_index(index, file)


def _nearest(scores: Vectors, rows: Numbers, top_k: int) -> Found:
    best = np.argsort(-scores, kind="stable")[:top_k]
    return scores[best], rows[best]


def _read(path: Path, flags: int) -> Any:
    return faiss.read_index(str(path), flags)


def _empty(dimensions: int) -> Any:
    return faiss.IndexScalarQuantizer(dimensions, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)


def _write_index(index: Any, file: BinaryIO) -> None:
    # Through Python's file, which reports a full disk; FAISS's own writer does not look at the last flush.
    faiss.write_index(index, faiss.PyCallbackIOWriter(file.write))  # type: ignore[attr-defined]
