"""What publishing a version would change for the questions that people really asked."""

from collections.abc import Sequence
from dataclasses import dataclass

from chat import selectors
from documents.models import State, Version
from documents.publishing import version_at_hand
from documents.selectors import questions_all
from rag.impact import Asked, Effect, impact
from utils.errors import Conflict


@dataclass(frozen=True, slots=True)
class Impact:
    asked: int
    """Questions that were looked at."""
    effects: Sequence[Effect]


def version_impact(*, version: Version, recent: int) -> Impact:
    """What would change if the version were published. Raises Conflict if it is not indexed, ProviderError."""
    if version.state not in (State.DRAFT, State.PUBLISHED, State.SUPERSEDED):
        raise Conflict("This version is not indexed.", code="not_indexed")
    golden = [Asked(question.text, question.asked_by, "golden") for question in questions_all()]
    asked = [Asked(text, role, "recent") for text, role in selectors.questions_recent(most=recent)]
    with version_at_hand(version=version) as preview:
        return Impact(len(golden) + len(asked), impact(questions=[*golden, *asked], preview=preview))
