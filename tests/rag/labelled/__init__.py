"""Sentences with personal data and secrets in them, and sentences with what only looks like it.

What is to be masked stands between « and », behind its kind: ``«EMAIL anna@example.org»``. Everything is invented, or
one of the examples that issuers and standards publish; what would look like a real key is drawn here from a fixed seed.
"""

import random
import re
import string

from rag.privacy.findings import Finding, Kind

_MARK = re.compile(r"«([A-Z]+) (.*?)»", re.DOTALL)
_DRAWN = re.compile(r"\{(\d+)([abhu])\}")
_ALPHABETS = {
    "a": string.ascii_letters + string.digits,
    "b": string.ascii_letters + string.digits + "-_",
    "h": "0123456789abcdef",
    "u": string.ascii_uppercase + string.digits,
}


def labelled(sentences: str) -> list[tuple[str, list[Finding]]]:
    """One for each line: the text and what is to be found in it. ``{36a}`` becomes 36 random letters and digits."""
    lot = random.Random(7)
    found = []
    for line in filter(None, map(str.strip, sentences.splitlines())):
        drawn = _DRAWN.sub(lambda m: "".join(lot.choices(_ALPHABETS[m[2]], k=int(m[1]))), line).replace("\\n", "\n")
        text, findings, last = "", [], 0
        for mark in _MARK.finditer(drawn):
            text += drawn[last : mark.start()]
            findings.append(Finding(len(text), len(text) + len(mark[2]), Kind(mark[1])))
            text, last = text + mark[2], mark.end()
        found.append((text + drawn[last:], findings))
    return found
