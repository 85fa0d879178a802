"""The vectors of questions, embedded once in a while: people ask the same, and pages ask for them again."""

import base64
from collections.abc import Sequence

import numpy as np
from django.conf import settings

from rag.embedders.base import Embedder, Vectors
from rag.failing_fast import failing_fast
from rag.privacy.policy import question_worded
from utils import metrics
from utils.remembering import key_of, recall, remember

_STORED = np.dtype("<f4")
_TIMEOUT = 30.0


def questions_embed(
    *, model: Embedder, questions: Sequence[str], timeout: float = _TIMEOUT, waited_for: bool = False
) -> Vectors:
    """Shape (len(questions), dimensions); every row has length 1. Raises ProviderError.

    ``waited_for``: somebody waits for the answer, so an embedder that keeps failing is not asked.
    """

    def embedded(texts: Sequence[str]) -> Vectors:
        def call() -> Vectors:
            return model.embed(texts, "query", timeout=timeout)

        return failing_fast(model.name, call) if waited_for and not model.local else call()

    if not model.local:
        questions = [question_worded(question) for question in questions]  # so that keys are of what is embedded
    seconds = int(settings.RAG["QUERY_CACHE_SECONDS"])
    if not seconds:
        return embedded(questions)
    keys = [key_of("question", model.name, question) for question in questions]
    known = {key: vector for key, text in recall(keys).items() if (vector := _read(text, model)) is not None}
    missing = {key: question for key, question in zip(keys, questions, strict=True) if key not in known}
    metrics.cache_lookups.labels("question vectors", "hit").inc(len(keys) - len(missing))
    metrics.cache_lookups.labels("question vectors", "miss").inc(len(missing))
    if missing:
        made = embedded(list(missing.values()))
        known |= dict(zip(missing, made, strict=True))
        told = {key: base64.b64encode(known[key].astype(_STORED).tobytes()).decode() for key in missing}
        remember(told, seconds=seconds)
    return np.stack([known[key] for key in keys]) if keys else np.empty((0, model.dimensions), dtype=np.float32)


def _read(text: object, model: Embedder) -> Vectors | None:
    try:
        vector = np.frombuffer(base64.b64decode(str(text), validate=True), dtype=_STORED).astype(np.float32)
    except ValueError:
        return None
    return vector if vector.shape == (model.dimensions,) else None
