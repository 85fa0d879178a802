"""BM25 over the chunks, on tantivy. Derived from the database: it may be thrown away and rebuilt."""

import errno
import hashlib
import logging
import os
import shutil
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import tantivy
from tantivy import Occur, Query

from rag.errors import StoreCorrupt
from rag.lexical.analysis import record_terms
from rag.lexical.footers import faults
from rag.lexical.question import Question, Term, understand
from rag.stores.base import Where

logger = logging.getLogger(__name__)
_HEAP = 32_000_000
_HEADROOM = 1_000_000
"""Bytes: with fewer left on the disk, a write that failed has failed for that."""
_LANGUAGES = 16
"""Of the passages, the most frequent: a question's words are stemmed in each of them."""
_SPOKEN = 0.002
"""The share of passages in a language from which it counts: a table may be mistaken for anything."""
_FORMAT = 3
"""Raised when the schema or the analysis changes: an index of another format is not read but rebuilt."""


@dataclass(frozen=True, slots=True)
class LexicalRecord:
    id: str
    """ASCII; ``document:version:position``."""
    text: str
    """Title, headings and passage: everything that a question's words may match."""
    collection: str
    category: str

    @property
    def entry(self) -> "LexicalEntry":
        digest = hashlib.sha256(self.text.encode("utf-8", "replace")).hexdigest()[:32]
        return LexicalEntry(self.id, self.collection, self.category, digest)


@dataclass(frozen=True, slots=True)
class LexicalEntry:
    """What the index keeps of a record beside its terms, so that it can be compared with the database."""

    id: str
    collection: str
    category: str
    digest: str
    """Of the text; empty if the entry is not as it was written."""

    @property
    def seal(self) -> str:
        return f"{zlib.crc32('|'.join((self.id, self.collection, self.category, self.digest)).encode()):08x}"


@dataclass(frozen=True, slots=True)
class LexicalHit:
    id: str
    score: float
    """BM25 (k1 1.2, b 0.75) as a share of the most that this question's terms could reach, 0 to 1."""


