"""The numbers and names of a text: what a paraphrase keeps."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from rag.lexical.analysis import STOP_WORDS, terms
from rag.support.language import english

_DIGITS = re.compile(r"\d+(?:[.,:/-]\d+)*")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_WORDS = re.compile(r"[^\W\d_]+")
_TOKEN = re.compile(r"\d+(?:[.,:/-]\d+)*|[^\W\d_]+(?:-[^\W\d_]+)*|[^\w\s]")

_ONES = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen
"""
_UNITS: Mapping[str, int] = {word: value for value, word in enumerate(_ONES.split())}
_TENS: Mapping[str, int] = {
    word: 10 * value for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
_SCALES: Mapping[str, int] = {"dozen": 12, "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
_COUNTED = frozenset("way option step method kind type thing reason case possibl choic part".split())
"""Two ways, three steps: whoever writes so may have counted what the passage lists."""


@dataclass(frozen=True, slots=True)
class Number:
    readings: frozenset[str]
    """How it may be meant: "1,500" is 1500, or 1.5 where a comma is the decimal sign."""
    units: tuple[str, ...]
    """The stems of the one or two words behind it, as far as they are told from it by nothing but white space."""
    vague: bool = False
    """The word "one", which is often no number."""


def numbers(text: str) -> list[Number]:
    """Numbers in digits and in English words, with what they count."""
    tokens = _TOKEN.findall(text)
    found: list[Number] = []
    place = 0
    while place < len(tokens):
        word = tokens[place].lower()
        place += 1
        if word[0].isdecimal():
            scale = _SCALES.get(tokens[place].lower(), 0) if place < len(tokens) else 0
            readings = _readings(word)
            if scale:
                readings |= {_plain(float(value) * scale) for value in readings if _is_decimal(value)}
                place += 1
        elif (spelled := _spelled(word)) is not None:
            while place < len(tokens) and (more := _spelled(tokens[place].lower())) is not None:
                spelled = spelled * more if tokens[place].lower() in _SCALES else spelled + more
                place += 1
            readings = frozenset({str(spelled)})
        else:
            continue
        behind = list(takewhile(lambda token: token[0].isalpha(), tokens[place : place + 2]))
        found.append(Number(readings, tuple(terms(" ".join(behind))), word == "one"))
    return found


def _spelled(word: str) -> int | None:
    first, _, second = word.partition("-")
    if second:
        return _TENS[first] + _UNITS[second] if first in _TENS and second in _UNITS else None
    return _UNITS.get(word) or _TENS.get(word) or _SCALES.get(word)


def _readings(token: str) -> frozenset[str]:
    parts = re.split(r"[.,:/-]", token)
    found = {token}
    if len(parts) == 1:
        found.add(_whole(token))
    elif _THOUSANDS.fullmatch(token):
        found.add("".join(parts).lstrip("0") or "0")
    if len(parts) == 2 and token[len(parts[0])] in ".,":
        found.add(_plain(float(".".join(parts))))
    if ":" in token and len(parts[0]) < 3 and not any(part.strip("0") for part in parts[1:]):
        hour = int(parts[0])
        found |= {str(hour), str(hour - 12)} if hour > 12 else {str(hour)}
    return frozenset(found)


def _whole(digits: str) -> str:
    """Without zeros in front, in the digits of ASCII. What is too long to be a number that counts stays as it is."""
    return str(int(digits)) if len(digits) <= 300 else digits


def _is_decimal(value: str) -> bool:
    return bool(re.fullmatch(r"\d+(?:\.\d+)?", value))


def _plain(value: float) -> str:
    return f"{value:f}".rstrip("0").rstrip(".")


def number_fault(claim: str, passage: str, nearest: str) -> bool:
    """Whether a number of the claim is not in the passage, or counts something else in its nearest sentence."""
    given = numbers(passage)
    # A date may be written in parts: 2026-11-21 holds 21 and 2026.
    values = {part for number in given for reading in number.readings for part in (reading, *_parts(reading))}
    near, far = _counted(numbers(nearest)), _counted(given)
    for number in numbers(claim):
        unit = number.units[0] if number.units else ""
        if number.vague or (unit in _COUNTED and number.readings & {"2", "3", "4", "5"} and unit not in far):
            continue
        parts = {part for reading in number.readings for part in _parts(reading)}
        if not (number.readings & values or (parts and parts <= values)):
            return True
        counted = near.get(unit) or far.get(unit)
        if counted and not number.readings & counted:
            return True
    return False


def _counted(given: Sequence[Number]) -> dict[str, set[str]]:
    """What is counted, with the numbers of it."""
    found: dict[str, set[str]] = {}
    for number in given:
        for unit in number.units:
            found.setdefault(unit, set()).update(number.readings)
    return found


def _parts(reading: str) -> list[str]:
    parts = re.split(r"[:/-]", reading)
    return [_whole(part) for part in parts if part.isdecimal()] if len(parts) > 1 else []


_ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+|\w+://\S+|\w+(?:[_/]\w+)+|--?[a-zA-Z][\w-]*")
_PART = re.compile(r"\w+")
_LONGEST = 200
"""Characters of what may be a code: what is longer is no name of anything."""
_CAPITALISED = re.compile(r"[^\W\d_a-z][^\W\d_]+")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th|s)?", re.IGNORECASE)
_NOUNS_CAPITALISED = 0.25
"""Beyond this share of capitalised words a text that is not English is taken to capitalise all nouns, like German."""


def names(text: str) -> Iterator[str]:
    """Words in the middle of a sentence that begin with a capital, and codes: E404, IBAN, a/path_like.this, --all."""
    for token in text.split():
        if len(token) <= _LONGEST:
            yield from _codes(token.strip(".,;:!?()[]<>\"'“”‘’`*"))
    words = list(_WORDS.finditer(text))
    for number, match in enumerate(words):
        before = text[max(0, match.start() - 5) : match.start()].rstrip(" \"'“‘(*_")
        if number and before[-1:] not in ".!?:•-–\n" and _CAPITALISED.fullmatch(match[0]):
            yield match[0]


def _codes(token: str) -> Iterator[str]:
    if _ADDRESS.fullmatch(token):
        yield token
        return
    for part in _PART.findall(token):
        mixed = any(map(str.isdigit, part)) and any(map(str.isalpha, part))
        if (mixed and not _ORDINAL.fullmatch(part)) or (len(part) > 1 and part.isalpha() and part.isupper()):
            yield part


def name_fault(claim: str, passage: str) -> bool:
    """Whether a name of the claim is not in the passage."""
    known = {word.lower() for word in _WORDS.findall(passage)}
    stems = set(terms(passage))
    initials = _initials(passage)
    lower = passage.lower()
    german = _capitalises_nouns(passage)
    for name in names(claim):
        plain = name.lower()
        if plain in known or plain in STOP_WORDS or plain in lower:
            continue
        if name.isalnum() and set(terms(name)) <= stems:
            continue
        if name.isupper() and name in initials:
            continue
        if german and name.isalpha() and not name.isupper():
            continue
        if name.isalpha() and any(_akin(plain, other) for other in known):
            continue
        return True
    return False


def _akin(one: str, other: str) -> bool:
    """German and Germany, Canada and Canadian."""
    shared = min(len(one), len(other))
    return shared >= 5 and one[: max(5, shared - 2)] == other[: max(5, shared - 2)]


def _initials(passage: str) -> set[str]:
    capitals = "".join(word[0] if word[0].isupper() else " " for word in _WORDS.findall(passage) if len(word) > 3)
    return {
        run[a:b] for run in capitals.split() for a in range(len(run)) for b in range(a + 2, min(len(run), a + 6) + 1)
    }


def _capitalises_nouns(passage: str) -> bool:
    words = _WORDS.findall(passage)
    long = [word for word in words if len(word) > 3]
    return not english(passage) and sum(word[0].isupper() for word in long) > _NOUNS_CAPITALISED * len(long)
