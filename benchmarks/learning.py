"""How long lists of courses and tools take at scale: python -m benchmarks.learning [--courses 1000 --enrolments 50000]

In the database of DATABASE_URL, which must be empty, else in SQLite in a folder of its own. Each list, as the API makes
a page of it, and each tool, as the assistant calls it, is asked a few times; told are the queries and the least, median
and worst time. Exits with 1 where one takes more than 5 queries or a median of more than 50 ms. The courses are made of
a fixed seed.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

_ROUNDS = 15
_MOST_QUERIES = 5
_MOST_MS = 50
_SUBJECTS = "Python Statistics Gardening Baking Spanish Algebra Photography Writing Security Drawing".split()
_KINDS = ["from the start", "in practice", "for teams", "in depth", "by example"]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--courses", type=int, default=1_000)
    parser.add_argument("--enrolments", type=int, default=50_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings.local",
            "ENV_FILE": os.devnull,
            "DATA_DIR": folder,
            "LOG_LEVEL": "ERROR",
        }
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        call_command("migrate", verbosity=0)
        generate(courses=options.courses, enrolments=options.enrolments)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        print(f"{connection.vendor}: {options.courses} courses, {options.enrolments} enrolments")  # noqa: T201
        return _measure()


def generate(*, courses: int, enrolments: int, seed: int = 7) -> None:
    """Courses of some popular and many less popular subjects, with teachers, students, completions and ratings."""
    from django.utils import timezone

    from learning.models import Course, Enrolment, Learner, Module, Rating, Topic, TopicCompletion
    from users.models import Role, User

    chance = random.Random(seed)  # noqa: S311 - the same each time
    now = timezone.now()

    def accounts(name: str, many: int, role: Role) -> list[User]:
        made = [User(username=f"{name}{n}", email=f"{name}{n}@example.org", role=role) for n in range(many)]
        return User.objects.bulk_create(made, batch_size=500)

    teachers = accounts("teacher", max(1, courses // 10), Role.TEACHER)
    students = accounts("student", max(1, enrolments // 5), Role.STUDENT)
    accounts("admin", 1, Role.ADMIN)
    made = Course.objects.bulk_create(
        [
            Course(
                title=f"{_SUBJECTS[n % 10]} {_KINDS[n // 10 % 5]} {n}",
                description=f"What there is to know of {_SUBJECTS[n % 10].lower()}, step by step. " * 8,
                category=_SUBJECTS[n % 10],
                difficulty=chance.choice(["easy", "medium", "hard"]),
                price=chance.choice([0, 0, 19, 49, 99]),
                state="approved" if n % 20 else "draft",
                instructor=chance.choice(teachers),
            )
            for n in range(courses)
        ],
        batch_size=500,
    )
    modules = Module.objects.bulk_create(
        [Module(course=course, title=f"Part {n}", position=n) for course in made for n in (1, 2)], batch_size=500
    )
    topics = Topic.objects.bulk_create(
        [Topic(module=module, title=f"Topic {n}", position=n) for module in modules for n in (1, 2)], batch_size=500
    )
    pairs: set[tuple[int, int]] = set()
    while len(pairs) < enrolments:
        # A few courses have most of the members, and a few students most of the courses.
        pairs.add((int(courses * chance.random() ** 2), int(len(students) * chance.random() ** 2)))
    rows, rated = [], []
    for course, student in sorted(pairs):
        progress = chance.choice([0, 25, 50, 75, 100])
        status = "completed" if progress == 100 else "dropped" if chance.random() < 0.1 else "active"
        at = now - timedelta(days=365 * chance.random())
        rows.append(
            Enrolment(course=made[course], user=students[student], status=status, progress=progress, enrolled_at=at)
        )
        if chance.random() < 0.3:
            stars = min(5, max(1, round(chance.gauss(3.8, 1))))
            rated.append(Rating(course=made[course], user=students[student], stars=stars))
    Enrolment.objects.bulk_create(rows, batch_size=500)
    Rating.objects.bulk_create(rated, batch_size=500)
    place = {course.pk: number for number, course in enumerate(made)}
    done = (
        TopicCompletion(enrolment=row, topic=topics[place[row.course_id] * 4 + n])
        for row in rows[:: max(1, len(rows) // 2_000)]
        for n in range(row.progress // 25)
    )
    TopicCompletion.objects.bulk_create(done, batch_size=500)
    Learner.objects.bulk_create([Learner(user=one, xp=chance.randrange(5_000)) for one in students], batch_size=500)


def _measure() -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    worst = 0
    print(f"{'':45} queries  least ms  median ms  worst ms")  # noqa: T201
    for name, asked in _asked():
        times = []
        for number in range(_ROUNDS + 2):
            with CaptureQueriesContext(connection) as queries:
                began = time.perf_counter()
                asked()
                if number >= 2:  # after the first, statements are made and pages are read
                    times.append((time.perf_counter() - began) * 1000)
        median = statistics.median(times)
        over = len(queries) > _MOST_QUERIES or median > _MOST_MS
        worst |= over
        print(f"{name:45} {len(queries):7} {min(times):9.1f} {median:10.1f} {max(times):9.1f}{'  OVER' * over}")  # noqa: T201
    return int(worst)


def _asked() -> Iterator[tuple[str, Callable[[], object]]]:
    from django.db.models import Count

    from chat.models import Message
    from chat.tools.base import Caller
    from chat.tools.registry import tools_all
    from learning.courses import catalogue, selectors, statistics
    from learning.courses.course_views import course_told
    from learning.courses.learner_serializers import CourseEnrolmentSerializer
    from learning.courses.serializers import CourseSerializer
    from learning.models import Course
    from learning.tools.context import context_of
    from users.models import Role, User

    busy = User.objects.filter(role=Role.STUDENT).annotate(n=Count("enrolments")).order_by("-n")[0]
    teacher = User.objects.filter(role=Role.TEACHER).annotate(n=Count("courses_taught")).order_by("-n")[0]
    admin = User.objects.get(role=Role.ADMIN)
    popular = Course.objects.filter(state="approved").annotate(n=Count("enrolments")).order_by("-n")[0]

    def page(**asked: Any) -> Callable[[], object]:
        def made() -> object:
            found = catalogue.courses_found(viewer=busy, **asked)
            return found.count(), CourseSerializer(catalogue.shown(found.only("pk")[:20]), many=True).data

        return made

    def enrolments() -> object:
        found = selectors.enrolments_of(busy)
        return found.count(), CourseEnrolmentSerializer(found[:20], many=True).data

    found = catalogue.courses_found(viewer=busy)
    for sort in catalogue.Sort:
        yield f"courses by {sort.value}", page(sort=sort)
    yield "courses about python under 50", page(q="python", price_max=50)
    yield "courses, the page after 40 others", lambda: catalogue.shown(found.only("pk")[800:820])
    yield "one course", lambda: course_told(popular, busy)
    yield "own enrolments", enrolments
    yield "own figures", lambda: statistics.learner_figures(busy)
    yield "context of the prompt", lambda: context_of(teacher)
    given: dict[str, dict[str, Any]] = {
        "find_courses": {"query": "python", "sort": "rating", "limit": 20},
        "course_details": {"course": "python practice"},
        "instructor_info": {"name": teacher.username},
        "instructor_courses": {"name": teacher.username},
        "student_progress": {"student": busy.username},
        "teacher_statistics": {"teacher": teacher.username},
    }
    for tool in tools_all():
        name = tool.spec.name
        if name not in ("search_knowledge_base", "my_recent_questions"):
            who = teacher if name == "my_course_statistics" else admin if tool.roles == {Role.ADMIN} else busy
            caller, arguments = Caller(who, Message()), given.get(name, {})
            yield name, lambda tool=tool, caller=caller, arguments=arguments: tool.run(caller, arguments)  # type: ignore[misc]


if __name__ == "__main__":
    sys.exit(main())
