"""BM25 over the chunks, on tantivy. Derived from the database: it may be thrown away and rebuilt."""

import errno
import logging
import os
import shutil
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import tantivy
from tantivy import Occur, Query

from rag.errors import StoreCorrupt
from rag.lexical.footers import clear_leftovers, faults
from rag.lexical.question import Question, Term, understand
from rag.lexical.records import FORMAT, LexicalEntry, LexicalRecord, document_of, entry_of, key_of, schema
from rag.stores.base import Where

logger = logging.getLogger(__name__)
_HEAP = 32_000_000
_HEADROOM = 1_000_000
"""Bytes: with fewer left on the disk, a write that failed has failed for that."""
_LANGUAGES = 16
"""Of the passages, the most frequent: a question's words are stemmed in each of them."""
_SPOKEN = 0.002
"""The share of passages in a language from which it counts: a table may be mistaken for anything."""
_NAMES = 200_000
"""So many are remembered: some 40 MB."""
_DAMAGE = ("An IO error occurred", "Data corrupted", "Deserialize error")
"""How tantivy begins to tell of it, as a ValueError."""


@dataclass(frozen=True, slots=True)
class LexicalHit:
    id: str
    score: float
    """BM25 (k1 1.2, b 0.75) as a share of the most that this question's terms could reach, 0 to 1."""


class _View:
    """One state of the index, open for reading, with what was asked of it before.

    A searcher lets other threads go first at each call, and each of them may take longer than the call.
    """

    def __init__(self, searcher: Any) -> None:
        self.searcher = searcher
        self.total = int(searcher.num_docs)
        self._frequencies: dict[tuple[str, str], int] = {}

    def frequency(self, field: str, term: str) -> int:
        """In how many documents a term is. Deleted ones count until their segment is merged."""
        known = self._frequencies.get((field, term))
        if known is None:
            if len(self._frequencies) > _NAMES:
                self._frequencies = {}
            known = self._frequencies[field, term] = min(int(self.searcher.doc_freq(field, term)), self.total)
        return known

    @cached_property
    def languages(self) -> Sequence[str]:
        spoken = self.searcher.terms_with_prefix("language", "", limit=_LANGUAGES)
        return [language for language, count in spoken if count >= _SPOKEN * self.total]


