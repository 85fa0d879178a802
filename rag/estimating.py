"""What it will take to embed the knowledge base with another embedder."""

import time
from dataclasses import dataclass

from documents import selectors
from rag.boundaries import Choice, embedder, one_choice
from rag.vectors import chunk_embedding_text, space_ensure, text_hash, vectors_make, vectors_missing
from utils.errors import InvalidInput

_BATCH = 512
_SAMPLE = 64


@dataclass(frozen=True, slots=True)
class Estimate:
    passages: int
    texts: int
    """Different ones that have no vector in the space yet."""
    tokens: int
    calls: int
    cost: float | None
    """US dollars; None where the price is not known."""
    price_date: str
    seconds: float
    """At the rate that was measured with the first texts."""


def reembed_estimate(*, to: Choice) -> Estimate:
    """Embeds up to 64 of the texts to measure the rate, and keeps their vectors. Raises ProviderError."""
    with one_choice(to):
        model = embedder()
    if model is None:
        raise InvalidInput("There is no embedder.")
    space = space_ensure(model)
    passages = texts = tokens = calls = 0
    rate, last, seen = 0.0, "", set[bytes]()
    while chunks := list(selectors.chunks_after(last=last)[:_BATCH]):
        last = chunks[-1].pk
        passages += len(chunks)
        wanted = {text_hash(text): text for text in map(chunk_embedding_text, chunks)}
        missing = vectors_missing(space=space, hashes=wanted) - seen
        seen |= missing
        new = {key: wanted[key] for key in sorted(missing)}
        if not new:
            continue
        counts = dict(zip(new, model.count_tokens(list(new.values())), strict=True))
        if not texts:
            sample = {key: new[key] for key in list(new)[:_SAMPLE]}
            model.embed(list(sample.values())[:1], "document")  # the first call also connects, or loads the model
            started = time.perf_counter()
            vectors_make(space=space, embedder=model, texts=sample)
            rate = (time.perf_counter() - started) / sum(counts[key] for key in sample)
        texts += len(new)
        tokens += sum(min(count, model.max_tokens) for count in counts.values())
        calls += model.calls(list(new.values()))
    cost = None if model.price is None else model.price * tokens / 1_000_000
    return Estimate(passages, texts, tokens, calls, cost, model.price_date, rate * tokens)
