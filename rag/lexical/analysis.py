"""Text to the terms that are indexed and searched for."""

import re
import unicodedata
from collections.abc import Iterator
from threading import local

import Stemmer

_WORD = re.compile(r"[^\W_]+")
_LONGEST = 60
_STOP_WORDS = """
    a about above after again against all am an and any are as at be because been before being below between both but by
    can could did do does doing down during each few for from further had has have having he her here hers herself him
    himself his how i if in into is it its itself just me more most my myself no nor not now of off on once only or
    other our ours ourselves out over own same she should so some such than that the their theirs them themselves then
    there these they this those through to too under until up very was we were what when where which while who whom why
    will with would you your yours yourself yourselves
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())

_stemmers = local()


def words(text: str) -> Iterator[str]:
    """The words of a text in lower case and NFKC, as they stand."""
    for match in _WORD.finditer(unicodedata.normalize("NFKC", text).lower()):
        if len(match.group()) <= _LONGEST:
            yield match.group()


def terms(text: str) -> list[str]:
    """Stemmed words without the stop words, in their order, repeats included."""
    if not hasattr(_stemmers, "english"):
        _stemmers.english = Stemmer.Stemmer("english")  # not safe to share between threads
    return _stemmers.english.stemWords([word for word in words(text) if word not in STOP_WORDS])  # type: ignore[no-any-return]
