"""Placeholders for what is masked in one request, and the way back."""

import re
from collections.abc import Iterable, Sequence

from rag.privacy.findings import EVERY, Finding, Kind, find

_NAMES = "|".join(Kind)
_NAME = re.compile(rf"\b({_NAMES})_(\d+)")
# Models escape for Markdown, and prompts turn angles that close nothing into others.
_PLACEHOLDER = re.compile(rf"(?:\\?<|‹)({_NAMES})\\?_(\d{{1,4}})(?:\\?>|›)")
_BEGUN = re.compile(r"(?:\\|(?:\\?<|‹)[A-Z]{0,8}\\?_?\d{0,4}\\?)$")
_SHORT = 8
"""Characters. What is shorter is masked elsewhere only where it stands by itself."""


class Mask:
    """What was found in a request's texts, each value with a placeholder such as ``<EMAIL_1>``.

    First every text is noted, what people wrote before what is quoted to them; then each is hidden. A value has one
    placeholder, however it is spelled, and is hidden wherever it stands. A name that a text holds already is nobody's:
    what stands for it in the answer is left as it is.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        """``texts``: all of the request, for the names that they hold already."""
        self._taken = {match.group() for text in texts for match in _NAME.finditer(text)}
        self._names: dict[tuple[Kind, str], str] = {}
        self._spellings: dict[str, str] = {}
        self._values: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None

    def __bool__(self) -> bool:
        """Whether anything is hidden."""
        return bool(self._names)

    def note(self, text: str, kinds: frozenset[Kind]) -> None:
        """Find what is to be hidden: what is of these kinds, and values that have been noted of other texts."""
        if not kinds and not self._names:
            return
        for finding in find(text, EVERY):
            value = (finding.kind, _canonical(text, finding))
            if finding.kind in kinds or value in self._names:
                name = self._names.get(value) or self._named(value)
                spelling = text[finding.start : finding.end]
                self._values[name] = spelling
                self._spellings[spelling] = name
        self._pattern = None

    def hide(self, text: str) -> str:
        """The text with placeholders for all that has been noted."""
        if not self._spellings:
            return text
        if self._pattern is None:
            longest_first = sorted(self._spellings, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(_wherever, longest_first)))
        return self._pattern.sub(lambda match: f"<{self._spellings[match.group()]}>", text)

    def restore(self, text: str) -> str:
        """The text with the values back in. Placeholders that nothing stands behind stay as they are."""
        return _PLACEHOLDER.sub(lambda match: self._values.get(f"{match[1]}_{match[2]}", match.group()), text)

    def _named(self, value: tuple[Kind, str]) -> str:
        number = 1
        while (name := f"{value[0]}_{number}") in self._taken:
            number += 1
        self._taken.add(name)
        self._names[value] = name
        return name


class Restorer:
    """Restores a text that comes in pieces. What it gives, put together, is the whole text restored."""

    def __init__(self, mask: Mask) -> None:
        self._mask = mask
        self._held = ""

    def feed(self, text: str) -> str:
        """What is sure by now: a placeholder that has begun is held back until it is whole."""
        text = self._held + text
        begun = _BEGUN.search(text)
        sure = begun.start() if begun else len(text)
        self._held = text[sure:]
        return self._mask.restore(text[:sure])

    def close(self) -> str:
        """What was held back."""
        held, self._held = self._held, ""
        return self._mask.restore(held)


def texts_mask(texts: Sequence[str]) -> list[str]:
    """The texts with all that is personal or secret masked, for a provider whose answer quotes none of it."""
    mask = Mask(texts)
    for text in texts:
        mask.note(text, EVERY)
    return [mask.hide(text) for text in texts]


def _canonical(text: str, finding: Finding) -> str:
    """What is the same for every spelling of a value."""
    spelling = text[finding.start : finding.end]
    match finding.kind:
        case Kind.EMAIL:
            return spelling.casefold()
        case Kind.PHONE | Kind.CARD | Kind.BANK | Kind.ID:
            return "".join(character for character in spelling.upper() if character.isalnum())
        case _:
            return spelling


def _wherever(spelling: str) -> str:
    escaped = re.escape(spelling)
    return rf"(?<!\w){escaped}(?!\w)" if len(spelling) < _SHORT else escaped
