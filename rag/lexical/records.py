"""What the lexical index holds of a passage: its terms, and what is compared with the database."""

import hashlib
import zlib
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import tantivy

from rag.lexical.analysis import record_terms

FORMAT = 4
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


@cache
def schema() -> Any:
    builder = tantivy.SchemaBuilder()
    for name in ("id", "collection", "category", "language"):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("key", stored=False, indexed=False, fast=True)
    builder.add_bytes_field("digest", stored=True, indexed=False)
    builder.add_text_field("terms", stored=False, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


def document_of(record: LexicalRecord) -> Any:
    entry = record.entry
    language, terms = record_terms(record.text)
    document = tantivy.Document(id=entry.id, collection=entry.collection, category=entry.category, language=language)
    document.add_unsigned("key", key_of(entry.id, entry.collection))
    document.add_bytes("digest", f"{entry.digest} {entry.seal}".encode())
    document.add_text("terms", " ".join(terms))
    return document


def key_of(chunk: str, collection: str) -> int:
    """Stands for an id and its collection; 64 bits, so that of ten million no two are the same."""
    return int.from_bytes(hashlib.blake2b(f"{chunk}|{collection}".encode(), digest_size=8).digest())


def entry_of(document: Any) -> LexicalEntry:
    chunk, collection, category = (str(document.get_first(name) or "") for name in ("id", "collection", "category"))
    digest, _, seal = bytes(document.get_first("digest") or b"").decode("ascii", "replace").partition(" ")
    entry = LexicalEntry(chunk, collection, category, digest)
    return entry if entry.seal == seal else replace(entry, digest="")
