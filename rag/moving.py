"""Changing the embedder or the store while questions go on.

The new space is filled and its index built beside the one in use, from the vectors in the database; what is there
already is kept, so a change that was stopped goes on where it was. Then it takes in what has changed meanwhile, the
last of it under the revision's lock, and one row (rag.models.Active) is written, which every process sees at its next
use. A worker that published into the old space would have to take that lock too: it sees the switch and embeds again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db import transaction
from filelock import FileLock, Timeout

from documents import selectors
from documents.feed import revision_lock
from documents.models import Change, Chunk
from documents.selectors import Point
from rag.boundaries import Choice, chosen, configured, one_choice
from rag.followers import VectorFollower, vector_follower
from rag.indexing import host, vectors_complete
from rag.integrity.findings import Tally
from rag.integrity.indexes import index_reconcile
from rag.locks import database_lock
from rag.models import Active, Build
from rag.privacy.reembedding import policies_apply
from rag.stores.base import Where
from utils.errors import Conflict, InvalidInput

Progress = Callable[[str, int, int], object]
"""Told what is being done, how much of it is done, and how much there is."""
_BATCH = 1000
_TRIES = 5
_CHECKS = 3


def choice_prepare(*, to: Choice, progress: Progress, settle: float) -> None:
    """Fill the space and build the index, on this machine, without switching. Raises ProviderError, Conflict."""
    with _alone():
        _Target(to, progress).prepare(settle)


def choice_switch(*, to: Choice, progress: Progress, settle: float) -> None:
    """Prepare, then put this embedder and store into use. Raises ProviderError, Conflict; nothing is switched then."""
    if to == chosen():
        raise Conflict("That is in use already.")
    with _alone():
        target = _Target(to, progress)
        target.prepare(settle)
        target.switch()


def choice_previous() -> Choice:
    """What was in use before the last switch. Raises Conflict if nothing was."""
    row = Active.objects.first()
    if row is None or not row.previous_embedder:
        raise Conflict("Nothing was in use before: there is no way back.")
    return Choice(row.previous_embedder, row.previous_store)


def choice_pin() -> Choice:
    """Keep what is in use now, whatever the settings will say."""
    choice = chosen()
    if not choice.embedder:
        raise Conflict("There is no embedder in use.")
    Active.objects.get_or_create(pk=1, defaults={"embedder": choice.embedder, "store": choice.store})
    return choice


def choice_clear() -> None:
    """Let the settings decide again. Raises Conflict where they name something else than what is in use."""
    if chosen() != configured():
        raise Conflict(
            "The settings name another embedder or store than those in use. Switch to those first, or change the "
            "settings."
        )
    Active.objects.all().delete()


@contextmanager
def _alone() -> Iterator[None]:
    """One change at a time, on all machines. Raises Conflict."""
    directory = Path(settings.RAG["INDEX_DIR"])
    directory.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(directory / "moving.lock", timeout=0), database_lock("moving", patience=0):
            yield
    except Timeout:
        raise Conflict("Another change of the embedder or store is going on.") from None


class _Target:
    """An embedder and a store on their way into use."""

    def __init__(self, choice: Choice, progress: Progress) -> None:
        self._choice, self._progress = choice, progress
        with one_choice(choice):
            follower = vector_follower()
        if follower is None:
            raise InvalidInput("There is no embedder.")
        self.follower: VectorFollower = follower

    def prepare(self, settle: float) -> None:
        policies_apply()  # in the present space: what is moved is settled
        store = self.follower.store
        # A store that does not take such vectors says so before any of them is paid for.
        store.query(np.ones(store.dimensions, dtype=np.float32), 1, Where(frozenset({"none"})))
        self._build()
        for _ in range(_CHECKS):
            tally = Tally()
            self._progress("Comparing", 0, 0)
            index_reconcile(self.follower, tally, repair=True, settle=settle, catch_up=self.catch_up)
            if not tally.faults:
                return
        raise Conflict(
            f"The new index does not hold what the database has: {dict(tally.counts)}. It is not switched on; run the "
            "command again."
        )

    def switch(self) -> None:
        for attempt in range(_TRIES):
            with self.follower.held():
                self.catch_up()
                with transaction.atomic():
                    revision_lock()  # nobody publishes from here on
                    if attempt == _TRIES - 1:
                        self.catch_up()
                    if self._current():
                        self._write()
                        return
        raise AssertionError("what is caught up with under the revision's lock is current")

    def catch_up(self) -> None:
        """Embed and take in what has changed since the index was built. The caller holds the index."""
        if self._current():
            return
        now, cleaned = selectors.point(), self.follower.cleaned()
        changes = selectors.changes_between(after=cleaned, to=now.revision)
        pairs = list({(c.document, c.version) for c in changes if c.kind == Change.Kind.PUBLISHED})
        with one_choice(self._choice):
            for start in range(0, len(pairs), _BATCH):
                vectors_complete(versions=selectors.versions_numbered(pairs[start : start + _BATCH]))
        self.follower.take_in(now, cleaned)

    def _current(self) -> bool:
        now = selectors.point()
        return self.follower.position() == now and self.follower.cleaned() >= now.revision

    def _build(self) -> None:
        """Fill the space, and the index unless it only has to catch up."""
        now, total = selectors.point(), Chunk.objects.filter(version__published_in__isnull=False).count()
        known = self.follower.lag(now) is not None
        build = None if known else self._begin(now)
        with one_choice(self._choice):
            vectors_complete(progress=lambda done: self._progress("Embedding", done, total))
        if build is None:
            return
        done = 0
        while chunks := list(selectors.chunks_after(last=build.last)[:_BATCH]):
            with self.follower.held():
                self.follower.put(chunks)
            build.last = chunks[-1].pk
            build.save(update_fields=["last"])
            done += len(chunks)
            self._progress("Building the index", done, total)
        with self.follower.held():
            self.follower.move(Point(build.lineage, build.revision), clean=True)
        build.delete()

    def _begin(self, now: Point) -> Build:
        """A build that was stopped, or a new one. It begins before the space is filled: what is published after that
        is embedded and taken in by :meth:`catch_up`.
        """
        name = self.follower.name if self.follower.shared else f"{self.follower.name}@{host()}"
        build = Build.objects.filter(index=name, lineage=now.lineage, revision__lte=now.revision).first()
        if build is None:
            with self.follower.held():
                self.follower.clear()
            values = {"lineage": now.lineage, "revision": now.revision, "last": ""}
            build = Build.objects.update_or_create(index=name, defaults=values)[0]
        return build

    def _write(self) -> None:
        before = chosen()
        values = {
            "embedder": self._choice.embedder,
            "store": self._choice.store,
            "previous_embedder": before.embedder or "",
            "previous_store": before.store,
        }
        Active.objects.update_or_create(pk=1, defaults=values)
