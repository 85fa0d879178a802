"""The checker that needs nobody: numbers, names and negations must agree, and words or meaning must be near."""

import logging
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Self

import numpy as np

from documents.sentences import sentences
from rag.boundaries import embedder, lexical_index
from rag.errors import ProviderError
from rag.lexical.analysis import terms, words
from rag.support.base import Claim, Reason, SupportChecker, Verdict
from rag.support.facts import name_fault, number_fault
from rag.support.language import comparable
from rag.support.polarity import contradicts, swaps_roles

logger = logging.getLogger(__name__)
THRESHOLD = 0.45
"""The least score of a claim that is supported; docs/citations.md has what it was set by."""
WITHOUT_MEANING = 0.4
"""The same where there is no sentence model and words decide alone."""
_OVERLAP = 0.6
"""Weight of the words in common; the rest is the cosine's."""
_NEAREST = 3
"""Sentences of the passages that a claim is compared with."""
_AS_NEAR = 0.8
"""Share of the best sentence's weight from which another one counts as being as near."""


class LocalSupportChecker(SupportChecker):
    name = "local"

    @classmethod
    def from_settings(cls, config: Mapping[str, Any]) -> Self:
        return cls()

    def check(self, claims: Sequence[Claim], *, timeout: float) -> list[Verdict]:
        compared = [_Compared(claim) for claim in claims]
        cosines = _cosines([pair for one in compared if one.open for pair in one.pairs])
        return [one.verdict(cosines) for one in compared]


Pair = tuple[str, str]


@dataclass
class _Compared:
    """A claim beside the sentences of its passages that share most with it."""

    claim: Claim

    @property
    def open(self) -> bool:
        """Whether the meaning must be asked."""
        return bool(self.claim.passages) and not self._quoted and not self._fault and not self._foreign

    @property
    def pairs(self) -> list[Pair]:
        """What the claim's meaning is compared with: the nearest sentences, each alone and all together."""
        near = self._near
        return [(self.claim.text, text) for text in dict.fromkeys([*near, " ".join(near)]) if text]

    def verdict(self, cosines: Mapping[Pair, float]) -> Verdict:
        if not self.claim.passages:
            return Verdict(False, 0.0, "no_passage")
        if self._quoted:
            return Verdict(True, 1.0)
        if self._fault:
            return Verdict(False, 0.0, self._fault)
        if self._foreign:
            return Verdict(True, 0.5)
        nearest = max((cosines[pair] for pair in self.pairs if pair in cosines), default=None)
        if nearest is None:
            score, least = self._overlap, WITHOUT_MEANING
        else:
            score, least = _OVERLAP * self._overlap + (1 - _OVERLAP) * nearest, THRESHOLD
        return Verdict(score >= least, round(score, 4), "" if score >= least else "not_said")

    @cached_property
    def _text(self) -> str:
        return "\n\n".join(self.claim.passages)

    @cached_property
    def _quoted(self) -> bool:
        quoted = _flat(self.claim.text)
        return bool(quoted) and quoted in _flat(self._text)

    @cached_property
    def _foreign(self) -> bool:
        """Whether the words cannot be compared: then numbers and names alone decide."""
        return not comparable(self.claim.text, self._text)

    @cached_property
    def _weights(self) -> dict[str, float]:
        found = lexical_index().weights_or_none(self.claim.text)
        return {term: 1 + found.get(term, 0.0) for term in terms(self.claim.text)}

    @cached_property
    def _held(self) -> list[tuple[str, float]]:
        """The sentences of the passages with the weight of the claim's terms in each, most first."""
        held = [(text, _weight(self._weights, inside)) for text, inside in self._sentences]
        return sorted((entry for entry in held if entry[1] > 0), key=lambda entry: -entry[1])

    @cached_property
    def _near(self) -> list[str]:
        """The sentences that hold most of the claim between them, in the order of what each adds."""
        chosen: list[str] = []
        left, rest = dict(self._weights), list(self._sentences)
        while rest and left and len(chosen) < _NEAREST:
            text, inside = best = max(rest, key=lambda entry: _weight(left, entry[1]))
            if left.keys().isdisjoint(inside):
                break
            chosen.append(text)
            rest.remove(best)
            left = {term: weight for term, weight in left.items() if term not in inside}
        return chosen

    @cached_property
    def _sentences(self) -> Sequence[tuple[str, frozenset[str]]]:
        return [entry for passage in self.claim.passages for entry in _sentences_of(passage)]

    @cached_property
    def _overlap(self) -> float:
        total = sum(self._weights.values())
        return _weight(self._weights, set(terms(" ".join(self._near)))) / total if total else 1.0

    @cached_property
    def _fault(self) -> Reason:
        claim = self.claim.text
        if number_fault(claim, self._text, self._near[0] if self._near else ""):
            return "number"
        if name_fault(claim, self._text):
            return "name"
        # Where several sentences are as near, one that agrees is enough.
        near = [text for text, held in self._held if held >= _AS_NEAR * self._held[0][1]]
        if near and all(contradicts(claim, text) for text in near):
            return "negation"
        if near and all(swaps_roles(claim, text) for text in near):
            return "roles"
        return ""


def _weight(weights: Mapping[str, float], inside: Container[str]) -> float:
    return sum(weight for term, weight in weights.items() if term in inside)


@lru_cache(maxsize=256)
def _sentences_of(passage: str) -> Sequence[tuple[str, frozenset[str]]]:
    """With the terms of each. An answer's sentences are compared with the same few passages."""
    return [(text, frozenset(terms(text))) for text in (passage[start:end] for start, end in sentences(passage))]


def _flat(text: str) -> str:
    return " ".join(words(text))


def _cosines(pairs: Sequence[Pair]) -> dict[Pair, float]:
    """The cosine of each pair by the sentence model of this machine; nothing where there is none."""
    model = embedder()
    if model is None or not model.local or not pairs:
        return {}
    texts = list(dict.fromkeys(text for pair in pairs for text in pair))
    try:
        vectors = dict(zip(texts, model.embed(texts, "document"), strict=True))
    except ProviderError as error:
        logger.warning("Sentences could not be compared by their meaning: %s", error)
        return {}
    return {pair: float(np.dot(vectors[pair[0]], vectors[pair[1]])) for pair in pairs}
