"""The length of a text as a reader feels it, in any script."""

import re
from collections.abc import Iterator

# Scripts that put no space between words: Thai, Lao, Burmese, Khmer, kana, Han. Two characters count as a word.
_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_SPACELESS}]{{1,2}}|[^\s{_SPACELESS}]+")
_NO_WORD = re.compile(r"[|:-]*\|[|:-]*")
_CLAUSE = re.compile(r"[;,:—–،；，：、]")


def count(text: str) -> int:
    """Words, as white space tells them; the bars of a table are none."""
    return sum(1 for _ in _words(text))


def cut(text: str, most: int) -> str:
    """The text up to the last clause that ends within so many words, or the words that fit if that is too little."""
    ends = [word.end() for word in _words(text)]
    if len(ends) <= most:
        return text
    longest = ends[most - 1] if most > 0 else 0
    clauses = [found.start() for found in _CLAUSE.finditer(text, longest // 2, longest)]
    return text[: clauses[-1] if clauses else longest].rstrip()


def _words(text: str) -> Iterator[re.Match[str]]:
    return (word for word in _WORD.finditer(text) if not _NO_WORD.fullmatch(word.group()))
