"""What a question means within its conversation.

A language model is asked where there is one, and only if the question may lean on what was said. Without one, or where
it fails, rules make a candidate, which is then weighed against the question as it was sent: both are searched for, and
the one that finds more wins. So a new subject is not drowned in the old one, whatever the rules make of its words.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.boundaries import lexical_index
from rag.errors import StoreCorrupt
from rag.followups import model
from rag.followups.leaning import asks_for_more, is_chitchat, leans, may_lean, parts
from rag.followups.rewriting import Weight, rewritten
from rag.generators.base import Turn
from rag.lexical.analysis import terms
from rag.retrieval import Found

_OWN = 0.2
"""What it is worth, in units of the score, that the best passage holds the words that are new in the question.

Without it, a question that repeats all of the one before would find the same passage again and score as high.
"""


@dataclass(frozen=True, slots=True)
class Asked:
    question: str
    """The one that was searched for and is to be answered."""
    found: Found


def standalone(*, question: str, history: Sequence[Turn], find: Callable[[str], Found]) -> Asked:
    """The question as it is to be understood after ``history``, with what ``find``, the search, finds for it.

    Searches once, or twice if the question may lean on the history. Raises what ``find`` raises.
    """
    if not history or is_chitchat(question) or not may_lean(question):
        return Asked(question, find(question))
    weight = _weight()
    before = subject_before(history, weight)
    if not before:
        return Asked(question, find(question))
    said = model.rewritten(question, history)
    if said:
        return Asked(said, find(said))
    part = parts(question)
    # "And" weighs on a whole question, and takes from the weight of a fragment, whose one word would score too well.
    sent = question if part.fragment else part.text
    meant = rewritten(question, before, weight)
    options = dict.fromkeys([meant] if asks_for_more(question) else [sent, meant])
    return max((Asked(text, find(text)) for text in options), key=lambda asked: _worth(asked.found, part.text))


def subject_before(history: Sequence[Turn], weight: Weight = lambda _: 1.0) -> str:
    """What the conversation is about: its last question as it was meant; empty where nothing was asked.

    A question may have been found best as it was sent, and mean all the same what the rules make of it. One that names
    nothing has the heading of what it was answered from.
    """
    before = ""
    for place, turn in enumerate(history):
        if turn.role != "user" or is_chitchat(turn.content):
            continue
        said = turn.meant or turn.content
        whole = not leans(turn.content) or said not in (turn.content, parts(turn.content).text)
        before = said if whole or not before else rewritten(said, before, weight)
        if not terms(before):
            cited = next((later.sources[0] for later in history[place + 1 : place + 2] if later.sources), "")
            before = f"{before} ({cited.rpartition(' > ')[2]})" if cited else before
    return before


def _worth(found: Found, new: str) -> float:
    if not found.hits:
        return 0.0
    best = found.hits[0]
    weights = lexical_index().weights_or_none(new)
    inside = set(terms("\n".join((best.chunk.version.title, best.chunk.heading, best.chunk.text))))
    held = sum(weight for term, weight in weights.items() if term in inside)
    return best.comparable + _OWN * (held / sum(weights.values()) if weights else 1.0)


def _weight() -> Weight:
    """How rare the rarest term of a phrase is in the knowledge base, 0 (in every passage) to 1 (in none)."""
    index = lexical_index()
    try:
        most = math.log(1 + (index.count() + 0.5) / 0.5)
    except StoreCorrupt:
        return lambda _: 1.0
    return lambda phrase: max(index.weights_or_none(phrase).values(), default=0.0) / most
