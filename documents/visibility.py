"""What of an index's hits may be shown: decided by the database, in one query for each question.

The query is written out. It is asked with every question, of some ninety chunks, and the ORM takes several times as
long to put it together and to make whole objects of each row as the database takes to answer it.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection

from documents.gate import Preview
from documents.models import Category, Change, Chunk, Collection, Document, Version

# Each in the order of its model, as Model.from_db wants it.
_CHUNK = [field.attname for field in Chunk._meta.concrete_fields]
_VERSION = ["id", "document_id", "number", "title"]
_DOCUMENT = ["id", "collection_id", "category_id", "title", "source_uri"]
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
    WHERE c.id IN
"""  # noqa: S608 - of names that are in this file and in the models


def chunks_visible(
    *, ids: Iterable[str], collections: Iterable[UUID], revision: int, preview: Preview | None = None
) -> list[Chunk]:
    """Those of the chunks that were published at a revision and may be seen: whatever an index says is checked here.

    A document that has been deleted since is not there; one that has a newer version since is, as it was. A document
    in the preview is as it is there. Of versions and documents only what an answer shows has been read; their other
    fields are read when they are used.
    """
    wanted, allowed, preview = list(ids), set(collections), preview or {}
    if not wanted:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"{_QUERY} ({', '.join(['%s'] * len(wanted))})", [revision, *wanted])
        rows = cursor.fetchall()
    made: dict[object, Any] = {}
    visible = []
    for row in rows:
        about, kind, values = row[:11], row[11], row[12:]
        number, document, collection = about[0], _uuid(about[2]), _uuid(about[5])
        seen = preview[document] == number if document in preview else kind == Change.Kind.PUBLISHED
        if seen and collection in allowed:
            chunk = _object(Chunk, _CHUNK, values)
            if chunk.version_id not in made:
                made[chunk.version_id] = _version(chunk.version_id, document, collection, about, made)
            chunk.version = made[chunk.version_id]
            visible.append(chunk)
    return visible


def _version(
    key: int, document_id: UUID, collection_id: UUID, about: Sequence[Any], made: dict[object, Any]
) -> Version:
    """With its document; collections and categories, which are few, are made once and kept in ``made``."""
    number, title, _, document_title, source_uri, _, name, slug, masking, category_id, category = about
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
