"""What a text says to a reader who sees through its characters: invisible ones, look-alikes, ornaments.

Prompts are cleaned by this (rag/prompts.py), and the ingestion filter reads by it. The stored text is never changed.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

TAGS = range(0xE0000, 0xE0080)
"""A copy of ASCII that nothing shows."""
_SELECTORS = [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]
_JOINERS = [0x200C, 0x200D]
_BIDI = [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C]
_BLANK = [0x200B, *range(0x2060, 0x2066), 0xFEFF, 0xAD, 0x180E, 0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800, 0x034F]
_MARKS = [*range(0x300, 0x370), *range(0x20D0, 0x2100)]


def _class(codes: list[int]) -> str:
    return "[" + "".join(map(re.escape, map(chr, codes))) + "]"


INVISIBLE = re.compile(_class([*_BLANK, *_BIDI, *_SELECTORS, *_JOINERS, *TAGS]))
_UNSEEN = re.compile(_class([*_BLANK, *_BIDI, *_SELECTORS, *_JOINERS, *TAGS, *_MARKS]))
# A joiner shapes letters in scripts such as Persian's and Hindi's, and binds emoji; elsewhere it only hides.
_NEEDLESS = re.compile(
    f"{_class([*_BLANK, *_BIDI, *TAGS])}|(?<![^\\x00-\\u0590\\u2000-\\u206f]){_class([*_SELECTORS, *_JOINERS])}"
    f"|(?<={_class(_SELECTORS)}){_class(_SELECTORS)}"
)


def _base(code: int) -> str:
    """The plain letter of an accented, wide or ornamental one; the character itself where there is none."""
    found = unicodedata.normalize("NFKD", chr(code))[0].lower()
    return found if len(found) == 1 and (found.isalnum() or found.isascii()) else chr(code)


_ORNAMENTS = [*range(0xFF01, 0xFF5F), *range(0x1D400, 0x1D800), *range(0x24B6, 0x24EA), *range(0x2100, 0x2140)]
_ACCENTED = [*range(0xC0, 0x250), *range(0x1E00, 0x2000)]
_FANCY = {ord("ı"): "i", ord("ł"): "l", ord("Ł"): "l", ord("ø"): "o", ord("Ø"): "o", ord("đ"): "d", ord("Đ"): "d"}
_SMALL = {**{code: chr(code).lower() for code in range(0x370, 0x530) if len(chr(code).lower()) == 1}, ord("ς"): "σ"}
_GREEK = {code: unicodedata.normalize("NFD", chr(code))[0].lower() for code in range(0x386, 0x3CF)}
_PLAIN: Mapping[int, str] = {
    **{code: chr(code).lower() for code in range(0x80)},
    **{code: _base(code) for code in [*_ACCENTED, *_ORNAMENTS]},
    **_FANCY,
    **_SMALL,
    **_GREEK,
    **dict.fromkeys(map(ord, "‘’‛ʼ＇`´"), "'"),
    **dict.fromkeys(map(ord, "“”„‟«»＂"), '"'),
    **dict.fromkeys(map(ord, "\u00a0\u2000\u2002\u2003\u2009\u202f\u3000"), " "),
}
_LATIN = dict(
    zip(
        map(ord, "асеорхуіјѕԁһӏкмтвнгпиαοερικυνχτηβζ"),
        "aceopxyijsdhlkmtbhrnuaoepikuvxtnbz",
        strict=True,
    )
)
_MIXED = re.compile(r"(?<![^\W_])(?=[^\W_]{0,64}[a-z])(?=[^\W_]{0,64}[\u0370-\u052f])[^\W_]{2,64}")
# Punctuation of full width belongs to Chinese and Japanese, but for what fences and turns are made of.
_ORNAMENTAL = {
    code: unicodedata.normalize("NFKC", chr(code))
    for code in [*range(0x1D400, 0x1D800), *range(0x24B6, 0x24EA), *range(0xFF01, 0xFF5F)]
    if chr(code).isalnum() or chr(code).isalpha() or chr(code) in "＜＞［］｜＃／"
}


class Folded(NamedTuple):
    text: str
    """Small plain letters."""
    places: list[int] | None
    """Of each character its offset in the original; None where they are the same."""
    mixed: int
    """Words whose letters are of two alphabets."""

    def place(self, offset: int) -> int:
        if self.places is None:
            return offset
        if offset < len(self.places):
            return self.places[offset]
        return self.places[-1] + 1 if self.places else 0


def fold(text: str) -> Folded:
    """The text in small plain letters, without what is invisible."""
    if text.isascii():
        return Folded(text.lower(), None, 0)
    places: list[int] | None = None
    if _UNSEEN.search(text):
        places = [number for number, c in enumerate(text) if not _UNSEEN.match(c)]
        text = "".join(text[number] for number in places)
    text = text.translate(_PLAIN)
    mixed = 0

    def latin(match: re.Match[str]) -> str:
        nonlocal mixed
        mixed += 1
        return match.group().translate(_LATIN)

    return Folded(_MIXED.sub(latin, text), places, mixed)


def visible(text: str) -> str:
    """The text as it looks: nothing invisible, no ornamental letters, no words of two alphabets."""
    if text.isascii():
        return text
    text = _NEEDLESS.sub("", text).translate(_ORNAMENTAL)
    return _TWO_ALPHABETS.sub(lambda match: match.group().translate(_LATIN_BOTH), text)


_LATIN_BOTH = {**_LATIN, **{ord(chr(code).upper()): letter.upper() for code, letter in _LATIN.items()}}
_TWO_ALPHABETS = re.compile(r"(?<![^\W_])(?=[^\W_]{0,64}[A-Za-z])(?=[^\W_]{0,64}[\u0370-\u052f])[^\W_]{2,64}")
