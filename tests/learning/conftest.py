"""A teacher, an admin, and a course that is approved."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from learning.models import Course, CourseState, Module, Topic
from tests.chat.conftest import mistral as mistral
from tests.conftest import PASSWORD, client_of
from users.models import Role, User
from users.services import account_create

COURSES = "/api/learning/courses/"
Account = Callable[..., User]


@pytest.fixture
def account() -> Account:
    def made(name: str, role: Role = Role.STUDENT) -> User:
        return account_create(username=name, email=f"{name}@example.org", password=PASSWORD, role=role)

    return made


@pytest.fixture
def teacher(account: Account) -> User:
    return account("tess", Role.TEACHER)


@pytest.fixture
def teacher_client(teacher: User) -> APIClient:
    return client_of(teacher)


@pytest.fixture
def admin_client(account: Account) -> APIClient:
    return client_of(account("root", Role.ADMIN))


@pytest.fixture
def course(teacher: User) -> Course:
    """Of two modules with two topics each."""
    return course_of(teacher)


def course_of(teacher: User, title: str = "Python from the start", topics: int = 4, **fields: object) -> Course:
    fields = {"state": CourseState.APPROVED, "category": "Programming", **fields}
    course = Course.objects.create(title=title, instructor=teacher, **fields)
    modules = [Module.objects.create(course=course, title=f"Part {number}", position=number) for number in (1, 2)]
    for number in range(topics):
        Topic.objects.create(module=modules[number * 2 // topics], title=f"Topic {number + 1}", position=number)
    return course


def topics_of(course: Course) -> list[Topic]:
    return list(Topic.objects.filter(module__course=course).order_by("module__position", "position"))
