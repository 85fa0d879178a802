"""Questions made from the knowledge base's own passages, for a calibration: no model, nothing to pay for.

A made question has some of the words of one sentence, as a question has that is put in other words than its answer.
"""

import hashlib
import heapq
import random
from collections.abc import Iterator
from itertools import islice

from documents.models import Chunk
from documents.sentences import sentences
from rag.lexical.analysis import STOP_WORDS, words

_FEWEST, _MOST = 5, 14
"""Words, without stop words, of a sentence that a question is made from."""
_KEPT = 0.65
"""Share of them that the question has: so many that it is found about as well as what people ask."""


def questions_make(most: int) -> Iterator[str]:
    """At most one question a passage, the same ones as long as the passages are the same."""
    made = (_question(chunk) for chunk in _sampled(2 * most))
    return islice(filter(None, made), most)


def _sampled(most: int) -> list[Chunk]:
    """Published chunks, drawn by the hash of their id, so that one that stays is drawn again."""
    keys = Chunk.objects.filter(version__published_in__isnull=False).values_list("id", flat=True)
    drawn = heapq.nsmallest(most, keys.iterator(), key=lambda key: hashlib.sha256(key.encode()).digest())
    found = Chunk.objects.select_related("version").defer("version__text").in_bulk(drawn)
    return [found[key] for key in drawn if key in found]


def _question(chunk: Chunk) -> str:
    """Empty where no sentence will do."""
    chance = random.Random(chunk.pk)  # noqa: S311 - nothing secret
    told = [chunk.text[start:end] for start, end in sentences(chunk.text)]
    chance.shuffle(told)
    for sentence in told:
        said = [word for word in sentence.split() if not STOP_WORDS.issuperset(words(word))]
        if _FEWEST <= len(said) <= _MOST:
            kept = sorted(chance.sample(range(len(said)), max(3, round(_KEPT * len(said)))))
            return " ".join(said[place].strip(".,;:()\"'") for place in kept)
    return ""
