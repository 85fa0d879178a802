"""Just enough English to see what a question says by itself and what it leaves out.

No parser: closed classes of words (articles, prepositions, auxiliaries, pronouns) cut a question into phrases, and what
lies between them is taken for nouns, but for a verb where an auxiliary calls for one. It knows nothing of
other languages, in which questions are not taken apart.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

WH = frozenset("what which who whom whose when where why how whats what's how's who's where's when's why's".split())
AUXILIARIES = frozenset(
    "am is are was were be been being do does did can could may might must shall should will would has have had get "
    "gets got isn't aren't wasn't don't doesn't didn't can't couldn't won't wouldn't shouldn't cannot".split()
)
PREPOSITIONS = frozenset(
    "about above across after against along among around as at before behind below beside besides between beyond by "
    "during for from in inside into like of off on onto outside over per since than through to toward towards under "
    "until up upon via with within without".split()
)
DETERMINERS = frozenset(
    "a an the my your our his her its their this that these those some any each every another no all both".split()
)
SUBJECTS = frozenset("i we you he she it they one anybody anyone somebody someone everybody everyone nobody".split())
_OTHERS = frozenset(
    "and or but if so because while though although not never there here also again now still only always ever "
    "too just anyway then yet already really else once twice please that it them him us me him themselves itself "
    "myself yourself thanks thank hello back out down away many much long often soon far quickly exactly actually "
    "right ok okay instead either neither".split()
)
_VERBS = frozenset(
    "mean means happen happens need needs want wants use uses used make makes made take takes know knows "
    "see work works go goes say says said look looks give gives find have has let".split()
)
_ORDINALS = frozenset("first second third fourth fifth last next previous other others same former latter".split())
_PARTICIPLES = frozenset("kept sent held made built lost found told paid left read put set given shown written".split())
_JOINING = frozenset("of between and or ,".split())
_WORD = re.compile(r"[^\W_][\w.'’/-]*[^\W_]|[^\W_]|[,;:?!.]", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A stretch of a text that names something; ``start`` and ``end`` are offsets into it."""

    text: str
    start: int
    end: int
    preposition: str = ""
    """The one before it, in lower case."""


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    lower: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    return [
        Token(match.group(), match.group().lower().replace("’", "'"), *match.span()) for match in _WORD.finditer(text)
    ]


def is_content(word: str) -> bool:
    """Whether a word in lower case names anything; the closed classes and the most general verbs do not."""
    return word[0].isalnum() and not any(
        word in words for words in (WH, AUXILIARIES, PREPOSITIONS, DETERMINERS, SUBJECTS, _OTHERS, _VERBS)
    )


def content(text: str) -> list[str]:
    """The words that name something, in lower case."""
    return [token.lower for token in tokens(text) if is_content(token.lower)]


def phrases(text: str) -> list[Phrase]:
    """What the text names, in its order, articles included, verbs left out where they can be told."""
    found: list[Phrase] = []
    words = tokens(text)
    position = 0
    while position < len(words):
        end = _chunk_end(words, position)
        if end > position:
            chunk = _without_verbs(words, position, end)
            if chunk:
                before = words[position - 1].lower if position else ""
                start, stop = chunk[0].start, chunk[-1].end
                preposition = before if before in PREPOSITIONS and chunk[0] is words[position] else ""
                found.append(Phrase(text[start:stop], start, stop, preposition))
        position = max(end, position + 1)
    return found


def _chunk_end(words: Sequence[Token], start: int) -> int:
    """Where the run of content words that begins here, with determiners before it, ends; ``start`` if there is none."""
    end = start
    while end < len(words) and words[end].lower in DETERMINERS:
        end += 1
    nouns = end
    while end < len(words) and is_content(words[end].lower):
        end += 1
    return end if end > nouns else start


def _without_verbs(words: Sequence[Token], start: int, end: int) -> Sequence[Token]:
    """The run of words without the verb at its beginning or end; empty if it is no noun at all."""
    before = words[start - 1].lower if start else ""
    chunk = list(words[start:end])
    if all(token.lower in _ORDINALS | DETERMINERS for token in chunk):
        return []  # "the second [one]"
    determined = chunk[0].lower in DETERMINERS
    wanting = before == "to" and (start == 1 or words[start - 2].lower in ("how", "want", "need", "have"))
    if not determined and (wanting or before in ("i", "we", "you", "they", "it")):
        return chunk[1:]  # "do I [index] files"
    if len(chunk) == 1:
        return [] if _is_no_noun(words, start) else chunk
    nouns = len(chunk) - determined
    return chunk[:-1] if nouns > 1 and _ends_in_verb(words, start, end) else chunk


def _ends_in_verb(words: Sequence[Token], start: int, end: int) -> bool:
    before = words[start - 1].lower if start else ""
    after = words[end].lower if end < len(words) else "?"
    last = words[end - 1].lower
    passive = before in ("is", "are", "was", "were") and last in _PARTICIPLES
    if passive or re.search(r"[^e]ed$", last):
        return True  # "why is a token [refused]"
    if after in DETERMINERS or after in ("it", "them"):
        return True  # "other users [see] my chats"
    if before in ("do", "does", "did"):
        return after in "?.!" or after in PREPOSITIONS  # "does a token [live]?"
    # "what does the score of a result [mean]?"
    return before == "of" and after in "?.!" and words[0].lower in WH and _does(words[:start])


def _is_no_noun(words: Sequence[Token], place: int) -> bool:
    before = words[place - 1].lower if place else ""
    after = words[place + 1].lower if place + 1 < len(words) else "?"
    if before == "not":
        return True  # "why are pages not [deleted]"
    if before in ("who", "what") and after in DETERMINERS | PREPOSITIONS:
        return True  # "who [founded] the museum"
    asked = any(token.lower in AUXILIARIES for token in words[max(0, place - 2) : place])
    return asked and _is_predicate(words[:place], words[place], after)  # "are they [stored]", "who is [responsible]"


def _does(words: Sequence[Token]) -> bool:
    return any(word.lower in ("do", "does", "did") for word in words)


def _is_predicate(before: Sequence[Token], token: Token, after: str) -> bool:
    word = token.lower
    asking = before[-2].lower if len(before) > 1 else ""
    passive = word.endswith("ed") or (word.endswith("en") and before[-1].lower in ("get", "gets", "got", "been"))
    adjective = asking in ("who", "why", "how", "when") and token.text[0].islower() and after not in "?.!"
    return word in _PARTICIPLES or passive or adjective


def joined(text: str, found: Sequence[Phrase], first: int, *, most: int = 8) -> Phrase:
    """The phrase with those that belong to it: "the score" of "a search result"; "hybrid", "dense" and "lexical"."""
    start, end, number = found[first].start, found[first].end, first + 1
    while number < len(found) and len(text[start : found[number].end].split()) <= most:
        between = [token.lower for token in tokens(text[end : found[number].start])]
        if not between or not set(between) <= _JOINING:
            break
        end = found[number].end
        number += 1
    return Phrase(text[start:end], start, end, found[first].preposition)
