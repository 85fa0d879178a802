"""The boundary to whatever writes an answer from passages."""

import secrets
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self


@dataclass(frozen=True, slots=True)
class Passage:
    """One numbered piece of the knowledge base, as a generator sees it."""

    marker: int
    """From 1; an answer refers to the passage as ``[1]``."""
    title: str
    heading: str
    """The path of headings, joined by " > "; empty where the text has none."""
    text: str
    score: float
    masking: str = "all"
    """The policy of its collection (documents.models.Masking). What is of none, as a turn is, is masked whole."""
    record: bool = False
    """No document but what a tool says of its caller: told as it is by a generator that only quotes."""


@dataclass(frozen=True, slots=True)
class Turn:
    role: Literal["user", "assistant"]
    content: str
    meant: str = ""
    """Of a question: how it was understood, where that is not how it was put."""
    sources: tuple[str, ...] = ()
    """Of an answer: "title > headings" of each passage that it cites."""


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A function that a generator may ask to have called."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    """JSON schema of an object."""
    fits: Callable[[str], Mapping[str, Any] | None] = field(default=lambda question: None, compare=False)
    """For generators without a model: the arguments with which it answers a question; None: it does not."""


@dataclass(frozen=True, slots=True)
class Call:
    """A generator asks for a function. What it names and gives may be anything."""

    name: str
    arguments: str
    """JSON, if it is well-formed."""


@dataclass(frozen=True, slots=True)
class Called:
    """What came of a call."""

    call: Call
    passages: Sequence[Passage] = ()
    note: str = ""
    """What is to be said besides, or why nothing came."""


@dataclass(frozen=True, slots=True)
class Prompt:
    question: str
    passages: Sequence[Passage]
    history: Sequence[Turn] = ()
    """Earlier turns, oldest first, without the question."""
    tools: Sequence[ToolSpec] = ()
    """If there are any, the passages come from what is called."""
    called: Sequence[Called] = ()
    """In their order."""
    may_call: bool = True
    """Whether more may be called; if not, it is to answer."""
    rule: str = ""
    """What the model is to do, where that is not to answer."""
    form: Literal["text", "json"] = "text"
    """JSON: the rule asks for an object and nothing else (rag/structured.py)."""
    temperature: float = 0.0
    guidance: str = ""
    """Rules beside those of answering with tools, in this program's own words."""
    asker: str = ""
    """What is known of whoever asks, for answering with tools: data, as the question is."""
    strict: bool = False
    """An answer to it was tried already and said what the passages do not say."""
    nonce: str = field(default_factory=lambda: secrets.token_hex(8), compare=False)
    """A word that no text of this request can know: it marks what is data (rag/prompts.py)."""
    placeholders: bool = False
    """Placeholders stand in it for what the generator is not to see (rag/privacy/)."""


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class Finish:
    """Comes once, last: the answer is whole."""

    model: str
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def after(self, earlier: "Finish") -> "Finish":
        """What both have taken, of the model that came last."""
        return Finish(
            self.model or earlier.model,
            earlier.prompt_tokens + self.prompt_tokens,
            earlier.completion_tokens + self.completion_tokens,
        )


NOTHING_SPENT = Finish(model="")


class Generator(ABC):
    name: str
    """Names the kind of generator in ``model`` fields and logs: ``mistral``, ``openai``, ``extractive``."""
    writes: ClassVar[bool] = True
    """Whether it can do as a rule in the prompt says; one that only quotes cannot."""
    local: ClassVar[bool] = False
    """Runs on this machine: what it is given goes nowhere. Any other gets masked prompts (rag/privacy/)."""

    @classmethod
    @abstractmethod
    def from_settings(cls, config: Mapping[str, Any]) -> Self:
        """Built from ``settings.RAG``. Must be quick and must not connect to anything."""

    @abstractmethod
    def stream(self, prompt: Prompt, *, timeout: float) -> AsyncGenerator[Delta | Call | Finish, None]:
        """Deltas, or Calls of the prompt's tools, then exactly one Finish. ``timeout`` is the total in seconds.

        Raises ProviderError, also while it is iterated; a stream that ends without the provider's word that it is
        finished raises StreamTruncated. Closing the iterator closes the connection. Never retries. Runs on an event
        loop, which it does not block, and without one (utils/waiting.py).
        """
