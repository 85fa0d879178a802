"""Answers without a language model: the passages' own sentences that fit the question best."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Literal, Self

from documents.sentences import sentences
from rag.boundaries import embedder, lexical_index
from rag.errors import ProviderError
from rag.generators.base import Delta, Finish, Generator, Passage, Prompt
from rag.lexical.analysis import terms
from rag.prompts import REFUSAL

MOST_WORDS = 80
_SECOND_BEST = 0.85
_HOW = re.compile(r"\s*how\s+(?:do|does|can|could|should|would|to|is|are)\b", re.IGNORECASE)
_LIST = re.compile(r"^\s*(?:[-*+•]|\d+[.)])\s", re.MULTILINE)
_TABLE = re.compile(r"^\s*\|", re.MULTILINE)
_CODE = re.compile(
    r"^(?:```|~~~| {4}|\t|[{}\[\]<$>]|\w+\(|(?:curl|sudo|pip|make|import|from|GET|POST)\s)", re.MULTILINE
)

Kind = Literal["sentence", "list", "table", "code"]
_WORTH: Mapping[Kind, float] = {"sentence": 0.0, "list": 0.0, "table": -0.1, "code": -0.4}
"""Code and tables share words with a question without answering it more often than prose does."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A sentence; or a list, a table or code, whole and with the line that introduces it."""

    passage: Passage
    position: int
    """Place in the passage; 0 is what comes first under its heading."""
    text: str
    kind: Kind

    @property
    def whole(self) -> bool:
        return self.kind != "sentence"


class ExtractiveGenerator(Generator):
    """Quotes up to 80 words, each sentence with its passage's marker. Never fails and calls nobody outside."""

    name = "extractive"
    local = True

    @classmethod
    def from_settings(cls, config: Mapping[str, Any]) -> Self:
        return cls()

    def stream(self, prompt: Prompt, *, timeout: float) -> Iterator[Delta | Finish]:
        pieces = [piece for passage in prompt.passages for piece in _pieces(passage)]
        chosen = _choose(pieces, _scores(prompt.question, pieces))
        if not chosen:
            yield Delta(f"{REFUSAL}.")
        for number, piece in enumerate(chosen):
            gap = "" if number == 0 else "\n\n" if piece.whole or chosen[number - 1].whole else " "
            yield Delta(f"{gap}{piece.text}{_marker(piece)}")
        yield Finish(model=self.name)


def _marker(piece: _Piece) -> str:
    # Behind a fence or a table row the marker would become part of it.
    return f"{chr(10) if piece.whole else ' '}[{piece.passage.marker}]"


def _pieces(passage: Passage) -> Iterator[_Piece]:
    headings = {part.strip() for part in passage.heading.split(" > ")} | {passage.title}
    blocks = [block.strip("\n") for block in re.split(r"\n[ \t]*\n", passage.text) if block.strip()]
    blocks = [block for block in blocks if block.strip().lstrip("# ") not in headings]
    position, lead = 0, ""
    for block, following in zip_longest(blocks, blocks[1:], fillvalue=""):
        kind = _kind(block)
        if kind == "sentence" and following and block.rstrip().endswith(":"):
            lead = block.strip()  # it introduces what follows
            continue
        if kind != "sentence" or lead:
            yield _Piece(passage, position, f"{lead}\n\n{block}".strip(), kind if kind != "sentence" else "list")
            position += 1
        else:
            for start, end in sentences(block):
                yield _Piece(passage, position, " ".join(block[start:end].split()), "sentence")
                position += 1
        lead = ""


def _kind(block: str) -> Kind:
    if _TABLE.match(block):
        return "table"
    if _LIST.match(block):
        return "list"
    return "code" if _CODE.match(block) else "sentence"


def _scores(question: str, pieces: Sequence[_Piece]) -> list[float]:
    """How well each piece answers: its meaning, the question's words in it, and where it stands."""
    weights = lexical_index().weights_or_none(question)
    total = sum(weights.values()) or 1.0
    best = max((piece.passage.score for piece in pieces), default=1.0) or 1.0
    steps = 0.15 if _HOW.match(question) else 0.0
    scores = []
    for piece, cosine in zip(pieces, _cosines(question, pieces), strict=True):
        inside, above = set(terms(piece.text)), set(terms(piece.passage.heading))
        shared = sum(
            weight if term in inside else weight / 2 for term, weight in weights.items() if term in inside | above
        )
        scores.append(
            cosine
            + 0.5 * shared / total
            + 0.3 * piece.passage.score / best
            + (0.1 if piece.position == 0 else 0.0)
            + (steps if piece.kind == "list" else 0.0)
            + _WORTH[piece.kind]
        )
    return scores


def _cosines(question: str, pieces: Sequence[_Piece]) -> list[float]:
    model = embedder()
    # An online embedder is not asked: this generator is what answers when nothing outside can be reached.
    if model is None or not pieces or not model.local:
        return [0.0] * len(pieces)
    try:
        vectors = model.embed([question, *(piece.text for piece in pieces)], "document")
    except ProviderError:
        return [0.0] * len(pieces)
    return [float(value) for value in vectors[1:] @ vectors[0]]


def _choose(pieces: Sequence[_Piece], scores: Sequence[float]) -> list[_Piece]:
    """The best piece, and others nearly as good while there is room, in the order of the passages."""
    order = sorted(range(len(pieces)), key=lambda number: -scores[number])
    chosen: list[int] = []
    words = 0
    for number in order:
        length = len(pieces[number].text.split())
        if chosen and (scores[number] < _SECOND_BEST * scores[order[0]] or words + length > MOST_WORDS):
            continue
        if any(pieces[number].text == pieces[other].text for other in chosen):
            continue
        chosen.append(number)
        words += length
        if len(chosen) == 3 or pieces[number].whole:
            break
    chosen.sort(key=lambda number: (pieces[number].passage.marker, pieces[number].position))
    return [pieces[number] for number in chosen]
