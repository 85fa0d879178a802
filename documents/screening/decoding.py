"""Stretches of a text that say something else when they are decoded."""

import base64
import binascii
import codecs
import html
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import unquote

from documents.screening.folding import TAGS

_LONGEST = 20_000
"""Characters of one stretch that are decoded."""
_MOST = 40
"""Stretches of one kind that are decoded in a text."""
_LEET = str.maketrans("4310$5@7!|8692", "aeiossatilbbgz")
_SIGNS = ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.."
_MORSE = dict(
    zip(
        _SIGNS.split(),
        "abcdefghijklmnopqrstuvwxyz",
        strict=True,
    )
)


class Decoded(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


def rot13(text: str) -> str:
    return codecs.encode(text, "rot13")


def unleet(text: str) -> str:
    return text.translate(_LEET)


def _base64(found: str) -> bytes:
    found = found.replace("\n", "").replace("-", "+").replace("_", "/").rstrip("=")
    return base64.b64decode(found[: len(found) // 4 * 4 + (len(found) % 4 if len(found) % 4 != 1 else 0)] + "==")


def _bits(found: str) -> bytes:
    bits = re.sub(r"\s", "", found)
    return bytes(int(bits[place : place + 8], 2) for place in range(0, len(bits) // 8 * 8, 8))


def _numbers(found: str) -> bytes:
    return bytes(number for number in map(int, re.findall(r"\d+", found)) if number < 256)


def _morse(found: str) -> bytes:
    words = re.split(r"\s*[/|]\s*|\s{3,}", found.strip())
    return " ".join("".join(_MORSE.get(sign, "") for sign in word.split()) for word in words).encode()


def _unescape(found: str) -> bytes:
    codes = re.findall(r"\\(?:u\{?|x|U0*)([0-9a-fA-F]{2,6})", found)
    return "".join(chr(int(code, 16)) for code in codes if int(code, 16) < 0x110000).encode("utf-8", "ignore")


def _letters(found: str) -> bytes:
    words = re.split(r"\s{2,}|\s*[|/]\s*", found.strip())
    return " ".join(re.sub(r"[\W_]", "", word) for word in words).encode("utf-8", "ignore")


def _tags(found: str) -> bytes:
    return bytes(ord(c) - TAGS.start for c in found)


def _selectors(found: str) -> bytes:
    return bytes(ord(c) - 0xFE00 if ord(c) < 0xFE10 else ord(c) - 0xE0100 + 16 for c in found)


# A kind is looked for only where the text holds its sign; most texts hold none.
_KINDS: tuple[tuple[str, re.Pattern[str], re.Pattern[str], Callable[[str], bytes]], ...] = tuple(
    (kind, re.compile(sign), re.compile(pattern), decode)
    for kind, sign, pattern, decode in (
        (
            "base64",
            r"[A-Za-z0-9+/_-]{20}",
            r"(?<![\w+/-])[A-Za-z0-9+/_-]{20,}(?:\n[A-Za-z0-9+/_-]{20,})*={0,2}",
            _base64,
        ),
        ("hex", r"[0-9a-fA-F]{24}", r"(?:[0-9a-fA-F]{2}){12,}", bytes.fromhex),
        ("hex", r"(?:[0-9a-fA-F]{2} ){8}", r"(?:[0-9a-fA-F]{2} ){8,}[0-9a-fA-F]{2}", bytes.fromhex),
        ("binary", r"[01]{7}", r"(?:[01]{8}\s?){6,}", _bits),
        ("numbers", r"\d{2,3},? \d{2,3},? \d{2,3},? \d", r"(?:\d{2,3},? ){11,}\d{2,3}", _numbers),
        ("morse", r"[.-] [.-]{1,5} [.-]", r"(?:[.-]{1,5}(?:\s*[/|]\s*|\s{1,3})){10,}[.-]{0,5}", _morse),
        ("percent", r"%[0-9A-Fa-f]{2}", r"[\w%.~+-]*(?:%[0-9A-Fa-f]{2}[\w.~+-]*){4,}", lambda s: unquote(s).encode()),
        ("entities", r"&#", r"(?:&#x?[0-9a-fA-F]{2,6};\s?){6,}", lambda s: html.unescape(s).encode()),
        ("escapes", r"\\[uUx]", r"(?:\\(?:u\{?|x|U)[0-9a-fA-F]{2,8}\}?\s?){6,}", _unescape),
        ("letters", r"\b\w[ ._*|-]\w[ ._*|-]\w[ ._*|-]\w\b", r"\b\w(?:[ ._*|-]{1,3}\w\b){7,}", _letters),
        ("tags", "[\U000e0020-\U000e007e]", "[\U000e0020-\U000e007e]{5,}", _tags),
        (
            "selectors",
            "[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4}",
            "[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}",
            _selectors,
        ),
    )
)


def decoded(text: str) -> Iterator[Decoded]:
    """What stretches of the text turn out to say, if it is something readable."""
    for kind, sign, pattern, decode in _KINDS:
        if not sign.search(text):
            continue
        for number, match in enumerate(pattern.finditer(text)):
            if number == _MOST:
                break
            try:
                found = decode(match.group()[:_LONGEST].strip()).decode("utf-8", "ignore")
            except (ValueError, binascii.Error):
                continue
            if _readable(found):
                yield Decoded(kind, found, match.start(), match.end())


def _readable(text: str) -> bool:
    letters = sum(c.isalpha() or c.isspace() for c in text)
    return len(text) >= 8 and letters > 0.75 * len(text)
