"""How the indexes follow the database.

Each index remembers the revision of the knowledge base that it stands at (its cursor) and, when asked to follow, takes
in the changes since. To take a change in twice does no harm, so an index whose process was killed half-way starts
again at its cursor. An index without a cursor is built anew.
"""

import logging
import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import ClassVar

from filelock import FileLock, Timeout

from documents import selectors
from documents.models import Change, Chunk, chunk_id
from documents.selectors import Point
from rag.entries import Entry
from rag.errors import StoreCorrupt

logger = logging.getLogger(__name__)
_BATCH = 1000
_CURSOR_SIZE = 200
"""Bytes, at most."""


class Follower(ABC):
    """One index and its cursor. The lock keeps writers of one machine apart; readers need none."""

    name: str
    shared: ClassVar[bool] = False
    wears: ClassVar[bool] = False
    """What was replaced in it goes on to weigh on the scores of the rest for a while."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        # Beside the index: whoever removes one removes both, and it is built anew.
        self._cursor = directory / "cursor"
        self._lock = FileLock(directory / "lock")

    @abstractmethod
    def put(self, chunks: Sequence[Chunk], *, draft: bool | None = None) -> None:
        """Add or replace these chunks, as published ones or as a draft's; None: as each is now."""

    @abstractmethod
    def remove(self, ids: Sequence[str]) -> None:
        """Remove the chunks with these ids."""

    @abstractmethod
    def clear(self) -> None:
        """Remove all chunks."""

    @abstractmethod
    def count(self) -> int:
        """How many chunks it holds. Raises ProviderError."""

    @abstractmethod
    def wanted(self, chunks: Sequence[Chunk], *, draft: bool | None = None) -> Sequence[Entry]:
        """What it is to hold of these chunks; without those that it cannot hold yet, for want of a vector."""

    @abstractmethod
    def stored(self, ids: Sequence[str]) -> Sequence[Entry]:
        """What it does hold of these chunks, duplicates included. Raises ProviderError."""

    @abstractmethod
    def list_ids(self) -> Iterator[str]:
        """The chunks that it holds. Raises ProviderError."""

    def damage(self) -> list[str]:
        """One sentence for each file of it that is not as it was written."""
        return []

    def discard_damaged(self) -> None:
        """Let go of what is damaged, as little as can be; what is then missing can be put again."""
        self.rebuild()

    def position(self) -> Point | None:
        """The state that the index holds; None if it has yet to be built.

        It holds all that was published then. It may hold more: what has been withdrawn is removed a little later, so
        that a search which reads the position before and after has a whole state to go by.
        """
        return self._read()[0]

    def move(self, to: Point, *, clean: bool) -> None:
        """Remember that everything published up to this state is in the index; ``clean``: and nothing else is."""
        cleaned = to.revision if clean else self.cleaned()
        temporary = self._cursor.with_suffix(f".{os.getpid()}")
        temporary.write_text(f"{to.lineage} {to.revision} {cleaned}")
        temporary.replace(self._cursor)

    def lag(self, now: Point) -> int | None:
        """By how many revisions it is behind; None if it holds another database's state, or nothing."""
        position = self.position()
        # Ahead of the database: that one was put back to an earlier state.
        if position is None or position.lineage != now.lineage or position.revision > now.revision:
            return None
        return now.revision - position.revision

    def follow(self, now: Point, *, patience: float = -1, limit: int | None = None) -> bool:
        """Bring the index to the state ``now`` or a later one; False if it stays behind.

        It stays behind where another process holds it for longer than ``patience`` seconds (-1: wait as long as it
        takes), or where more than ``limit`` chunks would have to be taken in.
        """
        position, cleaned = self._read()
        # A question does not wait for what has been withdrawn to be removed.
        if position == now and (limit is not None or cleaned >= now.revision):
            return True
        if position is not None and position.lineage == now.lineage and position.revision > now.revision:
            # Another process has gone on since; unless the database was put back to an earlier state.
            fresh = selectors.point()
            if position.lineage == fresh.lineage and position.revision <= fresh.revision:
                return True
        if position is None and limit is not None:
            patience = 0  # somebody is building it: that is not waited for
        try:
            with self.held(patience):
                return self.mended(limit, now)
        except Timeout:
            logger.warning("The %s index is being written by another process; it is used as it stands.", self.name)
            return False

    def held(self, patience: float = -1) -> AbstractContextManager[object]:
        """Keep other writers out. Raises filelock.Timeout after ``patience`` seconds."""
        return self._lock.acquire(timeout=patience, poll_interval=0.005)

    def rebuild(self) -> None:
        """Throw the index away and make it from the database."""
        with self.held():
            self._build()

    def cleaned(self) -> int:
        """The revision up to which what was withdrawn has been removed."""
        return self._read()[1]

    def _read(self) -> tuple[Point | None, int]:
        """The position, and the revision up to which what was withdrawn has been removed."""
        try:
            # Read several times in each search: what a Path does besides lets other threads go first each time.
            handle = os.open(self._cursor, os.O_RDONLY)
            try:
                lineage, revision, cleaned = os.read(handle, _CURSOR_SIZE).decode().split()
            finally:
                os.close(handle)
            return Point(lineage, int(revision)), int(cleaned)
        except (FileNotFoundError, ValueError):
            return None, 0

    def forget(self) -> None:
        """Without a cursor it is built anew when it is next used."""
        self._cursor.unlink(missing_ok=True)

    def mended(self, limit: int | None = None, now: Point | None = None) -> bool:
        """As :meth:`follow`, by somebody who holds the index. None: to the present state."""
        try:
            return self._catch_up(now, limit)
        except StoreCorrupt:
            if limit is not None:
                raise  # a question does not rebuild
            logger.exception("The %s index is damaged and is made anew.", self.name)
            self._build()
            return True

    def _catch_up(self, now: Point | None, limit: int | None) -> bool:
        """To ``now`` and no further: whoever holds several indexes brings all of them to one state."""
        fresh, position = selectors.point(), self.position()
        if now is None or now.lineage != fresh.lineage or now.revision > fresh.revision:
            now = fresh
        lag = self.lag(fresh)
        cleaned = 0 if lag is None else self.cleaned()
        if lag is not None and position and position.revision >= now.revision:
            now = position
            if limit is not None or cleaned >= now.revision:
                return True
        if limit is not None and selectors.changes_weight(after=cleaned, to=now.revision) > limit:
            logger.warning("The %s index is far behind; a worker or follow_indexes catches up.", self.name)
            return False
        if lag is None:
            self._build()
        else:
            self.take_in(now, cleaned)
        return True

    def _build(self) -> None:
        before = selectors.point()
        self.forget()
        self.clear()
        self._put_all(None)
        # What was published while this went on may be in the index in part.
        self.take_in(selectors.point(), before.revision)

    def take_in(self, now: Point, cleaned: int) -> None:
        """Follow the changes after ``cleaned`` up to ``now``."""
        changes = selectors.changes_between(after=cleaned, to=now.revision)
        last = {(change.document, change.version): change for change in changes}
        for kind in (Change.Kind.PUBLISHED, Change.Kind.DRAFTED):
            pairs = [pair for pair, change in last.items() if change.kind == kind]
            for start in range(0, len(pairs), _BATCH):
                versions = selectors.versions_numbered(pairs[start : start + _BATCH])
                self._put_all(versions, draft=kind == Change.Kind.DRAFTED)
        self.move(now, clean=False)
        withdrawn = [change for change in last.values() if change.kind == Change.Kind.WITHDRAWN]
        gone = [chunk_id(c.document, c.version, position) for c in withdrawn for position in range(c.chunk_count)]
        for start in range(0, len(gone), _BATCH):
            self.remove(gone[start : start + _BATCH])
        self.move(now, clean=True)

    def _put_all(self, versions: Iterable[int] | None, *, draft: bool | None = None) -> None:
        last = ""
        while chunks := list(selectors.chunks_after(last=last, versions=versions)[:_BATCH]):
            self.put(chunks, draft=draft)
            last = chunks[-1].pk
