"""The boundary to whatever says what a change of the knowledge base would do, before it is made."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from documents.models import Question, Version
from utils.errors import Conflict

Preview = Mapping[UUID, int | None]
"""Documents by id, each with the number of the version that is taken for the published one; None: it is gone."""


@dataclass(frozen=True, slots=True)
class Breakage:
    """A golden question that passes now and would not pass any more."""

    question: Question
    reason: str


class WouldBreakQuestions(Conflict):
    """Golden questions that pass now would fail."""

    code = "would_break_questions"
    title = "Golden questions would fail"

    def __init__(self, broken: Sequence[Breakage]) -> None:
        questions = [{"id": str(b.question.pk), "text": b.question.text, "reason": b.reason} for b in broken]
        listed = "; ".join(f"{b.question.text} ({b.reason})" for b in broken[:3])
        more = f" and {len(broken) - 3} more" if len(broken) > 3 else ""
        super().__init__(f"This would break: {listed}{more}.", members={"questions": questions})


class Gate(ABC):
    """Looks at a change that has yet to be made."""

    @abstractmethod
    def prepare(self, version: Version) -> None:
        """Have at hand whatever a search needs of the version. Raises GroundedError."""

    @abstractmethod
    def broken(self, preview: Preview) -> Sequence[Breakage]:
        """What the change would break. The versions in it have been announced as drafts. Raises GroundedError."""


@cache
def gate() -> Gate:
    kind: type[Gate] = import_string(settings.PUBLISHING_GATE)
    return kind()


def _rebuild(*, setting: str, **_: object) -> None:
    if setting == "PUBLISHING_GATE":
        gate.cache_clear()


setting_changed.connect(_rebuild)
