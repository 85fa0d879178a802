"""The completion marker is never shown: not in other letters, not in markup, not in pieces of a stream."""

import re

from documents.screening.folding import fold

_SIGNS = r"[\[\](){}<>*_`~|\\«»‹›⟦⟧【】]"
_AROUND = re.compile(_SIGNS)
_AROUND_ALL = re.compile(f"^{_SIGNS}+")
_MOST_AROUND = 16


def letters(text: str) -> tuple[str, list[int]]:
    """The letters and digits of a text, small and plain, and where each stands."""
    folded = fold(text)
    found = [(sign, folded.place(at)) for at, sign in enumerate(folded.text) if sign.isalnum()]
    return "".join(sign for sign, _ in found), [place for _, place in found]


class Withheld:
    """Takes the marker out of a text that comes in pieces; what may be its beginning is held back until that is known.

    Known by its letters and digits, whatever stands between them: ``[[Tutor: Topic—**mastered**]]`` is it as well.
    """

    def __init__(self, marker: str) -> None:
        self._marker, _ = letters(marker)
        self._held = ""
        self._told = ""
        """The last letters that have left: a marker around which another one was taken out must not close behind it."""
        self._ends = False
        """A marker was taken out at the very end, so signs around it may follow."""
        self.met = False
        """Whether it was there."""

    def feed(self, text: str) -> str:
        if self._ends:
            text = text[len(text) - len(_AROUND_ALL.sub("", text)) :]
            self._ends = not text
        self._held += text
        return self._leave(self._sure())

    def close(self) -> str:
        """What was held back, once nothing more comes."""
        self._sure()
        return self._leave(len(self._held))

    def _sure(self) -> int:
        """Up to where no marker can be, now that those which are whole are out."""
        signs, places = letters(self._held)
        while (at := (self._told + signs).find(self._marker)) >= 0:
            self.met = True
            at -= len(self._told)
            start, end = self._before(places[max(0, at)]), places[at + len(self._marker) - 1] + 1
            while end < len(self._held) and _AROUND.match(self._held[end]):
                end += 1
            self._ends = end == len(self._held)
            self._held = self._held[:start] + self._held[end:]
            signs, places = letters(self._held)
        for length in range(min(len(self._marker) - 1, len(signs)), 0, -1):
            if signs.endswith(self._marker[:length]):
                return self._before(places[len(signs) - length])
        return self._before(len(self._held))

    def _before(self, place: int) -> int:
        """Where the signs begin that stand around it."""
        start = place
        while start > max(0, place - _MOST_AROUND) and _AROUND.match(self._held[start - 1]):
            start -= 1
        return start

    def _leave(self, cut: int) -> str:
        leaving, self._held = self._held[:cut], self._held[cut:]
        self._told = (self._told + letters(leaving)[0])[1 - len(self._marker) :]
        return leaving


def holds_marker(text: str, marker: str) -> bool:
    return letters(marker)[0] in letters(text)[0]
