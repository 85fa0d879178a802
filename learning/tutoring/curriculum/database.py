"""The courses of this database."""

from collections.abc import Mapping
from typing import Any, Self

from django.db.models import Count, Q

from learning.courses.completing import topic_complete
from learning.courses.levels import level_of
from learning.courses.selectors import course_get, enrolment_get, learner_of
from learning.models import Course, QuestionState, Topic, TutoringSession
from learning.tutoring.curriculum.base import (
    MOST_LISTED,
    Completion,
    Curriculum,
    Plan,
    Snapshot,
    Standing,
    listed,
    no_such_topic,
)
from users.models import User

_LEVELS = ((6, "advanced"), (3, "intermediate"), (1, "beginner"))
"""By the level of experience points from which on."""
_MANY_WRONG = 2
_LONGEST_ID = 18
"""Digits: what is longer is in no column."""


class DatabaseCurriculum(Curriculum):
    """Members of a course are tutored in its topics."""

    local = True
    numbered = True

    @classmethod
    def from_settings(cls, config: Mapping[str, Any]) -> Self:
        return cls()

    def snapshot(self, *, user: User, topic_key: str, course_key: str) -> Snapshot:
        course = course_get(viewer=user, course_id=_number(course_key))
        topic = Topic.objects.filter(pk=_number(topic_key), module__course=course).first()
        if topic is None:
            raise no_such_topic()
        enrolment_get(user=user, course=course)
        plan = Plan(
            course_title=course.title,
            topic_title=topic.title,
            description=topic.description,
            learning_objectives=listed(topic.learning_objectives),
            prompt_template=topic.prompt_template,
            collection=course.collection_id,
        )
        return Snapshot(plan, _standing(user, course))

    def complete(self, completion: Completion) -> None:
        topic = Topic.objects.filter(pk=_number(completion.topic_key)).first()
        if topic is None:
            raise no_such_topic()
        topic_complete(user=completion.user, topic=topic, score=completion.score)


def _standing(user: User, course: Course) -> Standing:
    level = level_of(learner_of(user).xp)
    done = Topic.objects.filter(module__course=course, completions__enrolment__user=user)
    return Standing(
        user_level=next(name for least, name in _LEVELS if level >= least),
        completed_topics=tuple(done.values_list("title", flat=True)[:MOST_LISTED]),
        struggles=_struggles(user, course),
    )


def _struggles(user: User, course: Course) -> tuple[str, ...]:
    """Topics of the course in whose tutoring several questions were not answered right."""
    wrong = Count("questions", filter=Q(questions__state=QuestionState.WRONG))
    hard = TutoringSession.objects.filter(user=user, course_key=str(course.pk)).annotate(wrong=wrong)
    told = hard.filter(wrong__gte=_MANY_WRONG).values_list("snapshot__topic_title", flat=True)
    return listed(list(dict.fromkeys(told)))


def _number(key: str) -> int:
    """Raises NotFound for what no row could have."""
    if not (key.isascii() and key.isdecimal() and len(key) <= _LONGEST_ID):
        raise no_such_topic()
    return int(key)
