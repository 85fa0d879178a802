"""The boundary to whatever judges whether a sentence is supported by the passages that it cites."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

Reason = Literal["", "no_passage", "number", "name", "negation", "roles", "not_said"]
"""Why a claim is not supported. Empty where it is; ``not_said``: the passages are about something else."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer, without its markers."""

    text: str
    passages: Sequence[str]
    """What it must rest on, all of them together: the text of each with its title and headings above it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    supported: bool
    score: float
    """0 to 1, for comparing passages; implementations differ in what it means."""
    reason: Reason = ""


class SupportChecker(ABC):
    name: str

    @classmethod
    @abstractmethod
    def from_settings(cls, config: Mapping[str, Any]) -> Self:
        """Built from ``settings.RAG``. Must be quick and must not connect to anything."""

    @abstractmethod
    def check(self, claims: Sequence[Claim], *, timeout: float) -> list[Verdict]:
        """A verdict for each claim, in their order. ``timeout`` is the total in seconds.

        A claim without passages is not supported. Never raises because a service cannot be reached: it then judges
        by what it has.
        """
