"""Which language a text is in: by its script, and among those in Latin letters by the small words that it uses."""

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

DEFAULT = "en"
"""Taken where nothing tells: names, numbers, code."""

STEMMERS: Mapping[str, str] = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}
"""Language → Snowball's algorithm. Words of the others are taken as they are."""

SMALL_WORDS: Mapping[str, frozenset[str]] = {
    language: frozenset(text.split())
    for language, text in tomllib.loads(Path(__file__).with_name("small_words.toml").read_text("utf-8")).items()
}

_SCRIPTS: Mapping[str, str] = {
    "el": "\u0370-\u03ff\u1f00-\u1fff",
    "ru": "\u0400-\u052f",
    "hy": "\u0531-\u058f",
    "he": "\u0590-\u05ff",
    "ar": "\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc",
    "hi": "\u0900-\u097f",
    "bn": "\u0980-\u09ff",
    "ta": "\u0b80-\u0bff",
    "th": "\u0e00-\u0e7f",
    "lo": "\u0e80-\u0eff",
    "my": "\u1000-\u109f",
    "ka": "\u10a0-\u10ff",
    "km": "\u1780-\u17ff",
    "ko": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af",
    "ja": "\u3040-\u30ff",
    "zh": "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff",
}
UNSPACED = (
    "".join(_SCRIPTS[language] for language in ("th", "lo", "my", "km", "ko", "ja", "zh")) + "\U00020000-\U0003ffff"
)
"""Characters of scripts that put no space between words (Korean: between a word and its endings)."""

_OTHER = re.compile(f"[{''.join(_SCRIPTS.values())}]")
_SCRIPT = re.compile("|".join(f"(?P<{name}>[{characters}]+)" for name, characters in _SCRIPTS.items()))
_WORD = re.compile(r"[^\W\d_]{2,}")  # a single letter is a variable as often as a word
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_LOOKED_AT = 400
"""Characters."""
_LETTERS: Mapping[str, re.Pattern[str]] = {
    language: re.compile(f"[{letters}]")
    for language, letters in {
        "cs": "ěřů",
        "de": "ß",
        "es": "ñ¿¡",
        "hu": "őű",
        "pl": "ąęłńśźż",
        "pt": "ãõ",
        "ro": "ășț",
        "tr": "ğışİ",
        "vi": "ơưđạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
    }.items()
}
"""Letters that few other languages have; as good as two small words."""
_ENOUGH = 6
"""Different small words that settle the matter."""
_BY_WORD: dict[str, list[str]] = {}
for _language, _words in SMALL_WORDS.items():
    for _word in _words:
        _BY_WORD.setdefault(_word, []).append(_language)


def language_of(text: str) -> str:
    """The code of the language that the text seems to be in (ISO 639-1), told by its first hundreds of characters."""
    text = text[:_LOOKED_AT]
    if not text.isascii() and _OTHER.search(text) and (other := _by_script(text)):
        return other
    found = _WORD.findall(text.lower().replace("\u0307", ""))  # what lower case leaves of a Turkish İ
    if len(SMALL_WORDS[DEFAULT].intersection(found)) > _ENOUGH:
        return DEFAULT
    hits = Counter(language for word in found for language in _BY_WORD.get(word, ()))
    if not text.isascii():
        hits.update(2 * [language for language, letters in _LETTERS.items() if letters.search(text)])
    best = max(hits, key=hits.__getitem__, default=DEFAULT)
    # In plain letters one small word is also a name or an abbreviation, and English is what code looks like.
    return best if hits[best] > max(int(text.isascii()), hits[DEFAULT], len(found) // 10) else DEFAULT


def _by_script(text: str) -> str:
    """Empty if the text is in Latin letters for the most part."""
    counts: Counter[str] = Counter()
    for match in _SCRIPT.finditer(text):
        counts[match.lastgroup or ""] += len(match.group())
    # Names of products and companies stand in Latin letters in any language.
    if 2 * counts.total() < len(_LATIN.findall(text)) or not counts:
        return ""
    best = max(counts, key=counts.__getitem__)
    if best == "zh" and 10 * counts["ja"] > counts["zh"]:
        return "ja"
    if best == "ar" and re.search("[پچژگ]", text):
        return "fa"
    if best == "ru" and re.search("[ђћџљњјЂЋЏЉЊЈ]", text):
        return "sr"
    return "uk" if best == "ru" and re.search("[іїєґІЇЄҐ]", text) else best
