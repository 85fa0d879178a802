"""The two halves of a search, by meaning and by words: what each names, and what it says of given chunks."""

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from documents import selectors
from documents.gate import Preview
from documents.selectors import Passage
from rag.boundaries import lexical_index, vector_store
from rag.closer_look import titles
from rag.errors import ProviderError, StoreCorrupt
from rag.failing_fast import failing_fast
from rag.lexical.analysis import terms
from rag.lexical.estimating import shares_estimated
from rag.lexical.question import Question, understand
from rag.models import Space
from rag.stores.base import Where
from rag.vectors import vectors_get, vectors_of

logger = logging.getLogger(__name__)
_Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Meaning:
    """The vector of a question, in its space."""

    space: Space
    vector: _Vector


def question(text: str, *, mend: bool) -> Question:
    """The question as the index can be asked it; where that cannot be read, as if it were empty."""
    try:
        return lexical_index().understand(text, mend=mend)
    except StoreCorrupt as error:
        logger.error("%s", error)
        return understand(text, languages=(), total=0, frequency=lambda term: 0, neighbours=None)


def lexical(asked: Question, limit: int, where: Where) -> dict[str, float]:
    try:
        return {hit.id: hit.score for hit in lexical_index().query(asked, limit, where)}
    except StoreCorrupt as error:
        logger.error("%s", error)
        return {}


def lexical_scores(asked: Question, ids: Sequence[str]) -> dict[str, float]:
    with suppress(StoreCorrupt):  # it has been logged
        return lexical_index().scores(asked, ids)
    return {}


def lexical_estimated(text: str, passages: Sequence[Passage]) -> dict[str, float]:
    """Nearly what the index would say of passages that it does not hold."""
    found = {passage.pk: terms(f"{titles(passage)}\n{passage.text}") for passage in passages}
    return shares_estimated(found, lexical_index().weights_or_none(text))


def dense(meaning: Meaning, limit: int, where: Where, *, preview: Preview, strict: bool) -> dict[str, float]:
    """Relatedness of the nearest. Raises ProviderError if ``strict``."""
    store = vector_store()
    if store is None:
        return {}
    try:
        if store.shared and not strict:
            hits = failing_fast(f"store {store.space}", lambda: store.query(meaning.vector, limit, where))
        else:
            hits = store.query(meaning.vector, limit, where)
    except ProviderError as error:
        if strict:
            raise
        logger.warning("The vector store could not be asked: %s", error)
        return {}
    found = {hit.id: hit.score for hit in hits}
    if preview and store.shared:  # it takes a while until a service finds what it was given
        found |= _previewed(preview, meaning)
    return {key: meaning.space.relatedness(cosine) for key, cosine in found.items()}


def _previewed(preview: Preview, meaning: Meaning) -> dict[str, float]:
    """The cosine of every chunk of the versions in the preview, by the vectors that the database keeps."""
    chunks = selectors.chunks_previewed(preview)
    stored = vectors_get(space=meaning.space, hashes=[bytes(key) for key in chunks.values()])
    return {pk: float(stored[bytes(key)] @ meaning.vector) for pk, key in chunks.items() if bytes(key) in stored}


def vectors(meaning: Meaning, passages: Sequence[Passage]) -> dict[str, _Vector]:
    """The vectors that are kept of these passages."""
    hashes = {passage.pk: bytes(passage.embedding_hash) for passage in passages}
    return vectors_of(space=meaning.space, store=vector_store(), hashes=hashes)


def cosines(meaning: Meaning, found: Mapping[str, _Vector]) -> dict[str, float]:
    """Relatedness of the chunks with these vectors."""
    return {pk: meaning.space.relatedness(float(vector @ meaning.vector)) for pk, vector in found.items()}
