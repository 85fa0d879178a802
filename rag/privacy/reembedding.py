"""Passages embedded anew where the policy of their collection has changed."""

import logging
from collections.abc import Sequence

from documents.masking import chunks_rehash, collection_settle, collections_stale, maskings_of, versions_indexed
from documents.models import Chunk
from rag.boundaries import chosen, embedder, one_choice
from rag.vectors import chunk_embedding_text, space_ensure, text_hash, vectors_make, vectors_missing

logger = logging.getLogger(__name__)
_BATCH = 50
"""Versions at a time."""


def policies_apply() -> int:
    """Do what changes of policy have left to be done. Returns how many chunks were embedded anew.

    Two workers may do the same at once: the second finds it done. Raises ProviderError; what is done by then stays.
    """
    done = 0
    for collection in collections_stale():
        versions = versions_indexed(collection=collection)
        parts = [versions_refresh(versions=versions[n : n + _BATCH]) for n in range(0, len(versions), _BATCH)]
        done += sum(part or 0 for part in parts)
        if None not in parts:
            collection_settle(collection=collection)
            logger.info("The masking of the collection %s is in force.", collection.slug)
    return done


def versions_refresh(*, versions: Sequence[int]) -> int | None:
    """Have the chunks of these versions embedded as their policies say. Returns how many were not.

    None if a policy or the embedder was changed meanwhile: then it is to be done again. Raises ProviderError.
    """
    policies = maskings_of(versions)
    chunks = Chunk.objects.filter(version__in=list(policies)).select_related("version__document__collection")
    stored = list(chunks.defer("version__text"))
    texts = {chunk.pk: chunk_embedding_text(chunk) for chunk in stored}
    hashes = {key: text_hash(text) for key, text in texts.items()}
    changed = {chunk.pk: hashes[chunk.pk] for chunk in stored if bytes(chunk.embedding_hash) != hashes[chunk.pk]}
    if not changed:
        return 0
    with one_choice() as choice:
        if model := embedder():
            space = space_ensure(model)
            by_hash = {hashes[key]: texts[key] for key in changed}
            missing = vectors_missing(space=space, hashes=by_hash)
            if missing:
                vectors_make(space=space, embedder=model, texts={key: by_hash[key] for key in missing})
    if chosen() != choice or not chunks_rehash(hashes=changed, policies=policies):
        return None
    return len(changed)
