"""The stages of a search, each of which can be left out: to measure what it is worth."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stages:
    """All are on by default. What they do is in docs/retrieval.md."""

    lexical: bool = True
    dense: bool = True
    scores: bool = True
    """Fuse the halves by their scores; without it by their ranks, as most do."""
    closer_look: bool = True
    """Read the best passages, and compare them with one another."""
    phrases: bool = True
    """Quoted phrases and what is written like code."""
    typos: bool = True
    metadata: bool = True
    """Names and numbers of the question in title and category."""
    diversity: bool = True
    """Put what says the same as a better hit behind the others."""
    languages: bool = True
    """Leave out vectors where the embedder does not know the language."""
    reranker: bool = True
    """Ask the reranker, where one is configured."""


ALL = Stages()
