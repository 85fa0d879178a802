"""How long the nightly insights take: python -m benchmarks.insights --learners 50000

Makes learners, courses, enrolments, completions, quizzes and hints in the database that DATABASE_URL names, which must
be an empty one, and finds the insights twice: all of them new, and all of them known.
"""

import argparse
import os
import random
import sys
import time
from datetime import timedelta

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

    import django

    django.setup()

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from learning.insights.services import insights_make
from learning.models import (
    Agent,
    Course,
    CourseState,
    Difficulty,
    Enrolment,
    Insight,
    Interaction,
    Learner,
    Module,
    Topic,
    TopicCompletion,
)
from users.models import User

_COURSES, _TOPICS, _TAKEN, _ASKED = 60, 8, 2, 12
_CHANCE = random.Random(1)  # noqa: S311


def fill(learners: int) -> None:
    """Each takes two courses, has completed some topics, and has asked the agents a dozen times."""
    now = timezone.now()
    levels = list(Difficulty)
    courses = Course.objects.bulk_create(
        Course(title=f"Course {n}", category=f"Kind {n % 10}", difficulty=levels[n % 3], state=CourseState.APPROVED)
        for n in range(_COURSES)
    )
    modules = Module.objects.bulk_create(Module(course=course, title="Part") for course in courses)
    topics = Topic.objects.bulk_create(
        Topic(module=module, title=f"Topic {n}") for module in modules for n in range(_TOPICS)
    )
    of_course = {course.pk: topics[n * _TOPICS : (n + 1) * _TOPICS] for n, course in enumerate(courses)}
    users = User.objects.bulk_create(
        (User(username=f"u{n}", email=f"u{n}@example.org") for n in range(learners)), batch_size=2000
    )
    Learner.objects.bulk_create(
        (
            Learner(
                user=user, streak_days=_CHANCE.randrange(12), active_on=now.date() - timedelta(_CHANCE.randrange(3))
            )
            for user in users
        ),
        batch_size=2000,
    )
    for first in range(0, learners, 5000):
        some = users[first : first + 5000]
        taken = {user.pk: _CHANCE.sample(courses, _TAKEN) for user in some}
        enrolments = Enrolment.objects.bulk_create(
            Enrolment(
                user=user,
                course=course,
                progress=_CHANCE.randrange(100),
                enrolled_at=now - timedelta(days=_CHANCE.randrange(90)),
            )
            for user in some
            for course in taken[user.pk]
        )
        TopicCompletion.objects.bulk_create(
            TopicCompletion(enrolment=one, topic=topic, at=now - timedelta(days=_CHANCE.randrange(60)))
            for one in enrolments
            for topic in _CHANCE.sample(of_course[one.course_id], 3)
        )
        Interaction.objects.bulk_create(
            [
                _asked(user, _CHANCE.choice(of_course[_CHANCE.choice(taken[user.pk]).pk][:4]))
                for user in some
                for _ in range(_ASKED)
            ],
            batch_size=2000,
        )


def _asked(user: User, topic: Topic) -> Interaction:
    quiz = _CHANCE.random() < 0.7
    return Interaction(
        user=user,
        agent=Agent.QUIZ if quiz else Agent.HINT,
        topic=topic,
        output={},
        model="extractive",
        duration_ms=1,
        correct=_CHANCE.random() < 0.7 if quiz else None,
        at=timezone.now() - timedelta(days=_CHANCE.randrange(45)),
    )


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--learners", type=int, default=50_000)
    learners = asked.parse_args().learners
    call_command("migrate", verbosity=0)
    fill(learners)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for name in ("new", "known"):
        began = time.perf_counter()
        found = insights_make()
        took = time.perf_counter() - began
        sys.stdout.write(f"{learners} learners, {found} insights, {name}: {took:.1f} s\n")
    by_kind = {kind: Insight.objects.filter(kind=kind).count() for kind in ("struggling", "stalled", "streak", "ready")}
    sys.stdout.write(f"{by_kind}\n")


if __name__ == "__main__":
    main()
