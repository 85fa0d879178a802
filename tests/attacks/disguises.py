"""Ways to hide a text from a reader, or from a filter."""

import base64
import codecs
from collections.abc import Mapping

_LEET = str.maketrans("aeiost", "431057")
_CYRILLIC = str.maketrans("aceopxyiABEHKMOPCTX", "асеорхуіАВЕНКМОРСТХ")
_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_BOLD: Mapping[int, int] = {
    **{ord("A") + n: 0x1D400 + n for n in range(26)},
    **{ord("a") + n: 0x1D41A + n for n in range(26)},
}
_SIGNS = ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.."
_MORSE = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        _SIGNS.split(),
        strict=True,
    )
)


def base_64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def hexed(text: str) -> str:
    return text.encode().hex()


def rot13(text: str) -> str:
    return codecs.encode(text, "rot13")


def reversed_(text: str) -> str:
    return text[::-1]


def leet(text: str) -> str:
    return text.lower().translate(_LEET)


def binary(text: str) -> str:
    return " ".join(f"{byte:08b}" for byte in text.encode())


def morse(text: str) -> str:
    return " / ".join(" ".join(_MORSE[c] for c in word.lower() if c in _MORSE) for word in text.split())


def percent(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


def entities(text: str) -> str:
    return "".join(f"&#{ord(c)};" for c in text)


def escapes(text: str) -> str:
    return "".join(f"\\u{ord(c):04x}" for c in text)


def spaced(text: str, gap: str = " ") -> str:
    return "   ".join(gap.join(word) for word in text.split())


def zero_width(text: str, mark: str = "\u200b") -> str:
    return mark.join(text)


def tags(text: str) -> str:
    """In characters of the tag block, which nothing shows and some models read."""
    return "".join(chr(0xE0000 + ord(c)) for c in text)


def selectors(text: str) -> str:
    """Bytes as variation selectors behind a visible character."""
    return "☺" + "".join(chr(0xFE00 + b if b < 16 else 0xE0100 + b - 16) for b in text.encode())


def right_to_left(text: str) -> str:
    """Stored backwards and shown forwards."""
    return f"\u202e{text[::-1]}\u202c"


def cyrillic(text: str) -> str:
    return text.translate(_CYRILLIC)


def full_width(text: str) -> str:
    return text.translate(_FULL_WIDTH)


def bold(text: str) -> str:
    return text.translate(_BOLD)
