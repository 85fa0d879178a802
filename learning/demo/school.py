"""The demo school, made the same each time and taken away again.

All of it is known by its accounts, whose addresses are at ``demo.invalid``: the demo's courses are those that one of
them teaches. To make it again adds what is missing and changes nothing else.
"""

import random
import secrets
import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from learning.courses import services
from learning.courses.materials import material_submit
from learning.models import Course, CourseState, Enrolment, Module, Topic, Video
from users.erasing import account_erase
from users.models import Role, User
from users.services import account_create

DOMAIN = "demo.invalid"
TEACHERS = {"mlopez": "Maria Lopez", "jan": "Jan de Vries", "amina": "Amina Diallo", "noor": "Noor Haddad"}
STUDENTS = (
    "Ben Carter,Chloe Martin,Diego Ruiz,Elif Kaya,Farid Aziz,Greta Lind,Hugo Silva,Ines Rocha,Jonas Weber,Kira Novak,"
    "Liam Walsh,Mina Sato,Nils Berg,Olga Petrova,Paul Dubois,Rosa Conti,Sven Olsen,Tara Singh,Uma Patel,Viktor Hess"
).split(",")
_SEED = 11


def accounts() -> QuerySet[User]:
    return User.objects.filter(email__in=[_address(name) for name in (*TEACHERS, *map(_login, STUDENTS))])


def courses() -> QuerySet[Course]:
    return Course.objects.filter(instructor__in=accounts())


def school_make(*, password: str | None = None) -> None:
    """Without a password nobody logs in to its accounts until one is set."""
    teachers = {name: _account(name, full, Role.TEACHER, password) for name, full in TEACHERS.items()}
    students = [_account(_login(name), name, Role.STUDENT, password) for name in STUDENTS]
    chance = random.Random(_SEED)  # noqa: S311 - the same each time
    for spec in tomllib.loads(Path(__file__).with_name("courses.toml").read_text())["course"]:
        # Drawn for each course, made or not, so that a second run draws the same.
        members = chance.sample(students, chance.randint(6, 16))
        drawn = [(one, chance.randint(0, 4), chance.randint(2, 5), chance.randrange(60)) for one in members]
        teacher = teachers[spec["teacher"]]
        if not Course.objects.filter(title=spec["title"], instructor=teacher).exists():
            course = _course(spec, teacher)
            for student, done, stars, days in drawn:
                _takes(student, course, done=done, stars=stars, days=days)


def school_remove() -> None:
    """With all that its accounts have done. Raises Conflict where golden questions need its material."""
    for course in courses():
        services.course_delete(actor=None, course=course)
    for user in accounts():
        account_erase(user=user)


def _login(full: str) -> str:
    return full.split()[0].lower()


def _address(name: str) -> str:
    return f"{name}@{DOMAIN}"


def _account(name: str, full: str, role: Role, password: str | None) -> User:
    address = _address(name)
    known = User.objects.filter(email=address).first()
    if known:
        return known
    with transaction.atomic():
        taken = User.objects.without_case("username", name).exists()
        user = account_create(
            username=f"{name}.demo" if taken else name,
            email=address,
            password=password or secrets.token_urlsafe(),
            role=role,
        )
        user.first_name, _, user.last_name = full.partition(" ")
        user.save(update_fields=["first_name", "last_name"])
    return user


@transaction.atomic
def _course(spec: Mapping[str, Any], teacher: User) -> Course:
    told = {name: spec[name] for name in ("title", "category", "difficulty", "description")}
    course = services.course_save(
        actor=None,
        course=Course(),
        instructor=teacher,
        state=CourseState.APPROVED,
        price=Decimal(spec["price"]),
        **told,
    )
    for number, (title, topics) in enumerate(spec["modules"], start=1):
        module = Module.objects.create(course=course, title=title, position=number)
        for place, (name, objectives, minutes) in enumerate(topics, start=1):
            topic = Topic.objects.create(module=module, title=name, learning_objectives=objectives, position=place)
            Video.objects.create(topic=topic, title=name, duration_seconds=60 * minutes, position=1)
    if "material" in spec:
        material_submit(actor=teacher, course=course, title=f"{course.title}: reader", content=spec["material"].strip())
        course.refresh_from_db()  # it has a collection now
    return course


@transaction.atomic
def _takes(student: User, course: Course, *, done: int, stars: int, days: int) -> None:
    Enrolment.objects.create(user=student, course=course, enrolled_at=timezone.now() - timedelta(days=days))
    for topic in list(_topics(course))[:done]:
        services.topic_complete(user=student, topic=topic, score=0.6 + stars * 0.08)
    if stars > 2:
        services.rating_give(user=student, course=course, stars=stars)
    services.material_invite(user=student, course=course)


def _topics(course: Course) -> Iterator[Topic]:
    return Topic.objects.filter(module__course=course).order_by("module__position", "position").iterator()
