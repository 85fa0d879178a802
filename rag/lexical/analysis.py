"""Text to the terms that are indexed and searched for."""

import re
import unicodedata
from collections.abc import Iterator
from threading import local

import Stemmer

from rag.lexical.languages import SMALL_WORDS, STEMMERS, UNSPACED, language_of

STOP_WORDS = SMALL_WORDS["en"]
_LONGEST = 60
_REMEMBERED = 200_000
"""Words of a language."""

# Vowels of Hindi, accents of Vietnamese: they belong to the word, though Python counts them among no letters.
_MARKS = "".join(chr(code) for code in range(0x300, 0xFE30) if unicodedata.category(chr(code))[0] == "M")
_END = r"[.!?。！？।؟](?=\s|$)|\n\s*\n"
_WORD = re.compile(rf"[\w{_MARKS}]+")
_TOKEN = re.compile(rf"[\w{_MARKS}]+|{_END}")
_ASCII_WORD = re.compile(r"[^\W_]+")
_ASCII_TOKEN = re.compile(rf"[^\W_]+|{_END}")
_RUN = re.compile(f"[{UNSPACED}]+")
_DROPPED = re.compile("[\u0307\u064b-\u065f\u0670\u0640\u0591-\u05c7\u200c\u200d\u00ad]")
"""Vowel signs of Arabic and Hebrew, which are seldom written; the dot that lower case leaves of a Turkish İ."""
_ACCENTS = dict.fromkeys(range(0x300, 0x370))

_PART = r"[A-Za-z0-9_]+"
_CODE = re.compile(
    rf"(?<![\w/.-])(?:--?[A-Za-z][\w-]*|\.[A-Za-z]\w+|{_PART}(?:[._:/@\\-]+{_PART})+(?:\(\))?"
    rf"|{_PART}\(\)|[A-Za-z]\+\+|[A-Za-z]#)"
)
_PLAIN = re.compile(r"-?[a-z]+(?:-[a-z]+)*|[A-Z]?[a-z]+(?:[-/][A-Z]?[a-z]+)+|\d+(?:[-/.:]\d+)?|(?:[A-Za-z]\.)+[A-Za-z]")
_SEAM = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")

_ARTICLE = re.compile("^(?:[وبكف]?ال|لل)(?=.{3})")

_stemmers = local()


class _Stems(dict[str, str]):
    """Word → stem in one language, in one thread: a stemmer is not safe to share."""

    def __init__(self, language: str) -> None:
        self._stem = Stemmer.Stemmer(STEMMERS[language], 0).stemWord
        self._arabic = language == "ar"

    def __missing__(self, word: str) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        # The Arabic stemmer takes more off a word with the article than off the same word without it.
        whole = f"ال{_ARTICLE.sub('', word, count=1)}" if self._arabic and len(word) > 3 else word
        stem = self[word] = self._stem(whole) or word
        return stem


def folded(text: str) -> str:
    """In lower case and NFKC, without the marks that are written or not as one likes."""
    if text.isascii():
        return text.lower()
    return _DROPPED.sub("", unicodedata.normalize("NFKC", text).lower())


def words(text: str) -> Iterator[str]:
    """The words of a text, folded; of scripts without spaces every two neighbouring characters."""
    return (word for word in _split(folded(text), _ASCII_WORD, _WORD) if len(word) <= _LONGEST)


def tokens(text: str) -> list[str]:
    """The words of a text as :func:`words` gives them; between them, something else where a sentence ends."""
    return _split(folded(text), _ASCII_TOKEN, _TOKEN)


def _split(text: str, ascii_pattern: re.Pattern[str], pattern: re.Pattern[str]) -> list[str]:
    if text.isascii():
        return ascii_pattern.findall(text)
    text = text.replace("_", " ")
    if not _RUN.search(text):
        return pattern.findall(text)
    found = pattern.findall(_RUN.sub(r" \g<0> ", text))
    return [part for word in found for part in (_pairs(word) if _RUN.match(word) else (word,))]


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


def stem(word: str, language: str) -> str:
    """The word's stem; the word itself where the language has no stemmer."""
    if language not in STEMMERS:
        return word
    known: dict[str, _Stems] = _stemmers.__dict__
    if language not in known:
        known[language] = _Stems(language)
    return known[language][word]


def terms(text: str, language: str | None = None) -> list[str]:
    """Stemmed words without the stop words, in their order, repeats included; the language is guessed if not given."""
    language = language or language_of(text)
    stop = SMALL_WORDS.get(language, frozenset())
    return [stem(word, language) for word in words(text) if word not in stop]


def codes(text: str) -> list[str]:
    """What is written like code, folded and whole: ``err-1042``, ``v2.3.1``, ``os.read()``, ``--force``, file names."""
    found = (match.group() for match in _CODE.finditer(text))
    return [code.lower() for code in found if 1 < len(code) <= _LONGEST and not _PLAIN.fullmatch(code)]


def parts(word: str) -> list[str]:
    """The letters and the digits of a word that holds both: ``fy2018`` → ``fy``, ``2018``; else nothing."""
    found = [] if word.isalpha() or word.isdigit() else _SEAM.split(word)
    return found if len(found) > 1 else []


def record_terms(text: str) -> tuple[str, list[str]]:
    """The language of a passage, and everything that it is indexed by."""
    language = language_of(text)
    found = terms(text, language)
    split = [part for word in found if not word.isalpha() for part in parts(word)]
    plain = [bare for word in found if not word.isascii() and (bare := unaccented(word)) != word]
    return language, [*found, *split, *plain, *codes(text)]


def unaccented(word: str) -> str:
    """Without the accents of Latin, Greek and Cyrillic letters."""
    if word.isascii():
        return word
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", word).translate(_ACCENTS))
