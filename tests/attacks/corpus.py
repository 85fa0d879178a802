"""What an attack is, and the two halves of the corpus put together.

The halves were written one after the other, by the same list of techniques. The detectors in documents/screening were
tuned on the first alone; the second tells how well they do on what they were not made for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tests.attacks import first_half, fourth_part, second_half, third_part

Place = Literal["passage", "title", "heading", "file_name", "author", "user_name", "history", "parts"]
Attacks = Mapping[str, Sequence[str | Sequence[str]]]
PLACES: Mapping[str, Place] = {
    "in the title": "title",
    "in a heading": "heading",
    "in the file name": "file_name",
    "in the author field": "author",
    "in the user name": "user_name",
    "in the history": "history",
    "split over passages": "parts",
}
"""Techniques that are about a place; all others stand in a passage."""
OUTSIDE: frozenset[Place] = frozenset({"user_name", "history"})
"""Places that are no part of a document, so that no ingestion filter meets them."""


@dataclass(frozen=True, slots=True)
class Attack:
    half: str
    technique: str
    number: int
    text: str
    """Of all parts, where it is split."""
    parts: tuple[str, ...]

    @property
    def place(self) -> Place:
        return PLACES.get(self.technique, "passage")

    def __str__(self) -> str:
        return f"{self.half}: {self.technique} {self.number}"


def _attacks(half: str, techniques: Attacks) -> Iterator[Attack]:
    for technique, texts in techniques.items():
        for number, given in enumerate(texts, start=1):
            parts = (given,) if isinstance(given, str) else tuple(given)
            yield Attack(half, technique, number, "\n\n".join(parts), parts)


FIRST = tuple(_attacks("first", first_half.ATTACKS))
SECOND = tuple(_attacks("second", second_half.ATTACKS))
THIRD = tuple(_attacks("third", third_part.ATTACKS))
FOURTH = tuple(_attacks("fourth", fourth_part.ATTACKS))
ALL = FIRST + SECOND + THIRD + FOURTH
