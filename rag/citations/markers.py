"""The markers of an answer, ``[1]``: those of a passage stay, invented ones go, and code is left as it is.

Text is filtered while it is written, so that an invented marker is in no delta either. What may still become a marker,
or is code that may still end, is held back until it is told; a block of code therefore comes in one piece.
"""

import re
from collections.abc import Container, Iterator

from documents.blocks import cleaned

_GAP = "[\\s\u200b-\u200d\u2060]{0,3}"
# Models also write [1, 2], [1-3], [Passage 1] and 【1†source】; they become plain markers.
_GROUP = (
    rf"\[{_GAP}(?:(?:passage|source)s?{_GAP})?\d{{1,3}}{_GAP}(?:[,;–-]{_GAP}\d{{1,3}}{_GAP}){{0,9}}\]"
    rf"|【{_GAP}\d{{1,3}}{_GAP}(?:†[^】\n]{{0,20}})?】"
)
_OPEN = rf"\[{_GAP}[a-z]{{0,8}}[\d,;–\-\s\u200b-\u200d\u2060]{{0,99}}|【[^】]{{0,40}}"
"""What may become one."""
_CODE = r"```.*?```|`[^`\n]*`"

_BEGIN = re.compile(r"`| ?[\[【]| \Z")
_TOKEN = re.compile(rf"{_CODE}| ?(?P<markers>(?:{_GROUP})+)", re.DOTALL | re.IGNORECASE)
_UNDECIDED = re.compile(rf"```.*|`[^`\n]*|``| | ?(?:{_GROUP})*(?:{_OPEN})?", re.DOTALL | re.IGNORECASE)
_OPENED = re.compile(rf"(?:{_OPEN})\Z", re.IGNORECASE)
_LONGEST = 120
"""Characters that the longest of these patterns may match."""
_NUMBERS = re.compile(r"(?P<first>\d+)(?:[^\d,;]*[–-][^\d,;]*(?P<last>\d+))?")
_PLAIN = re.compile(r"```.*?```|`[^`\n]*`|\[(?P<number>\d{1,3})\]", re.DOTALL)


class MarkerFilter:
    """Passes on a text that comes in pieces, without the markers that name no passage."""

    def __init__(self, known: Container[int]) -> None:
        self._known = known
        self._held = ""
        self._last = ""

    def feed(self, piece: str) -> str:
        """What can be told by now, of this piece and of what was held back."""
        return self._passed(cleaned(piece), whole=False)

    def close(self) -> str:
        """What is left: nothing more comes."""
        return self._passed("", whole=True)

    def _passed(self, piece: str, *, whole: bool) -> str:
        text, self._held = self._held + piece, ""
        told: list[str] = []
        position = 0
        while begin := _BEGIN.search(text, position):
            told.append(self._tell(text[position : begin.start()]))
            position = begin.start()
            token = _TOKEN.match(text, position)
            # At the end of the text another marker may follow, or a backtick that makes `` a fence.
            fence = text.startswith("```", position)
            settled = token is not None and (token[0].startswith("```") if fence else token.end() < len(text))
            if not whole and not settled and _UNDECIDED.fullmatch(text, position):
                self._held = text[position:]
                return "".join(told)
            told.append(self._tell(self._checked(token) if token else text[position]))
            position = token.end() if token else position + 1
        return "".join([*told, self._tell(text[position:])])

    def _tell(self, text: str) -> str:
        self._last = (self._last + text)[-_LONGEST:]
        return text

    def _checked(self, token: re.Match[str]) -> str:
        if not token["markers"]:
            return token[0]
        numbers = list(_named(token["markers"]))
        if 0 in numbers and len(numbers) > 1:
            return token[0]  # an interval or a list of numbers: passages are counted from 1
        kept = [number for number in dict.fromkeys(numbers) if number in self._known]
        if kept:
            space = " " if token[0].startswith(" ") else ""
            return space + "".join(f"[{number}]" for number in kept)
        # In "[7[8]]" what is left must not close up to a marker.
        return "…" if _OPENED.search(self._last) else ""


def _named(markers: str) -> Iterator[int]:
    for match in _NUMBERS.finditer(markers):
        first = int(match["first"])
        yield from range(first, int(match["last"] or first) + 1)


def filtered(text: str, known: Container[int]) -> str:
    """A whole text without the markers that name no passage."""
    keep = MarkerFilter(known)
    return keep.feed(text) + keep.close()


def markers_in(text: str) -> list[int]:
    """The markers of a filtered text in their order, each once; what stands in code is none."""
    return list(dict.fromkeys(int(match["number"]) for match in _PLAIN.finditer(text) if match["number"]))


def without_markers(text: str) -> str:
    return _PLAIN.sub(lambda match: "" if match["number"] else match[0], text)
