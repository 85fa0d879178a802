"""What of an index's hits may be shown: decided by the database, in one query for each question.

The query is written out. It is asked with every question, of some ninety chunks, and the ORM takes several times as
long to put it together and to make whole objects of each row as the database takes to answer it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection

from documents.gate import Preview
from documents.models import Category, Change, Chunk, Collection, Document, Version

# Each in the order of its model, as Model.from_db wants it.
_CHUNK = [field.attname for field in Chunk._meta.concrete_fields]
_VERSION = ["id", "document_id", "number", "title"]
_DOCUMENT = ["id", "collection_id", "category_id", "title", "source_uri"]
_ABOUT = 11
"""Columns of the query that come before the kind of change and the chunk."""
_PLACES = [
    _ABOUT + 1 + _CHUNK.index(name) for name in ("id", "version_id", "position", "text", "heading", "embedding_hash")
]
_COLLECTION = ["id", "name", "slug", "masking"]
_CATEGORY = ["id", "name"]
_QUERY = f"""
    SELECT v.number, v.title, v.document_id, d.title, d.source_uri, s.id, s.name, s.slug, s.masking, k.id, k.name, (
        SELECT x.kind FROM documents_change x
        WHERE x.document = v.document_id AND x.version = v.number AND x.revision <= %s
        ORDER BY x.revision DESC, x.id DESC LIMIT 1
    ), {", ".join(f'c."{name}"' for name in _CHUNK)}
    FROM documents_chunk c
    JOIN documents_version v ON v.id = c.version_id
    JOIN documents_document d ON d.id = v.document_id
    JOIN documents_collection s ON s.id = d.collection_id
    LEFT JOIN documents_category k ON k.id = d.category_id
    WHERE c.id
"""  # noqa: S608 - of names that are in this file and in the models


@dataclass(slots=True, eq=False)
class Passage:
    """What a search must know of a chunk, for some hundreds of them; the few that are shown become objects.

    Not frozen: to make a frozen one takes several times as long.
    """

    pk: str
    version_id: int
    position: int
    text: str
    heading: str
    embedding_hash: bytes
    title: str
    """Of the version."""
    category_id: int | None
    category: str
    """Its name; empty for none."""
    _row: Sequence[Any]
    _made: dict[object, Any]

    def chunk(self) -> Chunk:
        """With its version, document, collection and category, one object each however many chunks share them."""
        about, values = self._row[:_ABOUT], self._row[_ABOUT + 1 :]
        chunk: Chunk = _object(Chunk, _CHUNK, values)
        if chunk.version_id not in self._made:
            self._made[chunk.version_id] = _version(chunk.version_id, about, self._made)
        chunk.version = self._made[chunk.version_id]
        return chunk


def chunks_visible(
    *, ids: Iterable[str], collections: Iterable[UUID], revision: int, preview: Preview | None = None
) -> list[Chunk]:
    """:func:`passages_visible` as objects. Of versions and documents only what an answer shows has been read; their
    other fields are read when they are used.
    """
    found = passages_visible(ids=ids, collections=collections, revision=revision, preview=preview)
    return [passage.chunk() for passage in found]


def passages_visible(
    *, ids: Iterable[str], collections: Iterable[UUID], revision: int, preview: Preview | None = None
) -> list[Passage]:
    """Those of the chunks that were published at a revision and may be seen: whatever an index says is checked here.

    A document that has been deleted since is not there; one that has a newer version since is, as it was. A document
    in the preview is as it is there.
    """
    wanted, preview = list(ids), preview or {}
    # As the database gives them: SQLite has no type for a UUID.
    allowed = {form for key in collections for form in (key, key.hex)}
    seen_in = {form: number for key, number in preview.items() for form in (key, key.hex)}
    if not wanted:
        return []
    with connection.cursor() as cursor:
        # PostgreSQL takes all ids as one value; so many placeholders take the driver longer than the query itself.
        if connection.vendor == "postgresql":
            cursor.execute(f"{_QUERY} = ANY(%s)", [revision, wanted])
        else:
            cursor.execute(f"{_QUERY} IN ({', '.join(['%s'] * len(wanted))})", [revision, *wanted])
        rows = cursor.fetchall()
    made: dict[object, Any] = {}
    visible = []
    for row in rows:
        number, title, document, collection, kind = row[0], row[1], row[2], row[5], row[_ABOUT]
        seen = seen_in[document] == number if document in seen_in else kind == Change.Kind.PUBLISHED
        if seen and collection in allowed:
            key, version, position, text, heading, embedded = (row[place] for place in _PLACES)
            visible.append(
                Passage(key, version, position, text, heading, embedded, title, row[9], row[10] or "", row, made)
            )
    return visible


def _version(key: int, about: Sequence[Any], made: dict[object, Any]) -> Version:
    """With its document; collections and categories, which are few, are made once and kept in ``made``."""
    (
        number,
        title,
        document_id,
        document_title,
        source_uri,
        collection_id,
        name,
        slug,
        masking,
        category_id,
        category,
    ) = about
    document_id, collection_id = _uuid(document_id), _uuid(collection_id)
    version: Version = _object(Version, _VERSION, [key, document_id, number, title])
    document = _object(Document, _DOCUMENT, [document_id, collection_id, category_id, document_title, source_uri])
    if collection_id not in made:
        made[collection_id] = _object(Collection, _COLLECTION, [collection_id, name, slug, masking])
    document.collection = made[collection_id]
    if category_id is not None:
        label = ("category", category_id)
        if label not in made:
            made[label] = _object(Category, _CATEGORY, [category_id, category])
        document.category = made[label]
    version.document = document
    return version


def _object(model: type[Any], names: Sequence[str], values: Sequence[Any]) -> Any:
    return model.from_db(DEFAULT_DB_ALIAS, names, values)


def _uuid(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)  # SQLite has no type for it