class LexicalIndex:
    """Any number of threads and processes may query while one writes; writers are kept apart by the caller."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / f"lexical-{FORMAT}"
        self._path = self.directory / "index"
        self._doubt = self._path / "doubt"
        """There while somebody writes, so also after one who failed or was killed, and where a search met damage."""
        self._opening = threading.Lock()
        self._index: Any = None
        self._seen: tuple[_View | None, tuple[int, int, int] | None] = None, None
        self._names: dict[int, tuple[str, str]] = {}
        """By key."""

    @classmethod
    def from_settings(cls, config: Mapping[str, Any]) -> Self:
        return cls(config["INDEX_DIR"])

    def upsert(self, records: Sequence[LexicalRecord]) -> None:
        """Add the records; one with an id that is there already replaces it."""
        with self._writing() as writer:
            for record in records:
                writer.delete_documents_by_term("id", record.id)
                writer.add_document(document_of(record))

    def delete(self, ids: Iterable[str]) -> None:
        """Remove these ids; one that is not there is not an error."""
        with self._writing() as writer:
            for chunk_id in ids:
                writer.delete_documents_by_term("id", chunk_id)

    def clear(self) -> None:
        """Remove everything; an index that cannot be read is begun anew."""
        try:
            with self._writing() as writer:
                writer.delete_all_documents()
        except (OSError, ValueError, StoreCorrupt):
            logger.exception("The lexical index cannot be opened and is made anew.")
            with self._opening:
                self._index = None
                shutil.rmtree(self._path, ignore_errors=True)

    def understand(self, text: str, *, mend: bool = True) -> Question:
        """The question as this index can be asked it; ``mend``: near terms stand in for what it does not know."""
        with self._damage_told():
            view = self._view()
            near = view.searcher.terms_with_prefix
            return understand(
                text,
                languages=view.languages,
                total=view.total,
                frequency=lambda term: view.frequency("terms", term),
                neighbours=(lambda term: near("terms", term[: len(term) // 2])) if mend else None,
            )

    def query(self, question: Question | str, top_k: int, where: Where) -> list[LexicalHit]:
        """At most ``top_k`` chunks that share a term with the question, best first."""
        with self._damage_told():
            if not where.collections:
                return []
            if where.categories is None and self._holds_most(where):
                # To have tantivy filter takes three times as long as to leave out a few afterwards.
                hits = self._search(question, 2 * top_k, (), where.collections)
                if len(hits) >= top_k:
                    return hits[:top_k]
            return self._search(question, top_k, _filters(where))

    def _holds_most(self, where: Where) -> bool:
        view = self._view()
        return 2 * sum(view.frequency("collection", name) for name in where.collections) > view.total

    def scores(self, question: Question | str, ids: Sequence[str]) -> dict[str, float]:
        """The score of each of these chunks, as :meth:`query` would give it; 0 where no term is shared."""
        with self._damage_told():
            if not ids:
                return {}
            found = self._search(question, len(ids), [Query.term_set_query(schema(), "id", list(ids))])
            return dict.fromkeys(ids, 0.0) | {hit.id: hit.score for hit in found}

    def weights(self, text: str) -> dict[str, float]:
        """Each term of the text with its inverse document frequency in this index; rare terms weigh most."""
        return {term.forms[0]: term.idf for term in self.understand(text, mend=False).terms}

    def weights_or_none(self, text: str) -> dict[str, float]:
        """As :meth:`weights`; nothing where the index cannot be read."""
        try:
            return self.weights(text)
        except StoreCorrupt:
            return {}

    def count(self) -> int:
        with self._damage_told():
            return self._view().total

    def list_ids(self) -> Iterator[str]:
        """Every id, each once."""
        with self._damage_told():
            view = self._view()
            searcher = view.searcher
            if view.total:
                for _, address in searcher.search(Query.all_query(), limit=view.total, count=False).hits:
                    yield searcher.doc(address).get_first("id")

    def fetch(self, ids: Sequence[str]) -> list[LexicalEntry]:
        """The entries with these ids; one that the index holds twice, which should not be, comes twice."""
        with self._damage_told():
            view = self._view()
            searcher = view.searcher
            if not ids or not view.total:
                return []
            query = Query.term_set_query(schema(), "id", list(ids))
            result = searcher.search(query, limit=len(ids), count=True)
            if result.count > len(ids):
                result = searcher.search(query, limit=result.count)
            return [entry_of(searcher.doc(address)) for _, address in result.hits]

    def verify(self) -> list[str]:
        """Reads every byte and compares it with its checksum. One sentence for each fault; empty if all is well."""
        if self._path.exists() and (found := faults(self._path)):
            return found
        try:
            self.count()
        except StoreCorrupt as error:
            return [error.detail]
        return []

    def _search(
        self, question: Question | str, limit: int, filters: Sequence[Any], collections: Set[str] | None = None
    ) -> list[LexicalHit]:
        view = self._view()
        asked = self.understand(question) if isinstance(question, str) else question
        if not asked.terms or not view.total:
            return []
        matching = Query.boolean_query([(Occur.Should, _any_form(term)) for term in asked.terms])
        narrowed = [(Occur.Must, Query.const_score_query(query, 0.0)) for query in filters]
        query = Query.boolean_query([(Occur.Must, matching), *narrowed]) if narrowed else matching
        hits = view.searcher.search(query, limit=limit, count=False).hits
        # A term that comes up again and again is worth at most k1 + 1 times its weight.
        most = 2.2 * asked.total
        named = self._named(view.searcher, [address for _, address in hits])
        return [
            LexicalHit(key, min(1.0, score / most))
            for (score, _), (key, collection) in zip(hits, named, strict=True)
            if collections is None or collection in collections
        ]

    def _named(self, searcher: Any, addresses: Sequence[Any]) -> list[tuple[str, str]]:
        """The id and collection of each document. They are read out of the index once."""
        keys = searcher.fast_field_values("key", addresses)
        if None in keys:
            raise ValueError("Data corrupted: a document has no key")  # as tantivy tells of what it finds itself
        if len(self._names) > _NAMES:
            self._names = {}
        names = self._names
        for key, address in zip(keys, addresses, strict=True):
            if key not in names:
                document = searcher.doc(address)
                name = str(document.get_first("id")), str(document.get_first("collection"))
                if key_of(*name) != key:
                    raise ValueError("Data corrupted: a document is not the one that its key stands for")
                names[key] = name
        return [names[key] for key in keys]

    def _view(self) -> _View:
        index = self._open()
        seen = self._identity()
        view, known = self._seen
        if view and seen is not None and seen == known:
            return view
        try:
            index.reload()  # takes as long as a search in a small index
        except (OSError, ValueError):  # its files were taken away and perhaps made anew
            self._index = None
            index = self._open()
        view = _View(index.searcher())
        self._seen = view, seen
        return view

    def _identity(self) -> tuple[int, int, int] | None:
        """What changes with every commit, which replaces this file; None where it is not there."""
        try:
            status = (self._path / "meta.json").stat()
        except FileNotFoundError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    def _open(self) -> Any:
        with self._opening:
            if self._index is None:
                self._path.mkdir(parents=True, exist_ok=True)
                try:
                    index = tantivy.Index(schema(), path=str(self._path))
                except (OSError, ValueError) as error:
                    raise StoreCorrupt("The lexical index cannot be opened; rebuild_index makes it anew.") from error
                index.config_reader(reload_policy="manual")
                self._index = index
            return self._index

    @contextmanager
    def _writing(self) -> Iterator[Any]:
        """What is done within is written at its end, or not at all. Raises OSError, StoreCorrupt."""
        with self._damage_told():
            index = self._open()
            if self._doubt.exists():
                clear_leftovers(self._path)
                if found := faults(self._path):
                    raise StoreCorrupt(found[0])  # over damage a writer may take the whole process down
            self._doubt.touch()
            try:
                # Not as a context manager, which says nothing of a commit that fails, and commits after an exception.
                writer = index.writer(heap_size=_HEAP, num_threads=1)
                try:
                    yield writer
                    writer.commit()
                finally:
                    writer.wait_merging_threads()
            except ValueError as error:
                # Tantivy has one kind of error for a full disk, for a writer that is there already, and for damage.
                if "Lockfile" in str(error) or "LockBusy" in str(error):
                    raise BlockingIOError(errno.EAGAIN, "The lexical index has another writer") from error
                if shutil.disk_usage(self._path).free < _HEADROOM:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
                raise StoreCorrupt("The lexical index cannot be written; rebuild_index makes it anew.") from error
            self._doubt.unlink(missing_ok=True)

    @contextmanager
    def _damage_told(self) -> Iterator[None]:
        """Raises StoreCorrupt where tantivy finds damage, or panics over it. Whoever writes next looks at all of it."""
        try:
            yield
        except BaseException as error:  # a panic is no Exception
            if type(error).__name__ != "PanicException" and not str(error).startswith(_DAMAGE):
                raise
            self._seen = None, None
            self._index = None  # what has panicked may do so again though the files are made anew
            with suppress(OSError):
                self._doubt.touch()
            raise StoreCorrupt("The lexical index is damaged; rebuild_index makes it anew.") from error


def _filters(where: Where) -> list[Any]:
    filters = [Query.term_set_query(schema(), "collection", sorted(where.collections))]
    if where.categories is not None:
        filters.append(Query.term_set_query(schema(), "category", sorted(where.categories)))
    return filters


def _any_form(term: Term) -> Any:
    """A passage has a term in one form, of its own language; where it has two, the better one counts."""
    forms = [Query.term_query(schema(), "terms", form) for form in term.forms]
    return forms[0] if len(forms) == 1 else Query.disjunction_max_query(forms)
