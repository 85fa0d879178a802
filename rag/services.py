"""What is done to the knowledge base from outside: texts and files handed in, a search's scope made."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import UploadedFile

from documents import selectors, services
from documents.errors import FileTooLarge
from documents.gate import Preview
from documents.loading import MAX_FILE, check
from documents.models import Collection
from documents.services import Submission, Submitted
from rag.retrieval import Scope
from users.models import User
from utils.errors import InvalidInput, PermissionDenied


def text_submit(
    *,
    author: User,
    title: str,
    content: str,
    category: str = "",
    collection: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    source_uri: str = "",
    note: str = "",
    publish: bool = True,
) -> Submitted:
    """Hand in a text. Raises InvalidInput, NotFound for the collection, LoadError if there is no text in it."""
    submission = Submission(
        data=content.encode("utf-8", "replace"),
        file_name=f"{title[:200]}.md",
        source_uri=source_uri or title,
        title=title,
        category=category,
        metadata=metadata or {},
        note=note,
        publish=publish,
    )
    return _submit([submission], collection, author)


def files_submit(
    *,
    author: User,
    file: Sequence["UploadedFile[bytes]"],
    category: str = "",
    collection: str | None = None,
    title: str = "",
    source_uri: str = "",
    note: str = "",
    publish: bool = True,
) -> Submitted:
    """Hand in files. All of them are refused if one is of no known type: LoadError says which."""
    if any((upload.size or 0) > MAX_FILE for upload in file):
        raise FileTooLarge(f"A file is larger than {MAX_FILE // 1_000_000} MB.")
    names = [upload.name or "" for upload in file]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidInput(f"Two files are named {twice[0]!r}.", errors={"file": ["The names must differ."]})
    submissions = [
        Submission(
            data=upload.read(),
            file_name=name,
            source_uri=source_uri or name,
            title=title,
            category=category,
            note=note,
            publish=publish,
        )
        for upload, name in zip(file, names, strict=True)
    ]
    return _submit(submissions, collection, author)


def scope_for(*, asker: User | AnonymousUser, collection: str | None = None, category: str | None = None) -> Scope:
    """What the asker may see, narrowed to a collection or category. What may not be seen is as if it were not there."""
    if collection:
        named = selectors.collections_visible(asker).filter(slug=collection)
        found = frozenset(named.values_list("pk", flat=True))
    else:
        found = selectors.collection_ids_visible(asker)
    if not category:
        return Scope(found)
    return Scope(found, frozenset(selectors.categories_named(category).values_list("pk", flat=True)))


def drafts_for(*, asker: User | AnonymousUser) -> Preview:
    """The knowledge base with every draft published. Raises PermissionDenied for who is no editor."""
    if not isinstance(asker, User) or not asker.is_editor:
        raise PermissionDenied("Drafts are for content editors.")
    return selectors.drafts()


def _submit(submissions: Sequence[Submission], collection: str | None, author: User) -> Submitted:
    for submission in submissions:
        check(submission.data, submission.file_name)
    into: Collection | None = selectors.collection_get(slug=collection) if collection else None
    return services.documents_submit(submissions=submissions, collection=into, author=author)