class LexicalIndex:
    """Any number of threads and processes may query while one writes; writers are kept apart by the caller."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / f"lexical-{_FORMAT}"
        self._path = self.directory / "index"
        self._opening = threading.Lock()
        self._index: Any = None
        self._seen: tuple[int, int, int] | None = None

    @classmethod
    def from_settings(cls, config: Mapping[str, Any]) -> Self:
        return cls(config["INDEX_DIR"])

    def upsert(self, records: Sequence[LexicalRecord]) -> None:
        """Add the records; one with an id that is there already replaces it."""
        with self._writing() as writer:
            for record in records:
                writer.delete_documents_by_term("id", record.id)
                writer.add_document(_document(record))

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
        searcher = self._searcher()
        total = searcher.num_docs
        spoken = searcher.terms_with_prefix("language", "", limit=_LANGUAGES)
        return understand(
            text,
            languages=[language for language, count in spoken if count >= _SPOKEN * total],
            total=total,
            # Deleted documents count until their segment is merged, so it may be more than there are.
            frequency=lambda term: min(int(searcher.doc_freq("terms", term)), total),
            neighbours=(lambda term: searcher.terms_with_prefix("terms", term[: len(term) // 2])) if mend else None,
        )

    def query(self, question: Question | str, top_k: int, where: Where) -> list[LexicalHit]:
        """At most ``top_k`` chunks that share a term with the question, best first."""
        if not where.collections:
            return []
        if where.categories is None and self._holds_most(where):
            # To have tantivy filter takes three times as long as to leave out a few afterwards.
            hits = self._search(question, 2 * top_k, lambda schema: [], where.collections)
            if len(hits) >= top_k:
                return hits[:top_k]
        return self._search(question, top_k, lambda schema: _filters(schema, where))

    def _holds_most(self, where: Where) -> bool:
        searcher = self._searcher()
        inside = sum(int(searcher.doc_freq("collection", name)) for name in where.collections)
        return 2 * inside > int(searcher.num_docs)

    def scores(self, question: Question | str, ids: Sequence[str]) -> dict[str, float]:
        """The score of each of these chunks, as :meth:`query` would give it; 0 where no term is shared."""
        if not ids:
            return {}
        found = self._search(question, len(ids), lambda schema: [Query.term_set_query(schema, "id", list(ids))])
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
        return int(self._searcher().num_docs)

    def list_ids(self) -> Iterator[str]:
        """Every id, each once."""
        searcher = self._searcher()
        if searcher.num_docs:
            for _, address in searcher.search(Query.all_query(), limit=searcher.num_docs, count=False).hits:
                yield searcher.doc(address).get_first("id")

    def fetch(self, ids: Sequence[str]) -> list[LexicalEntry]:
        """The entries with these ids; one that the index holds twice, which should not be, comes twice."""
        searcher = self._searcher()
        if not ids or not searcher.num_docs:
            return []
        query = Query.term_set_query(self._index.schema, "id", list(ids))
        result = searcher.search(query, limit=len(ids), count=True)
        if result.count > len(ids):
            result = searcher.search(query, limit=result.count)
        return [_entry(searcher.doc(address)) for _, address in result.hits]

    def verify(self) -> list[str]:
        """Reads every byte and compares it with its checksum. One sentence for each fault; empty if all is well."""
        try:
            self._searcher()
        except StoreCorrupt as error:
            return [error.detail]
        return faults(self._path)

    def _search(
        self, question: Question | str, limit: int, filters: Any, collections: Set[str] | None = None
    ) -> list[LexicalHit]:
        searcher = self._searcher()
        asked = self.understand(question) if isinstance(question, str) else question
        if not asked.terms or not searcher.num_docs:
            return []
        schema = self._index.schema
        matching = Query.boolean_query([(Occur.Should, _any_form(schema, term)) for term in asked.terms])
        narrowed = [(Occur.Must, Query.const_score_query(query, 0.0)) for query in filters(schema)]
        query = Query.boolean_query([(Occur.Must, matching), *narrowed]) if narrowed else matching
        result = searcher.search(query, limit=limit, count=False)
        # A term that comes up again and again is worth at most k1 + 1 times its weight.
        most = 2.2 * asked.total
        hits = ((min(1.0, score / most), searcher.doc(address)) for score, address in result.hits)
        return [
            LexicalHit(document.get_first("id"), score)
            for score, document in hits
            if collections is None or document.get_first("collection") in collections
        ]

    def _searcher(self) -> Any:
        self._open()
        seen = self._identity()
        if seen is None or seen != self._seen:  # to reload takes as long as a search in a small index
            try:
                self._index.reload()
            except (OSError, ValueError):  # its files were taken away and perhaps made anew
                self._index = None
                self._open()
            self._seen = seen
        return self._index.searcher()

    def _identity(self) -> tuple[int, int, int] | None:
        """What changes with every commit, which replaces this file; None where it is not there."""
        try:
            status = (self._path / "meta.json").stat()
        except FileNotFoundError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    def _open(self) -> None:
        with self._opening:
            if self._index is None:
                self._path.mkdir(parents=True, exist_ok=True)
                try:
                    index = tantivy.Index(_schema(), path=str(self._path))
                except (OSError, ValueError) as error:
                    raise StoreCorrupt("The lexical index cannot be opened; rebuild_index makes it anew.") from error
                index.config_reader(reload_policy="manual")
                self._index = index

    @contextmanager
    def _writing(self) -> Iterator[Any]:
        """What is done within is written at its end, or not at all. Raises OSError, StoreCorrupt."""
        self._open()
        try:
            with self._index.writer(heap_size=_HEAP, num_threads=1) as writer:
                yield writer
        except ValueError as error:
            # Tantivy has one kind of error for a full disk, for a writer that is there already, and for damage.
            if "Lockfile" in str(error) or "LockBusy" in str(error):
                raise BlockingIOError(errno.EAGAIN, "The lexical index has another writer") from error
            if shutil.disk_usage(self._path).free < _HEADROOM:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
            raise StoreCorrupt("The lexical index cannot be written; rebuild_index makes it anew.") from error


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    for name in ("id", "collection", "category", "language"):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("digest", stored=True, indexed=False)
    builder.add_text_field("terms", stored=False, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


def _document(record: LexicalRecord) -> Any:
    entry = record.entry
    language, terms = record_terms(record.text)
    document = tantivy.Document(id=entry.id, collection=entry.collection, category=entry.category, language=language)
    document.add_bytes("digest", f"{entry.digest} {entry.seal}".encode())
    document.add_text("terms", " ".join(terms))
    return document


def _entry(document: Any) -> LexicalEntry:
    chunk, collection, category = (str(document.get_first(name) or "") for name in ("id", "collection", "category"))
    digest, _, seal = bytes(document.get_first("digest") or b"").decode("ascii", "replace").partition(" ")
    entry = LexicalEntry(chunk, collection, category, digest)
    return entry if entry.seal == seal else replace(entry, digest="")


def _filters(schema: Any, where: Where) -> list[Any]:
    filters = [Query.term_set_query(schema, "collection", sorted(where.collections))]
    if where.categories is not None:
        filters.append(Query.term_set_query(schema, "category", sorted(where.categories)))
    return filters


def _any_form(schema: Any, term: Term) -> Any:
    """A passage has a term in one form, of its own language; where it has two, the better one counts."""
    forms = [Query.term_query(schema, "terms", form) for form in term.forms]
    return forms[0] if len(forms) == 1 else Query.disjunction_max_query(forms)
