"""Vectors in a folder of this machine, searched by FAISS."""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import faiss
import numpy as np
import numpy.typing as npt

from rag.errors import ProviderRejected, StoreCorrupt
from rag.stores import segments
from rag.stores.base import VectorHit, VectorRecord, VectorStore, Where
from rag.stores.codes import encode
from rag.stores.manifest import Manifest, ReadManifest, faults, identity, read_manifest, write_manifest
from rag.stores.segments import Ids, Part, Rows, Segment


@dataclass(frozen=True, slots=True)
class _State:
    """What one manifest names, open for reading. Replaced as a whole."""

    read: ReadManifest
    segments: tuple[Segment, ...]


class FaissStore(VectorStore):
    """A folder of immutable segments (rag/stores/segments.py).

    A query looks at the manifest's inode and, if it is another one than last time, opens the segments that are new.
    There is no lock: writers are kept apart by the caller, and readers never see a half-written state. Vectors are
    scaled to length 1 and kept as 16-bit floats; scores are right to about three decimals.
    """

    shared: ClassVar[bool] = False

    def __init__(self, space: str, dimensions: int, directory: Path) -> None:
        super().__init__(space, dimensions)
        self._directory = directory
        self._state = _State(ReadManifest(Manifest(dimensions=dimensions), None), ())

    @classmethod
    def from_settings(cls, config: Mapping[str, Any], space: str, dimensions: int) -> Self:
        return cls(space, dimensions, Path(config["INDEX_DIR"]) / space / "vectors")

    def upsert(self, records: Sequence[VectorRecord]) -> None:
        """Raises ProviderRejected for a record that does not fit, StoreCorrupt if the folder is damaged."""
        latest = {self._checked(record).id: record for record in records}
        if not latest:
            return
        state = self._current()
        labels = dict.fromkeys(state.read.manifest.labels)
        labels.update(dict.fromkeys(name for r in latest.values() for name in (r.collection, r.category)))
        code = {name: number for number, name in enumerate(labels)}
        ordered = [latest[key] for key in sorted(latest)]
        vectors = np.stack([record.vector for record in ordered]).astype(np.float32)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        rows = Rows(
            ids=_id_array(record.id for record in ordered),
            labels=np.array([(code[r.collection], code[r.category]) for r in ordered], dtype=np.int32),
            codes=encode(vectors),
        )
        parts = [Part(s.rows, s.dead_without(rows.ids), s.entry) for s in state.segments]
        self._commit(state, [*parts, Part(rows, np.zeros(len(ordered), dtype=np.bool_))], tuple(labels))

    def delete(self, ids: Iterable[str]) -> None:
        known = _id_array(sorted({key for key in ids if _valid_id(key)}))
        state = self._current()
        parts = [Part(s.rows, s.dead_without(known), s.entry) for s in state.segments]
        if any(part.changed for part in parts):
            self._commit(state, parts, state.read.manifest.labels)

    def query(self, vector: npt.NDArray[np.float32], top_k: int, where: Where) -> list[VectorHit]:
        """Exact but in large segments (rag/stores/codes.py). Raises StoreCorrupt if the folder is damaged."""
        if vector.shape != (self.dimensions,):
            raise ProviderRejected(f"The question's vector has shape {vector.shape}, not ({self.dimensions},).")
        if top_k < 1 or not where.collections:
            return []
        state = self._current()
        question = np.ascontiguousarray(vector, dtype=np.float32).reshape(1, -1)
        labels = state.read.manifest.labels
        hits = [hit for segment in state.segments for hit in segment.search(question, top_k, where, labels)]
        hits.sort(key=lambda hit: (-hit[0], hit[1]))
        return [VectorHit(key.decode(), min(1.0, max(-1.0, score))) for score, key in hits[:top_k]]

    def list_ids(self) -> Iterator[str]:
        for segment in self._current().segments:
            for key in segment.live_ids():
                yield key.decode()

    def fetch(self, ids: Sequence[str]) -> list[VectorRecord]:
        known = _id_array(sorted({key for key in ids if _valid_id(key)}))
        state = self._current()
        labels = state.read.manifest.labels
        return [record for segment in state.segments for record in segment.records(known, labels)]

    def vectors(self, ids: Iterable[str]) -> dict[str, npt.NDArray[np.float32]]:
        known = _id_array(sorted({key for key in ids if _valid_id(key)}))
        return {key.decode(): vector for s in self._current().segments for key, vector in s.vectors(known)}

    def discard_damaged(self) -> None:
        """Segments with a damaged file go as a whole; if the manifest itself cannot be read, everything goes."""
        try:
            manifest = read_manifest(self._directory, self.dimensions).manifest
        except StoreCorrupt:
            return self.clear()
        whole = tuple(entry for entry in manifest.segments if not faults(self._directory, entry))
        if whole != manifest.segments:
            write_manifest(
                self._directory,
                manifest.model_copy(update={"segments": whole, "generation": manifest.generation + 1}),
            )
        return None

    def count(self) -> int:
        return sum(segment.entry.rows - segment.entry.dead_rows for segment in self._current().segments)

    def clear(self) -> None:
        """Also mends a damaged folder: nothing in it is looked at."""
        if self._directory.exists():
            write_manifest(self._directory, Manifest(dimensions=self.dimensions))

    def verify(self) -> list[str]:
        """Reads every byte and compares it with its checksum. One sentence for each fault; empty if all is well."""
        try:
            state = self._current()
        except StoreCorrupt as error:
            return [error.detail]
        found = [fault for segment in state.segments for fault in faults(self._directory, segment.entry)]
        if found and identity(self._directory) != state.read.identity:
            return self.verify()  # a write replaced what was looked at
        return found

    def _checked(self, record: VectorRecord) -> VectorRecord:
        if not _valid_id(record.id):
            raise ProviderRejected(f"A vector's id must be 1 to {segments.ID_LENGTH} ASCII characters.")
        if record.vector.shape != (self.dimensions,) or not np.isfinite(record.vector).all():
            raise ProviderRejected(f"A vector must be {self.dimensions} finite numbers; {record.id} is not.")
        return record

    def _current(self) -> _State:
        """The state of this moment. Every use of the store comes through here. Raises StoreCorrupt."""
        # Holds for the calling thread only. More threads make a single query slower, and a fork after them can hang.
        faiss.omp_set_num_threads(1)
        state = self._state
        if identity(self._directory) == state.read.identity:
            return state
        while True:
            read = read_manifest(self._directory, self.dimensions)
            try:
                state = _State(read, self._open(read.manifest, state.segments))
                break
            except (OSError, RuntimeError, ValueError, StoreCorrupt) as error:
                # A writer removes what its new manifest does not name; whoever has just read the old one tries again.
                if identity(self._directory) == read.identity:
                    if isinstance(error, StoreCorrupt):
                        raise
                    raise StoreCorrupt("A file of the vector index is missing or cannot be read.") from error
        self._state = state
        return state

    def _open(self, manifest: Manifest, known: Sequence[Segment]) -> tuple[Segment, ...]:
        same = {segment.entry: segment for segment in known}
        siblings = {segment.entry.undeleted: segment for segment in known}
        return tuple(
            same.get(entry) or Segment(self._directory, entry, siblings.get(entry.undeleted))
            for entry in manifest.segments
        )

    def _commit(self, state: _State, parts: Sequence[Part], labels: tuple[str, ...]) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        generation = state.read.manifest.generation + 1
        entries = tuple(
            segments.save(self._directory, f"{generation:08d}-{secrets.token_hex(8)}", group, self.dimensions)
            for group in segments.plan(parts)
        )
        manifest = Manifest(dimensions=self.dimensions, generation=generation, labels=labels, segments=entries)
        write_manifest(self._directory, manifest)


def _valid_id(key: str) -> bool:
    return 0 < len(key) <= segments.ID_LENGTH and key.isascii() and "\0" not in key


def _id_array(keys: Iterable[str]) -> Ids:
    return np.array([key.encode() for key in keys], dtype=segments.ID_TYPE)
