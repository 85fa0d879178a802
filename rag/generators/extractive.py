"""Answers without a language model: the passages' own sentences that fit the question best."""

from collections.abc import Iterator, Mapping
from typing import Any, Self

from rag.extraction.choosing import choose
from rag.extraction.pieces import Piece, pieces
from rag.extraction.scoring import about, features, likelihoods
from rag.extraction.writing import written
from rag.generators.base import Delta, Finish, Generator, Prompt
from rag.prompts import REFUSAL


class ExtractiveGenerator(Generator):
    """Quotes up to 80 words, each sentence with its passage's marker. Never fails and calls nobody outside."""

    name = "extractive"
    writes = False
    local = True

    @classmethod
    def from_settings(cls, config: Mapping[str, Any]) -> Self:
        return cls()

    def stream(self, prompt: Prompt, *, timeout: float) -> Iterator[Delta | Finish]:
        found = [piece for passage in prompt.passages for piece in pieces(passage)]
        chosen: list[Piece] = []
        if found:
            table = features(prompt.question, found)
            chosen = choose(found, likelihoods(table), about(prompt.question, found))
        if not chosen:
            yield Delta(f"{REFUSAL}.")
        for part in written(chosen):
            yield Delta(part)
        yield Finish(model=self.name)
