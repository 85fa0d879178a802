"""The boundary to whoever knows the topics and how far learners have come."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from users.models import User
from utils.errors import NotFound

MOST_LISTED = 50
"""Objectives, completed topics and struggles that are taken in, of each."""
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Plan:
    """What is taught. Texts as the curriculum has them."""

    course_title: str
    topic_title: str
    description: str = ""
    learning_objectives: tuple[str, ...] = ()
    prompt_template: str = ""
    collection: UUID | None = None
    """Of the knowledge base: the course's material."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a learner has come."""

    user_level: str = "beginner"
    completed_topics: tuple[str, ...] = ()
    struggles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a session knows of both, taken at its start and kept in its row."""

    plan: Plan
    standing: Standing = field(default_factory=Standing)

    def as_json(self) -> dict[str, Any]:
        told = {**asdict(self.plan), **asdict(self.standing)}
        return {**told, "collection": str(self.plan.collection) if self.plan.collection else None}

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        collection = told.get("collection")
        plan = Plan(
            course_title=told["course_title"],
            topic_title=told["topic_title"],
            description=told["description"],
            learning_objectives=tuple(told["learning_objectives"]),
            prompt_template=told["prompt_template"],
            collection=UUID(collection) if collection else None,
        )
        standing = Standing(told["user_level"], tuple(told["completed_topics"]), tuple(told["struggles"]))
        return cls(plan, standing)


@dataclass(frozen=True, slots=True)
class Completion:
    """That a learner has mastered a topic."""

    key: UUID
    """The same however often it is told."""
    user: User
    topic_key: str
    course_key: str
    score: float
    completed_at: datetime


class Curriculum(ABC):
    local: ClassVar[bool]
    """Whether it lives in this database: a completion is then told in the transaction that ends the session, else it
    waits in the outbox."""
    numbered: ClassVar[bool]
    """Whether its ids are whole numbers, which the API then answers as such."""

    @classmethod
    @abstractmethod
    def from_settings(cls, config: Mapping[str, Any]) -> Self:
        """Built from ``settings.TUTORING``. Must be quick and must not connect to anything."""

    @abstractmethod
    def snapshot(self, *, user: User, topic_key: str, course_key: str) -> Snapshot:
        """The topic of that course, and how far the learner has come. Raises NotFound where there is none for them;
        of a service elsewhere ProviderError, within a total time that somebody may wait."""

    @abstractmethod
    def complete(self, completion: Completion) -> None:
        """Take a completion, once for its key however often it comes. Tries once. Raises ProviderError."""


def listed(values: object) -> tuple[str, ...]:
    """The texts of a list that somebody else has made."""
    if not isinstance(values, list | tuple):
        return ()
    texts = (" ".join(value.split())[:_LONGEST] for value in values if isinstance(value, str))
    return tuple(text for text in texts if text)[:MOST_LISTED]


def no_such_topic() -> NotFound:
    return NotFound("There is no such topic in this course.")
