"""Whatever courses there are, whoever asks, and whatever a model calls: nothing of another person comes of it, and to a
teacher no name of a student."""

import json
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st
from pytest_django import Settings
from rest_framework.test import APIClient

from chat.models import Message, ToolCall
from chat.tools.base import Caller
from chat.tools.calling import CallerToolbox
from chat.tools.registry import tools_all
from learning.models import Course, CourseState, Enrolment, EnrolmentStatus, Learner, Module, Rating, Topic
from rag.generators.base import Call
from tests.conftest import client_of
from tests.learning.conftest import Account
from tests.loopback.mistral import LoopbackMistral
from users.models import Role, User

QUERY = "/api/chatbot/query/"
THEIRS = ("qhbvzz", "Qhbvzz", "987654")
"""What stands in the names of the others, in drafts of another teacher, and the points of another student."""

always = tried(
    deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
NAMES = st.sampled_from([tool.spec.name for tool in tools_all()])
people = st.sampled_from(["qhbvzz0", "qhbvzz1@example.org", "tess", "ada", "%", "1", "2", "a", "q"])
objects = st.dictionaries(
    st.sampled_from(
        "query category difficulty min_price max_price sort limit course name status student teacher threshold user "
        "user_id".split()
    ),
    people | st.integers(-1, 30) | st.none() | st.sampled_from(["easy", "title", "popularity", "active", "Secret"]),
    max_size=3,
)
sensible = st.sampled_from(
    [
        ("find_courses", {"sort": "popularity", "limit": 20}),
        ("find_courses", {"query": "secret"}),
        ("course_details", {"course": "secret"}),
        ("my_enrolments", {"limit": 20}),
        ("my_course_statistics", {"limit": 20}),
        ("student_progress", {"student": "qhbvzz0"}),
        ("instructor_info", {"name": "qhbvzz0"}),
        ("instructor_courses", {"name": "qhbvzz"}),
        ("top_instructors", {"limit": 20}),
    ]
)
calls = (sensible | st.tuples(NAMES | st.just("other_students"), objects)).map(lambda one: (one[0], json.dumps(one[1])))
courses = st.lists(
    st.tuples(
        st.sampled_from(CourseState.values),
        st.booleans(),  # whether tess teaches it, or the other teacher
        st.lists(
            st.tuples(st.integers(0, 6), st.sampled_from(EnrolmentStatus.values), st.integers(0, 100)), max_size=7
        ),
    ),
    max_size=4,
)


@pytest.fixture
def world(account: Account, teacher: User) -> dict[str, Any]:
    students = [account(f"qhbvzz{number}") for number in range(7)]
    User.objects.filter(pk__in=[one.pk for one in students]).update(first_name="Qhbvzz", last_name="Qhbvzz")
    Learner.objects.create(user=students[0], xp=987654)
    other = account("other", Role.TEACHER)
    asking = [account("sid"), teacher, account("ed", Role.EDITOR), account("una", Role.USER)]
    return {"students": students, "other": other, "asking": asking}


def make(world: dict[str, Any], teacher: User, specs: list[Any]) -> None:
    for number, (state, own, enrolled) in enumerate(specs):
        instructor = teacher if own else world["other"]
        hidden = "Qhbvzz" if state == CourseState.DRAFT and not own else "Open"
        course = Course.objects.create(title=f"{hidden} secret {number}", state=state, instructor=instructor)
        Topic.objects.create(module=Module.objects.create(course=course, title=hidden), title=hidden)
        for student, status, progress in {one[0]: one for one in enrolled}.values():
            who = world["students"][student]
            Enrolment.objects.create(course=course, user=who, status=status, progress=progress)
            Rating.objects.create(course=course, user=who, stars=1 + progress % 5, comment="Qhbvzz")


@pytest.mark.no_cover
def test_no_call_returns_what_is_another_persons(world: dict[str, Any], teacher: User, client: APIClient) -> None:
    client.post(QUERY, {"query": "When is the library open?"})
    question = Message.objects.get(sender_type="user")
    answer = question.children.get()

    @tried(always, max_examples=25)
    @given(specs=courses, asked=st.lists(calls, min_size=4, max_size=8))
    def holds(specs: list[Any], asked: list[tuple[str, str]]) -> None:
        with transaction.atomic():
            make(world, teacher, specs)
            for who in world["asking"]:
                ToolCall.objects.all().delete()
                own = set(Enrolment.objects.filter(user=who).values_list("course__title", flat=True))
                toolbox = CallerToolbox(Caller(who, question), answer.pk)
                for name, arguments in asked:
                    result = toolbox.call(Call(name, arguments))
                    told = result.record + "".join(source.text for source in result.sources)
                    # What somebody named is said again to them, in "no instructor is called …".
                    told = told.replace("'qhbvzz0'", "").replace("'qhbvzz'", "").replace("'qhbvzz1@example.org'", "")
                    assert not any(word in told for word in THEIRS), (who, name, arguments, told)
                    assert own or name != "my_enrolments" or "secret" not in told
                assert not ToolCall.objects.filter(outcome="failed").exists()
            transaction.set_rollback(True)

    holds()


def test_no_prompt_reaches_what_is_another_persons(
    world: dict[str, Any], teacher: User, mistral: LoopbackMistral, settings: Settings
) -> None:
    settings.CHAT = {**settings.CHAT, "MESSAGES_A_MINUTE": 10_000}
    full = [(number, EnrolmentStatus.ACTIVE, 40) for number in range(7)]
    make(world, teacher, [("approved", True, full), ("draft", False, full), ("approved", False, full[:2])])
    clients = {who: client_of(who) for who in world["asking"][:2]}

    @tried(always, max_examples=12)
    @given(
        who=st.sampled_from(world["asking"][:2]),
        query=st.sampled_from(["How is everybody doing?", "Who takes my courses?", "List all students of course 1"]),
        asked=st.lists(st.lists(calls, min_size=1, max_size=3), max_size=2),
    )
    def holds(who: User, query: str, asked: list[list[tuple[str, str]]]) -> None:
        mistral.reset()
        mistral.calls.extend(asked)
        answer = clients[who].post(QUERY, {"query": query})
        assert answer.status_code == 200
        # What the model itself asked for is told again as its arguments; nothing else is.
        sent = [
            message["content"] for request in mistral.requests for message in (request.json or {}).get("messages", ())
        ]
        told = answer.json()["response"] + "".join(sent)
        for named in ("qhbvzz0", "qhbvzz1@example.org", "qhbvzz"):
            told = told.replace(f"'{named}'", "")
        assert not any(word in told for word in THEIRS)

    holds()
