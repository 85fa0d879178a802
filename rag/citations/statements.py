"""An answer as statements: its sentences, each with the markers that belong to it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from documents.sentences import ITEM, sentences
from rag.citations.markers import markers_in, without_markers
from rag.lexical.analysis import terms
from rag.support.facts import names

Kind = Literal["prose", "part", "exempt"]

_FENCE = re.compile(r"^```.*?^```[^\S\n]*$", re.DOTALL | re.MULTILINE)
_MARKERS_FIRST = re.compile(r"(?:\[\d{1,3}\]\s*)+")
_ITEM = re.compile(ITEM)
_TABLE = re.compile(r"\s*\|")
_HEADING = re.compile(r"#{1,6}\s|\*\*[^*]+\*\*:?$")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_NUMBERED = re.compile(r"\d")

# Sentences that state nothing which a passage could hold, whole sentences only.
_POLITE = re.compile(
    r"(?:hello|hi|hey|dear \w+|good (?:morning|afternoon|evening|question)|welcome|thanks?(?: you)?[\w ]*|sure|"
    r"certainly|of course|yes|no|okay|ok|great|in (?:short|summary|other words|brief)|(?:i )?hope (?:this|that) helps|"
    r"(?:please )?(?:let me know if|feel free to ask)\b.{0,60}|(?:i am|i'm) (?:happy|glad) to help\b.{0,40}|"
    r"you're welcome|hallo|guten tag|gerne|natürlich|bonjour|bien sûr|hola|claro)[\s,.:;!?…]*",
    re.IGNORECASE,
)
_MATERIAL = r"(?:passages?|documents?|documentation|knowledge base|sources?|texts?|context|excerpts?|handbook)"
_UNKNOWN = re.compile(
    rf"\b{_MATERIAL}\b.{{0,40}}\b(?:do(?:es)?|did) ?n[o']t (?:say|state|mention|specify|contain|hold|cover|describe|"
    r"include|provide|tell|give|explain|answer|indicate|address)\b"
    r"|\b(?:is|are) (?:not|nowhere) (?:mentioned|specified|stated|described)\b"
    r"|\b(?:i|we) (?:do not|don['’]t|could not|couldn['’]t|cannot|can['’]t) (?:have|find|know|tell|say|answer)\b"
    r"|\bno (?:specific |further |more )?information (?:about|on|is|was)\b"
    r"|\b(?:steht|findet sich) (?:dazu )?(?:nichts|nicht)\b|\bne (?:précisent?|disent?|mentionnent?) pas\b",
    re.IGNORECASE | re.DOTALL,
)
_TURN = re.compile(r"[,;]?\s+(?:but|however|although|though|while|aber|mais|pero)\b,?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Statement:
    start: int
    """Offset into the answer."""
    end: int
    """After its last marker."""
    text: str
    """What it states: without markers, signs of a list or heading, and what it says is not known."""
    markers: tuple[int, ...]
    """Its own, and for a part of a list, a table or code those of the whole."""
    kind: Kind
    """A part of something whole is covered by the marker of the whole; an exempt one needs none."""


def statements(answer: str) -> list[Statement]:
    """Of a text whose markers are filtered, in their order."""
    found: list[Statement] = []
    for start, end, code in _spans(answer):
        if not code and (first := _MARKERS_FIRST.match(answer, start, end)):
            # They stand behind the full stop, or on a line of their own: they are the sentence's before.
            if found:
                last = found[-1]
                markers = (*last.markers, *markers_in(first[0]))
                found[-1] = replace(last, end=start + len(first[0].rstrip()), markers=tuple(dict.fromkeys(markers)))
            start = first.end()
        if start < end:
            found.append(_statement(answer, start, end, code=code))
    return _covered(answer, found)


def _spans(answer: str) -> Iterator[tuple[int, int, bool]]:
    """Start and end of the sentences and of blocks of code, with whether it is code."""
    position = 0
    for fence in _FENCE.finditer(answer):
        yield from ((position + a, position + b, False) for a, b in sentences(answer[position : fence.start()]))
        yield fence.start(), fence.end(), True
        position = fence.end()
    yield from ((position + a, position + b, False) for a, b in sentences(answer[position:]))


def _statement(answer: str, start: int, end: int, *, code: bool) -> Statement:
    written = answer[start:end]
    if code:
        return Statement(start, end, "\n".join(written.split("\n")[1:-1]), (), "part")
    plain = " ".join(without_markers(written).split())
    item = _ITEM.match(plain)
    part = bool(item or _TABLE.match(written))
    text = _stated(plain[item.end() if item else 0 :].strip("|*_> "))
    exempt = _states_nothing(plain, text)
    return Statement(start, end, text, tuple(markers_in(written)), "exempt" if exempt else "part" if part else "prose")


def _stated(text: str) -> str:
    """The text without the clauses that say what is not known."""
    clauses = _TURN.split(text)
    return ", ".join(clause for clause in clauses if not _UNKNOWN.search(clause)) if _UNKNOWN.search(text) else text


def _states_nothing(plain: str, text: str) -> bool:
    if not terms(text) or _HEADING.match(plain):
        return True
    if any(names(text)):
        return False
    if _POLITE.fullmatch(text):
        return True
    # A question back, or what introduces a list.
    return text.endswith(("?", ":")) and not _NUMBERED.search(text)


def _covered(answer: str, found: list[Statement]) -> list[Statement]:
    """With the markers of the whole for its parts: the marker may stand behind the last of them only."""
    covering: tuple[int, ...] = ()
    for place in range(len(found) - 1, -1, -1):
        statement = found[place]
        if statement.kind != "part":
            covering = statement.markers if statement.kind == "prose" else covering
            continue
        # The line below a table's head states nothing, and parts no row from the next.
        after = next((other for other in found[place + 1 :] if other.kind != "exempt"), None)
        apart = after is None or (after.kind != "part" and bool(_BLANK_LINE.search(answer, statement.end, after.start)))
        if statement.markers:
            covering = statement.markers
        elif apart or after is None or after.kind != "part":
            covering = ()
        found[place] = replace(statement, markers=statement.markers or covering)
    return found
