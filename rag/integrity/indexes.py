"""One index against the database.

Looking takes no lock: what differs then is only suspected. It is looked at once more while the index is held, with the
index brought up to the database's state, so that what was published or withdrawn meanwhile is not taken for a fault.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
import numpy.typing as npt

from documents import selectors
from documents.models import Chunk
from rag.entries import Entry
from rag.feed import Follower
from rag.integrity.findings import Finding, Kind, Tally
from rag.lexical.records import LexicalEntry
from rag.stores.base import VectorRecord

BATCH = 500
_MOST_SUSPECTS = 10_000
_TRIES = 5
_WORN = 0.01
# A number that was rounded to 16 bits twice is off by a thousandth of itself, the smallest ones by a fixed step.
_RELATIVE, _ABSOLUTE = 2e-3, 1e-5
_SAME_TEXT = 0.98
"""A vector this near to the one it should be is that one, damaged; else it is another text's."""


def index_reconcile(
    follower: Follower, tally: Tally, *, repair: bool, settle: float = 0, catch_up: Callable[[], object] | None = None
) -> None:
    """Compare every entry with the database, and mend what differs if ``repair``.

    ``settle``: seconds after which a shared index is believed not to hold a late write. ``catch_up`` brings the index
    to the present state; it is called with the index held. Raises ProviderError.
    """
    check = _Check(follower, tally, repair, settle if follower.shared else 0, catch_up or follower.mended)
    if check.files_are_whole():
        check.entries()


class _Check:
    def __init__(
        self, follower: Follower, tally: Tally, repair: bool, settle: float, catch_up: Callable[[], object]
    ) -> None:
        self._follower, self._tally, self._repair = follower, tally, repair
        self._settle, self._catch_up = settle, catch_up
        self._suspects: list[str] = []
        self._mended = 0

    def files_are_whole(self) -> bool:
        """False if entries cannot be looked at for damage."""
        if not self._follower.damage():
            return True
        with self._follower.held():
            damage = self._follower.damage()
            if damage and self._repair:
                self._follower.discard_damaged()
            healed = self._repair and not self._follower.damage()
        for fault in damage:
            self._tally.add(Finding(Kind.CORRUPT, self._follower.name, fault), repaired=healed)
        return healed or not damage

    def entries(self) -> None:
        with self._follower.held():
            self._catch_up()
        last = ""
        while chunks := list(selectors.chunks_after(last=last)[:BATCH]):
            self._tally.checked += len(chunks)
            self._suspect([finding.subject for finding in self._compare([c.pk for c in chunks], chunks)])
            last = chunks[-1].pk
        for ids in _batches(self._follower.list_ids()):
            known = set(selectors.chunks_after(last="").filter(id__in=ids).values_list("id", flat=True))
            self._suspect([key for key in ids if key not in known])
        self._confirm_all()
        if self._follower.wears and self._mended > _WORN * self._tally.checked:
            self._follower.rebuild()

    def _suspect(self, ids: Sequence[str]) -> None:
        self._suspects += ids
        if len(self._suspects) >= _MOST_SUSPECTS:
            self._confirm_all()

    def _confirm_all(self) -> None:
        # The same id may be suspected twice, or listed twice where it is a duplicate.
        suspects = list(dict.fromkeys(self._suspects))
        self._suspects = []
        if suspects and self._settle:
            time.sleep(self._settle)
        for ids in _batches(suspects):
            self._confirm(ids)

    def _confirm(self, ids: Sequence[str]) -> None:
        with self._follower.held():
            for _ in range(_TRIES):
                self._catch_up()
                chunks = _published(ids)
                findings = self._compare(ids, chunks)
                # Nothing was published between the two: what differs is a fault, not a change under way.
                if self._follower.position() == selectors.point():
                    break
            else:
                return
            mended: set[str] = set()
            if self._repair and findings:
                mended = {finding.subject for finding in findings} - self._mend(findings, chunks)
                self._mended += len(mended)
        for finding in findings:
            self._tally.add(finding, repaired=finding.subject in mended)

    def _mend(self, findings: Sequence[Finding], chunks: Sequence[Chunk]) -> set[str]:
        """Returns what is still at fault."""
        gone = {finding.subject for finding in findings if finding.kind == Kind.ORPHANED}
        wrong = {finding.subject for finding in findings} - gone
        if gone:
            self._follower.remove(sorted(gone))
        if wrong:
            self._follower.put([chunk for chunk in chunks if chunk.pk in wrong])
        if self._follower.shared:  # it may answer from before for a while
            return set()
        return {finding.subject for finding in self._compare([*gone, *wrong], chunks)}

    def _compare(self, ids: Sequence[str], chunks: Sequence[Chunk]) -> list[Finding]:
        """How what is stored under these ids differs from what is published of them (``chunks``)."""
        published = {chunk.pk for chunk in chunks}
        wanted = {entry.id: entry for entry in self._follower.wanted(chunks)}
        stored: dict[str, list[Entry]] = defaultdict(list)
        for entry in self._follower.stored(ids):
            stored[entry.id].append(entry)
        found: list[Finding] = []
        for key in ids:
            if key not in published:
                if stored[key]:
                    found.append(Finding(Kind.ORPHANED, key))
            elif key in wanted and (kind := _fault(wanted[key], stored[key])):
                found.append(Finding(kind, key))
        return found


def _published(ids: Sequence[str]) -> list[Chunk]:
    return list(selectors.chunks_after(last="").filter(id__in=ids))


def _batches(ids: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while some := list(islice(rest, BATCH)):
        yield some


def _fault(wanted: Entry, stored: Sequence[Entry]) -> Kind | None:
    if len(stored) != 1:
        return Kind.DUPLICATE if stored else Kind.MISSING
    [found] = stored
    if isinstance(found, LexicalEntry) and not found.digest:
        return Kind.CORRUPT
    if (found.collection, found.category) != (wanted.collection, wanted.category):
        return Kind.STALE
    if isinstance(found, VectorRecord) and isinstance(wanted, VectorRecord):
        return _difference(wanted.vector, found.vector)
    return None if found == wanted else Kind.STALE


def _difference(wanted: npt.NDArray[np.float32], found: npt.NDArray[np.float32]) -> Kind | None:
    """A store may keep vectors at any length, and rounded to 16 bits."""
    if wanted.shape != found.shape or not np.isfinite(found).all() or not found.any():
        return Kind.CORRUPT
    should, does = _unit(wanted), _unit(found)
    if np.allclose(does, should, rtol=_RELATIVE, atol=_ABSOLUTE):
        return None
    return Kind.CORRUPT if float(does @ should) >= _SAME_TEXT else Kind.STALE


def _unit(vector: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    long = vector.astype(np.float64)  # a damaged number may be too large to be squared
    result: npt.NDArray[np.float64] = long / np.linalg.norm(long)
    return result
