"""Whether a sentence turns another one round: by a negation, an opposite, or by who does what to whom.

Cues are English. In other languages nothing is found here, and numbers, names and words in common decide alone.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from rag.lexical.analysis import terms
from rag.support.language import english

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|[.,;:()]")
_NEGATIONS = frozenset("not no never none nobody nothing neither nor without cannot cant".split())
_RESUMES = frozenset(", ; : ( ) . but however although unless except only".split())
"""Where the reach of a negation ends at the latest."""
_SKIPPED = frozenset("else longer yet even necessarily always still any more most far".split())
_LIMITS = frozenset("than exceed exceeds exceeding exceeded".split())
"""Not more than ten is no negation but a limit."""
_LIMIT_REACH = 4

_OPPOSITES = """
    open/close allow/forbid allow/prohibit permit/forbid permit/prohibit before/after more/less more/fewer most/least
    maximum/minimum increase/decrease rise/fall rose/fell always/never first/last include/exclude enable/disable
    accept/reject mandatory/optional required/optional free/paid public/private internal/external buy/sell bought/sold
    hot/cold high/low higher/lower highest/lowest larger/smaller largest/smallest earlier/later early/late above/below
    over/under inside/outside north/south east/west northern/southern eastern/western left/right male/female win/lose
    won/lost success/failure add/remove start/stop begin/end began/ended with/without everyone/nobody all/none
    same/different possible/impossible valid/invalid safe/unsafe warm/cool wet/dry old/new older/newer oldest/newest
    upper/lower top/bottom daily/weekly weekly/monthly daily/monthly monthly/yearly monthly/annually weekly/annually
    morning/evening import/export forbidden/allowed forbidden/permitted
"""


def _stem(word: str) -> str:
    return (terms(word) or [word])[0]


def _opposites() -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one, other in (pair.split("/") for pair in _OPPOSITES.split()):
        found.setdefault(_stem(one), set()).add(_stem(other))
        found.setdefault(_stem(other), set()).add(_stem(one))
    return found


_OPPOSITE = _opposites()
_PASSIVE = re.compile(r"\b(?:is|are|was|were|be|been|being)\s+(?:not\s+|\w+ly\s+)?\w+(?:ed|en|wn|pt|nt|ld|de)\b", re.I)


def _words(text: str) -> list[str]:
    return [word.replace("’", "'") for word in _WORD.findall(text.lower())]


def _heads(words: Sequence[str]) -> set[str]:
    """The terms that a negation stands before: ``paid`` in "they are not paid by us"."""
    found: set[str] = set()
    for place, word in enumerate(words):
        if word not in _NEGATIONS and not word.endswith("n't"):
            continue
        for following in words[place + 1 :]:
            if following in _RESUMES or _LIMITS & set(words[place + 1 : place + 1 + _LIMIT_REACH]):
                break
            if following not in _SKIPPED and not following.endswith("ly") and (stems := terms(following)):
                found.update(stems)
                break
    return found


def contradicts(claim: str, sentence: str) -> bool:
    """Whether the claim negates what the sentence affirms, the other way round, or says the opposite."""
    ours, theirs = _words(claim), _words(sentence)
    negated_here, negated_there = _heads(ours), _heads(theirs)
    said_here, said_there = set(terms(claim)), set(terms(sentence))
    turned = (negated_here & said_there) - negated_there | (negated_there & said_here) - negated_here
    return bool(turned) or _opposed(ours, theirs)


def _opposed(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    here, there = set(map(_stem, ours)), set(map(_stem, theirs))
    return any(_OPPOSITE[word] & there - here for word in here - there if word in _OPPOSITE)


def swaps_roles(claim: str, sentence: str) -> bool:
    """Whether the claim has things the other way round, or another thing of the sentence in the subject's place.

    "Cats chase dogs" and "Dogs chase cats"; a passive that only one of them has turns the order once more.
    """
    ours, theirs = ([term for term in terms(text) if term not in _MODAL] for text in (claim, sentence))
    if not english(f"{claim} {sentence}") or bool(_PASSIVE.search(claim)) != bool(_PASSIVE.search(sentence)):
        return False
    # A term that comes up twice has no one place, and a number may stand anywhere.
    row = [theirs.index(term) for term in ours if theirs.count(term) == ours.count(term) == 1 and not term.isdigit()]
    return _reversed(row) or _subject_taken(ours, theirs, row) or _misdirected(claim, sentence)


def _reversed(row: Sequence[int]) -> bool:
    return any(
        first > middle > last and first - last <= _NEAR
        for at, middle in enumerate(row)
        for first in row[:at]
        for last in row[at + 1 :]
    )


def _subject_taken(ours: Sequence[str], theirs: Sequence[str], row: Sequence[int]) -> bool:
    if len(row) < 4 or len(row) < len(ours):
        return False
    subject, begin, *rest = row
    in_order = all(a < b for a, b in pairwise([begin, *rest]))
    return in_order and subject > begin > 0 and theirs[begin - 1] not in ours


def _misdirected(claim: str, sentence: str) -> bool:
    """Whether what the claim goes to, into or from stands in the sentence, but in another place than there."""
    inside = set(terms(sentence))
    here, there = _directions(claim), _directions(sentence)
    return any(
        first in inside and all(first not in other and other[0] not in goal for other in there[way])
        for way, goals in here.items()
        if way in there
        for goal in goals
        for first in goal[:1]
    )


def _directions(text: str) -> dict[str, list[list[str]]]:
    """For each preposition of direction the two terms behind it, at each place."""
    found: dict[str, list[list[str]]] = {}
    every = _words(text)
    for place, word in enumerate(every):
        if word == "to" and every[place + 1 : place + 2] and every[place + 1] not in _DETERMINERS:
            continue  # "to apply it"
        if word in _WAYS and (goal := terms(" ".join(every[place + 1 : place + 6]))[:2]):
            found.setdefault(word, []).append(goal)
    return found


_DETERMINERS = frozenset("the a an its their his her your our this that these those each every".split())
_WAYS = frozenset(("to", "into", "from"))
_MODAL = frozenset(terms("must may might shall need"))
_NEAR = 8
"""Terms of the sentence within which what is reversed must stand."""
