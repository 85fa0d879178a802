"""What the result of a search says about whether it holds an answer, as a few numbers that mean the same everywhere.

They are absolute scores and shares. Where the size of the knowledge base matters it is taken into account: among more
passages more words meet by chance.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rag.lexical.analysis import STOP_WORDS, terms

if TYPE_CHECKING:
    from rag.retrieval import Hit

DEPTH = 10
"""Hits that are looked at."""
READ = 3
"""Of these the best are read."""
WINDOW = 12
"""Terms: about a sentence."""
SMALLEST = 1000
"""Passages."""
_WORD = re.compile(r"[^\W_][\w'’-]*")

_MOST_EVIDENCE = 4.0

NAMES = (
    "score", "cosine", "lexical", "cosine_mean", "lexical_of_meaning", "covered", "heading",
    "window", "evidence", "missing", "rarity", "named", "names", "titles", "spread", "terms",
    "score_missing", "evidence_titles",
)  # fmt: skip
"""The numbers of :func:`features`, in their order."""


def features(
    question: str, hits: "Sequence[Hit]", weights: Mapping[str, float], passages: int
) -> npt.NDArray[np.float64]:
    """The numbers that NAMES names, for hits that come best first.

    ``weights`` holds the idf of each term of the question, ``passages`` is how many the index holds.

    =======================  =========================================================================
    score, cosine, lexical   of the best hit, the score such that it compares with another question's
    cosine_mean              over the hits that are looked at
    lexical_of_meaning       of the hit that is nearest by meaning: high where both halves agree
    covered, heading         share of the question's idf in the best hit; in its title and headings
    window                   share of it that stands within WINDOW terms of a hit that is read
    evidence                 idf within WINDOW terms, in units of a term that one passage has: about how
                             many such terms would have to meet there by chance
    missing                  idf outside the window, in the same units, as ln(1 + x)
    named, names             1 where the question has names or numbers; the share of them in the best hit
    rarity                   mean idf of the question's terms, in the same units
    titles, spread           share of the next four hits that have the best one's title; how many titles
                             there are among all, as a share
    terms                    ln(1 + how many terms the question has)
    score_missing            score × missing: what is said in other words needs a better score
    evidence_titles          evidence × titles: words that meet by chance meet in any document
    =======================  =========================================================================
    """
    near = hits[:DEPTH]
    if not near:
        return np.zeros(len(NAMES))
    best = near[0]
    # idf is ln((passages + 1) / (passages with the term + 0.5)). Among a few passages it tells little: they are taken
    # for some of SMALLEST, of which the others have none of the terms.
    size = max(passages, SMALLEST)
    weights = {term: weight + math.log((size + 1) / (passages + 1)) for term, weight in weights.items()}
    unit = math.log(2 * size + 2)  # the idf of a term that no passage has
    total = sum(weights.values())
    read = [terms("\n".join((hit.chunk.version.title, hit.chunk.heading, hit.chunk.text))) for hit in near[:READ]]
    first = set(read[0])
    covered = sum(weight for term, weight in weights.items() if term in first) / total if total else 0.0
    window = max(_window(passage, weights) for passage in read)
    named = names(question)
    above = set(terms(f"{best.chunk.version.title}\n{best.chunk.heading}"))
    titles = [hit.chunk.version.title for hit in near]
    found = {
        "score": best.comparable,
        "cosine": best.cosine,
        "lexical": best.lexical,
        "cosine_mean": sum(hit.cosine for hit in near) / len(near),
        "lexical_of_meaning": max(near, key=lambda hit: hit.cosine).lexical,
        "covered": covered,
        "heading": sum(weight for term, weight in weights.items() if term in above) / total if total else 0.0,
        "window": window / total if total else 0.0,
        "evidence": min(window / unit, _MOST_EVIDENCE),
        "missing": math.log1p((total - window) / unit),
        "rarity": total / unit / len(weights) if weights else 0.0,
        "named": float(bool(named)),
        "names": sum(name in first for name in named) / len(named) if named else 0.0,
        "titles": sum(title == titles[0] for title in titles[1:5]) / max(1, len(titles[1:5])),
        "spread": len(set(titles)) / len(titles),
        "terms": math.log1p(len(weights)),
    }
    found["score_missing"] = found["score"] * found["missing"]
    found["evidence_titles"] = found["evidence"] * found["titles"]
    return np.array([found[name] for name in NAMES])


def names(question: str) -> set[str]:
    """The terms of words that have a digit, or a capital letter though they do not begin the question."""
    words = [match.group() for match in _WORD.finditer(question)]
    told = [
        word
        for place, word in enumerate(words)
        if word.lower() not in STOP_WORDS and (any(map(str.isdigit, word)) or (place and word[0].isupper()))
    ]
    return set(terms(" ".join(told)))


def _window(passage: Sequence[str], weights: Mapping[str, float]) -> float:
    """The most of the question's idf that a run of WINDOW terms holds."""
    places = [(place, term) for place, term in enumerate(passage) if term in weights]
    return max(
        (
            sum(
                weights[term]
                for term in {term for other, term in places[start : start + WINDOW] if other < place + WINDOW}
            )
            for start, (place, _) in enumerate(places)
        ),
        default=0.0,
    )
