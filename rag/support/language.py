"""Whether two texts are in one language, as far as it matters for comparing their words."""

from collections import Counter

from rag.lexical.analysis import STOP_WORDS, words

_OTHERS = """
    der die das und ist ein eine für nicht von zu mit den dem im auf sind wird kann sie bei oder
    le la les des est et une un pour dans pas du au sont avec sur qui que vous
    el los las es y para por con del una se su no lo como
    il di che è per non gli della sono con una
    os um uma não em do da com são ou
    het een van niet zijn voor op wordt
"""
_NOT_ENGLISH = frozenset(_OTHERS.split()) - STOP_WORDS
_LATIN_ENDS = 0x250


def english(text: str) -> bool | None:
    """By its function words and script; None where they do not tell."""
    found = Counter(words(text))
    letters = [letter for letter in text if letter.isalpha()]
    if letters and sum(ord(letter) >= _LATIN_ENDS for letter in letters) > len(letters) / 2:
        return False
    ours = sum(count for word, count in found.items() if word in STOP_WORDS)
    others = sum(count for word, count in found.items() if word in _NOT_ENGLISH)
    return None if ours == others else ours > others


def comparable(claim: str, passage: str) -> bool:
    """False where one is English and the other is not. Two other languages are not told apart."""
    ours, theirs = english(claim), english(passage)
    return ours is None or theirs is None or ours == theirs
