"""Answers without a language model: the passages' own sentences that fit the question best."""

import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from typing import Any, Self

from rag.extraction.choosing import choose
from rag.extraction.pieces import Piece, pieces
from rag.extraction.scoring import about, features, likelihoods
from rag.extraction.writing import written
from rag.generators.base import Call, Delta, Finish, Generator, Prompt
from rag.prompts import REFUSAL
from utils.waiting import apart


class ExtractiveGenerator(Generator):
    """Quotes up to 80 words, each sentence with its passage's marker. Never fails and asks nobody outside.

    Of tools it has the first called that fits the question, once; what one says of its caller is told as it is.
    """

    name = "extractive"
    writes = False
    local = True

    @classmethod
    def from_settings(cls, config: Mapping[str, Any]) -> Self:
        return cls()

    async def stream(self, prompt: Prompt, *, timeout: float) -> AsyncGenerator[Delta | Call | Finish, None]:
        if prompt.tools and prompt.may_call and not prompt.called and (call := routed(prompt)):
            yield call
            yield Finish(model=self.name)
            return
        prompt = _gathered(prompt)
        records = [passage for passage in prompt.passages if passage.record]
        for number, record in enumerate(records):
            yield Delta("\n\n" * bool(number) + record.text)
        if records:
            yield Finish(model=self.name)
            return
        chosen = await apart(_chosen, prompt)
        if not chosen:
            yield Delta(f"{REFUSAL}.")
        for part in written(chosen):
            yield Delta(part)
        yield Finish(model=self.name)


def routed(prompt: Prompt) -> Call | None:
    """The call that fits the question by the rules of the tools themselves."""
    for tool in prompt.tools:
        arguments = tool.fits(prompt.question)
        if arguments is not None:
            return Call(tool.name, json.dumps(dict(arguments), ensure_ascii=False))
    return None


def _gathered(prompt: Prompt) -> Prompt:
    """With all that tools have found as its passages."""
    return replace(prompt, passages=[*prompt.passages, *(p for called in prompt.called for p in called.passages)])


def _chosen(prompt: Prompt) -> list[Piece]:
    found = [piece for passage in prompt.passages for piece in pieces(passage)]
    if not found:
        return []
    table = features(prompt.question, found)
    return choose(found, likelihoods(table), about(prompt.question, found))
