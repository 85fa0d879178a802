"""Which pieces an answer is made of: as few as are likely to hold the answer, in at most 80 words."""

from collections.abc import Sequence

from rag.extraction.pieces import MOST_WORDS, Piece
from rag.extraction.scoring import Floats

_SURE = 0.85
"""Enough, if the answer is in what was chosen with this likelihood: one sentence where it is clear, more where not."""
_LEAST = 0.02
_MOST = 4


def choose(pieces: Sequence[Piece], likely: Floats) -> list[Piece]:
    """In the order of the passages."""
    chosen: list[int] = []
    words, sure = 0, 0.0
    for number in sorted(range(len(pieces)), key=lambda number: -likely[number]):
        piece = pieces[number]
        if chosen and (sure >= _SURE or len(chosen) == _MOST or likely[number] < _LEAST):
            break
        said = {" ".join(pieces[other].text.split()) for other in chosen}
        if " ".join(piece.text.split()) in said:
            continue
        needed = piece.words + (0 if any(pieces[other].lead == piece.lead for other in chosen) else piece.lead_words)
        if chosen and words + needed > MOST_WORDS:
            continue
        chosen.append(number)
        words += needed
        sure += float(likely[number])
    return [pieces[number] for number in sorted(chosen)]
