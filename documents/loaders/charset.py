"""Bytes to text."""

import codecs
import re

import charset_normalizer

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FOREIGN_WORD = re.compile(rb"(?<![A-Za-z\x80-\xff])[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*")
_WESTERN, _CENTRAL = "àáâãäåæçèéêëìíîïñòóôõöøœùúûüß", "áâăäąćčçďđéęěíîľĺłńňóôőöřśšşßťţúůűüýźžż"
_SIGNS = "“”„‘’–—…•€£§°«»¿¡"
_LATIN = {  # of equally good ones the first is taken
    "cp1252": _WESTERN,
    "cp1254": "âçğıîöşûü",
    "cp1250": _CENTRAL,
    "iso8859_2": _CENTRAL,
    "mac_roman": _WESTERN,
}
_OTHER = ["cp932", "euc_jp", "gb18030", "big5", "cp949", "cp1251", "koi8_r", "cp866", "cp1253", "cp1255", "cp1256"]
_SAMPLE = 32_768


def bom_encoding(data: bytes) -> str | None:
    return next((encoding for bom, encoding in _BOMS if data.startswith(bom)), None)


def decode(data: bytes, declared: str | None = None) -> str:
    """The text of a file: by its byte order mark, as UTF-8 if it is that, as what it declares, else by what fits best.

    Never fails; what cannot be decoded becomes U+FFFD.
    """
    if encoding := bom_encoding(data):
        return data.decode(encoding, "replace")
    for encoding in ("utf-8", _meant(declared)):
        try:
            return data.decode(encoding)
        except (UnicodeError, LookupError):
            continue
    text = data.decode("utf-8", "replace")
    damage = text.count("\ufffd")
    if len(text) - len(text.encode("ascii", "ignore")) > 10 * damage:
        return text  # a few damaged bytes in what is UTF-8
    return data.decode(_guess(data), "replace")


def _meant(declared: str | None) -> str:
    """As browsers do: who declares Latin-1 uses Windows' extension of it."""
    name = (declared or "utf-8").lower()
    return "cp1252" if name in ("iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii") else name


def _guess(data: bytes) -> str:
    """One of the encodings that were common before UTF-8.

    Latin scripts have a few letters beyond ASCII in a word, the others have little else. The detector knows the others
    apart, but often takes French for Czech: of the Latin ones, that is chosen which makes the most usual letters.
    """
    words = b" ".join(_FOREIGN_WORD.findall(data, 0, 20 * _SAMPLE))[:_SAMPLE]
    foreign = bytes(byte for byte in words if byte > 0x7F)
    if len(foreign) < 0.65 * len(words):
        return max(_LATIN, key=lambda encoding: _usual_letters(foreign.decode(encoding, "replace"), _LATIN[encoding]))
    lines = (line for line in data[: 20 * _SAMPLE].splitlines(keepends=True) if not line.isascii())
    best = charset_normalizer.from_bytes(b"".join(lines)[:_SAMPLE], cp_isolation=_OTHER).best()
    return best.encoding if best and best.encoding in _OTHER else "cp1252"


def _usual_letters(text: str, letters: str) -> int:
    return sum(2 * (character in letters) + (character in _SIGNS) for character in text)
