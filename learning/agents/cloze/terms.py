"""What in a sentence is worth asking for: names, numbers, and what things are called.

There is no dictionary behind it: what stands before and after a word tells of what kind it is. Of a language without
capital letters or spaces it finds the numbers, and little else.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from rag.lexical.analysis import stem
from rag.lexical.languages import SMALL_WORDS

Kind = Literal["name", "acronym", "year", "percent", "ordinal", "number", "term"]

_TOKEN = re.compile(
    r"[$£€]?\d[\d.,]*\d%?(?:st|nd|rd|th)?|[$£€]?\d%?(?:st|nd|rd|th)?"
    r"|\b(?:[A-Z]|St|Mt|Mr|Mrs|Ms|Dr|Prof|Gen|Col|Capt|Lt|Sgt|Gov|Sen|Rep|Jr|Sr)\.(?=\s?[A-Z])"  # with its stop
    r"|['’]s\b|[^\W\d_]+(?:-[^\W_]+|['’](?!s\b)[^\W_]+)*\d*|[^\w\s]"
)
_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"[$£€]?\d[\d.,]*%?")
_YEAR = re.compile(r"1[0-9]\d\d|20\d\d")
_ORDINAL = re.compile(r"\d{1,2}(?:st|nd|rd|th)")
_SCALES = frozenset({"hundred", "thousand", "million", "billion", "trillion"})
_BEFORE_YEAR = frozenset("in since by until till from to and of around about circa year between during before".split())
_DETERMINERS = frozenset("the a an its their his her our your no".split())
_AFTER_NOUN = frozenset(
    "of in is are was were to for from by on with as that which who or and can could has have had at between into "
    "during would will may might must over under through than when where because but if such while within".split()
)
_NO_NOUN = frozenset(
    "also based called known used made much many more most other others such than then there these those first second "
    "third last next same different several various certain further former latter both another like well even still "
    "according including possible important large small high low great long short early late new old good common "
    "general main major minor particular specific similar single whole able likely often however two three four five "
    "six seven eight nine ten one".split()
)
_SAY_LITTLE = frozenset(
    "alternative alternatives amount amounts answer approach area areas aspect aspects basis beginning behavior "
    "bill case cases cause causes center centre change changes class classes collection concept condition "
    "conditions context continent course day days decade decades degree detail details development difference "
    "differences direction directions discussion east effect effects effort end error event events example examples "
    "existence fact factor factors facts failure feature features field fifth figure findings focus form forms "
    "function functions goal group groups half hand history home house houses idea ideas impact importance increase "
    "information instance interest interests introduction issue issues item items kind kinds lack level levels life "
    "line list lives location look lot majority manner matter meaning means measure member members method methods "
    "middle model moment name names nature need north notion number numbers object objects operation opinion order "
    "other outcome part parts past people period periods person place places point points position practice "
    "presence principle problem problems process product program programs project property purpose quality question "
    "range rate reason reasons region result results right role rule rules scale school schools section sense "
    "series set sets share side simple site sites situation size source sources south stage state states status "
    "step steps structure study subject success support system systems table tables task team term terms test tests "
    "thing things third time times topic total type types unit use uses value values variety version view views "
    "volume ways west width word words work works world year years".split()
)
"""Words that would be right in any lecture: to ask for one of them asks for nothing."""
_MONTHS = frozenset(
    "january february march april may june july august september october november december monday tuesday wednesday "
    "thursday friday saturday sunday".split()
)

_JOINING = frozenset("-–—/")
_OPENING = frozenset(".!?:;“\"'(")


@dataclass(frozen=True, slots=True)
class Term:
    text: str
    kind: Kind
    start: int
    """In its sentence."""
    end: int
    before: str
    """The word before it in lower case, or a sign; empty at the beginning."""
    after: str

    @property
    def attributive(self) -> bool:
        """Whether it tells of the word that follows it, as in the Norman conquest."""
        return self.after[:1].isalpha() and self.after not in _AFTER_NOUN and not self.after.endswith("ed")

    @property
    def listed(self) -> bool:
        """Whether it is one of several."""
        return self.before in {",", "and", "or"} or self.after in {",", "and", "or", "/"}


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    stems: frozenset[str]
    terms: tuple[Term, ...]
    words: int


def read(texts: Sequence[str], language: str) -> list[Sentence]:
    """The sentences with their terms. What is a name is told by all of them together."""
    small = SMALL_WORDS.get(language, frozenset()) | SMALL_WORDS["en"]
    tokens = [list(_TOKEN.finditer(text)) for text in texts]
    known = {found for matches in tokens for found in _capitalised_within(matches)}
    nouns = {found for matches in tokens for found in _nouns(matches, small)}
    return [
        Sentence(
            text,
            stems_of(text, language),
            tuple(_terms(text, matches, known, nouns, small)),
            sum(match[0][0].isalnum() for match in matches),
        )
        for text, matches in zip(texts, tokens, strict=True)
    ]


def stems_of(text: str, language: str) -> frozenset[str]:
    """Stems of the words that say something."""
    small = SMALL_WORDS.get(language, frozenset())
    words = (match[0].lower() for match in _WORD.finditer(text))
    return frozenset(stem(word, language) for word in words if word not in small)


def _capitalised_within(matches: Sequence[re.Match[str]]) -> Iterator[str]:
    """Words that have a capital though no sentence begins with them."""
    for before, match in pairwise(matches):
        if _is_capitalised(match[0]) and (before[0].isalnum() or before[0] in ",)"):
            yield match[0]


def _is_capitalised(word: str) -> bool:
    return word[0].isupper() and (len(word) > 1 or word not in "IA")


_NUMERALS = frozenset("I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI".split())
_ERAS = frozenset("AD BC BCE CE".split())


def _nouns(matches: Sequence[re.Match[str]], small: frozenset[str]) -> Iterator[str]:
    """Words in lower case that stand between what comes before a noun and what comes after one."""
    for number in range(1, len(matches)):
        word = matches[number][0]
        before = matches[number - 1][0].lower()
        after = matches[number + 1][0].lower() if number + 1 < len(matches) else "."
        ends = not after[0].isalnum() or after in _AFTER_NOUN
        if _may_be_noun(word, small) and before in _DETERMINERS and ends:
            yield word


def _may_be_noun(word: str, small: frozenset[str]) -> bool:
    return (
        word.islower()
        and len(word) > 3
        and word.replace("-", "").isalpha()
        and word not in small
        and word not in _NO_NOUN
        and word not in _SAY_LITTLE
        and not word.endswith(("ly", "ing", "ed"))
    )


def _terms(
    text: str, matches: Sequence[re.Match[str]], known: set[str], nouns: set[str], small: frozenset[str]
) -> Iterator[Term]:
    number = 0
    while number < len(matches):
        last, kind = _from(matches, number, known, nouns, small)
        start, end = matches[number].start(), matches[last].end()
        whole = not text[end : end + 1].isalnum() and not (start and text[start - 1].isalnum())
        if kind and whole:
            before = matches[number - 1][0].lower() if number else ""
            after = matches[last + 1][0].lower() if last + 1 < len(matches) else ""
            yield Term(text[start:end], kind, start, end, before, after)
        number = last + 1


def _from(
    matches: Sequence[re.Match[str]], first: int, known: set[str], nouns: set[str], small: frozenset[str]
) -> tuple[int, Kind | None]:
    """The last token of the term that begins here, and its kind; None where there is none."""
    word = matches[first][0]
    before = matches[first - 1][0].lower() if first else ""
    following = matches[first + 1][0].lower() if first + 1 < len(matches) else ""
    if _ORDINAL.fullmatch(word):
        return first, "ordinal" if following in ("century", "centuries") else None
    if _NUMBER.fullmatch(word):
        return _from_number(word, before, following, first, small)
    if _is_capitalised(word) and not (first == 0 and word.lower() in small):
        return _from_name(matches, first, known)
    if _may_be_noun(word, small):
        ends = not following[:1].isalnum() or following in _AFTER_NOUN
        if word in nouns and ends and before not in ("'", "’", "-"):
            return first, "term"
    return first, None


def _from_number(word: str, before: str, following: str, first: int, small: frozenset[str]) -> tuple[int, Kind | None]:
    if _YEAR.fullmatch(word) and before in _BEFORE_YEAR and (not following.isalpha() or following in small):
        return first, None if following in _JOINING else "year"
    if _YEAR.fullmatch(word) and before in _MONTHS | {","}:
        return first, None  # a date's year alone says little
    if word.endswith("%") or following in ("%", "percent"):
        return first, "percent"
    if following in _SCALES:
        return first + 1, "number"
    counts = following.isalpha() and following not in _AFTER_NOUN and following not in _MONTHS
    plain = before not in (
        "figure",
        "chapter",
        "section",
        "article",
        "no",
        "page",
        "step",
        "(",
        ".",
        "[",
        "/",
        "-",
        "–",
    )
    return first, "number" if (counts or word[0] in "$£€") and plain and before not in _MONTHS else None


def _from_name(matches: Sequence[re.Match[str]], first: int, known: set[str]) -> tuple[int, Kind | None]:
    last = first
    while last + 1 < len(matches) and matches[last + 1].start() - matches[last].end() <= 1:
        following = matches[last + 1][0]
        if not (_is_capitalised(following) or following in _NUMERALS):
            break
        last += 1
    words = [match[0] for match in matches[first : last + 1]]
    begins = first == 0 or matches[first - 1][0] in _OPENING
    spoilt = words[0] in _ERAS or words[-1].endswith(".") or all(len(word.rstrip(".")) == 1 for word in words)
    if spoilt or len(words) > 4 or words[0].lower() in _MONTHS:
        return last, None
    if len(words) == 1:
        if words[0].isupper():
            return last, "acronym"
        if begins and words[0] not in known:
            return last, None
    return last, "name"
