"""The boundary to whatever writes an answer from passages."""

import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
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
    masking: str = "off"
    """The policy of its collection (documents.models.Masking)."""


@dataclass(frozen=True, slots=True)
class Turn:
    role: Literal["user", "assistant"]
    content: str
    meant: str = ""
    """Of a question: how it was understood, where that is not how it was put."""
    sources: tuple[str, ...] = ()
    """Of an answer: "title > headings" of each passage that it cites."""


@dataclass(frozen=True, slots=True)
class Prompt:
    question: str
    passages: Sequence[Passage]
    history: Sequence[Turn] = ()
    """Earlier turns, oldest first, without the question."""
    rule: str = ""
    """What the model is to do, where that is not to answer."""
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
    def stream(self, prompt: Prompt, *, timeout: float) -> Iterator[Delta | Finish]:
        """Deltas, then exactly one Finish. ``timeout`` is the total in seconds.

        Raises ProviderError, also while it is iterated; a stream that ends without the provider's word that it is
        finished raises StreamTruncated. Closing the iterator closes the connection. Never retries.
        """
