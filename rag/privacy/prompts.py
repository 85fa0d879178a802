"""Prompts without what is masked, and generators that see no others."""

import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import fields, is_dataclass, replace
from typing import Any, Self, TypeVar, cast

from rag.generators.base import Call, Delta, Finish, Generator, Prompt
from rag.privacy.findings import EVERY
from rag.privacy.masking import Mask, Restorer
from rag.privacy.policy import passage_kinds, question_kinds
from rag.prompts import strings_mapped
from utils.waiting import apart

T = TypeVar("T")
_OURS = frozenset({"role", "rule", "guidance", "form", "nonce", "masking", "tools"})
"""Fields that hold words of this program. Every other text of a prompt is somebody's."""


class MaskedGenerator(Generator):
    """Passes prompts on without what the policies mask, and puts it back into the answer."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self.name = generator.name

    @classmethod
    def from_settings(cls, config: Mapping[str, Any]) -> Self:
        raise NotImplementedError("It is made for another generator.")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._generator, name)

    async def stream(self, prompt: Prompt, *, timeout: float) -> AsyncGenerator[Delta | Call | Finish, None]:
        prompt, mask = await apart(prompt_mask, prompt)
        restorer = Restorer(mask)
        async with aclosing(self._generator.stream(prompt, timeout=timeout)) as events:
            async for event in events:
                if isinstance(event, Finish) and (rest := restorer.close()):
                    yield Delta(rest)
                if isinstance(event, Finish):
                    yield event
                elif isinstance(event, Call):
                    yield _restored(event, mask)
                elif text := restorer.feed(event.text):
                    yield Delta(text)


def _restored(call: Call, mask: Mask) -> Call:
    """With the values in its arguments. What is no JSON stays as it is: nobody will read it."""
    try:
        arguments = strings_mapped(json.loads(call.arguments), mask.restore)
    except (ValueError, RecursionError):
        return call
    return replace(call, arguments=json.dumps(arguments, ensure_ascii=False))


def guarded(generator: Generator) -> Generator:
    """The door to whoever writes answers: one that is not of this machine gets masked prompts only."""
    return generator if generator.local else MaskedGenerator(generator)


def prompt_mask(prompt: Prompt) -> tuple[Prompt, Mask]:
    """The prompt with placeholders, and what they stand for."""
    mask = Mask(_texts(prompt))
    for text in _texts(replace(prompt, passages=(), history=(), called=())):
        mask.note(text, question_kinds())
    mask.note(prompt.asker, EVERY)
    for turn in prompt.history:
        # An answer may quote a collection whose policy masks it, whatever is done with questions.
        for text in _texts(turn):
            mask.note(text, EVERY if turn.role == "assistant" else question_kinds())
    for called in prompt.called:
        # A model may have put into an argument what a passage holds.
        for text in _texts(replace(called, passages=())):
            mask.note(text, EVERY)
    for passage in [*prompt.passages, *(passage for called in prompt.called for passage in called.passages)]:
        for text in _texts(passage):
            mask.note(text, passage_kinds(passage.masking))
    return (replace(_mapped(prompt, mask.hide), placeholders=True), mask) if mask else (prompt, mask)


def _texts(value: object) -> list[str]:
    texts: list[str] = []

    def kept(text: str) -> str:
        texts.append(text)
        return text

    _mapped(value, kept)
    return texts


def _mapped(value: T, change: Callable[[str], str]) -> T:
    """A copy in which every text that is not ours is changed, however deep it lies."""
    if isinstance(value, str):
        return cast("T", change(value))
    if is_dataclass(value) and not isinstance(value, type):
        parts = {part.name: getattr(value, part.name) for part in fields(value) if part.init and part.name not in _OURS}
        return replace(value, **{name: _mapped(part, change) for name, part in parts.items()})
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return cast("T", tuple(_mapped(part, change) for part in value))
    return value
