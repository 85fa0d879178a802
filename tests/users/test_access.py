"""Every operation of the API, tried by everybody: who gets in is what access.toml says."""

import tomllib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from pytest_django import Settings
from rest_framework.test import APIClient

from background_tasks.reports.making import report_make
from chat.models import QuickReply
from documents.models import Collection, Document, Job, Question, Version
from documents.sources.models import Source, SourceKind
from learning.models import (
    Agent,
    Certificate,
    Course,
    CourseState,
    Insight,
    InsightKind,
    Interaction,
    Module,
    Topic,
    Transcript,
    TutoringSession,
    Video,
)
from learning.tutoring.curriculum.base import Plan, Snapshot
from rag.models import KnowledgeGap, QuestionRun
from tests.chat.visitors import Guest
from tests.conftest import client_of
from tests.knowledge import HOURS, submit
from users.login_sessions import tokens_issue, tokens_revoke_all
from users.models import Role, User
from users.services import account_create
from users.tokens import AccessToken

ALLOWED: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("access.toml").read_text())
KIND_OF = {operation: kind for kind, operations in ALLOWED.items() for operation in operations}
METHODS = ("get", "post", "put", "patch", "delete")
OUT = {401, 403}
OUTSIDE = frozenset({"anonymous", "visitor", "expired", "revoked"})
STAFF = frozenset({"editor", "admin"})
LOGGED_IN = frozenset({"user", "other", "student", "teacher", *STAFF})
Place = Callable[[str], str]


@pytest.fixture
def operations(api_description: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Operation id → method and path, of the whole schema."""
    return {
        operation["operationId"]: (method, path)
        for path, item in api_description["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


@pytest.fixture
def actors(user: User, editor: User, guest: Guest) -> dict[str, APIClient]:
    made: dict[str, User] = {"user": user, "editor": editor}
    for name, role in (
        ("other", Role.USER),
        ("student", Role.STUDENT),
        ("teacher", Role.TEACHER),
        ("admin", Role.ADMIN),
    ):
        made[name] = account_create(username=name, email=f"{name}@example.org", password=_PASSWORD, role=role)
    clients = {name: _with(f"Bearer {tokens_issue(user=account).access}") for name, account in made.items()}
    late = AccessToken(tokens_issue(user=made["admin"]).access)  # type: ignore[arg-type]  # the stub wants a Token
    late.set_exp(lifetime=-timedelta(seconds=1))
    gone = account_create(username="gone", email="gone@example.org", password=_PASSWORD, role=Role.ADMIN)
    revoked = tokens_issue(user=gone)
    tokens_revoke_all(user=gone)
    return {
        **clients,
        "anonymous": APIClient(),
        "visitor": _with(f"Visitor {guest.token}"),
        "expired": _with(f"Bearer {late}"),
        "revoked": _with(f"Bearer {revoked.access}"),
    }


_SNAPSHOT = Snapshot(Plan("Using the library", "Borrowing")).as_json()
_PASSWORD = "correct horse battery staple"


def _with(authorization: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=authorization)
    return client


@pytest.fixture
def guest() -> Guest:
    found = Guest()
    found.ask()
    return found


@pytest.fixture
def place(user: User, actors: dict[str, APIClient], editor_client: APIClient, guest: Guest) -> Place:
    """A path's own, with the ids of objects that there are; what belongs to somebody belongs to ``user``."""
    document = submit(editor_client, "Opening hours", HOURS)["documents"][0]["id"]
    asked = client_of(user).post("/api/chat/messages/", {"content": "When is the library open?"}).json()
    single = client_of(user).post("/api/chatbot/query/", {"query": "When is the library open?"}).json()
    key = client_of(user).post("/api/auth/keys/", {"name": "Notebook", "scopes": ["chat"]}).json()["id"]
    collection = Collection.objects.get(pk=Document.objects.get(pk=document).collection_id)
    source = Source.objects.create(name="Hook", slug="hook", kind=SourceKind.HOOK, collection=collection)
    question = Question.objects.create(text="What does the director earn?", must_refuse=True)
    gap = KnowledgeGap.objects.create(key="0" * 64, question="What?", confidence=0.1, best_score=0.1)
    ids: dict[str, Any] = {
        "document_id": document,
        "number": 1,
        "slug": collection.slug,
        "key_id": key,
        "question_id": question.pk,
        "source_id": source.pk,
        "job_id": Job.objects.latest("created_at").pk,
        "gap_id": gap.pk,
        "run_id": QuestionRun.objects.create(revision=1, passed=0, failed=0).pk,
        "id": QuickReply.objects.create(text="When are you open?").pk,
        "model": "grounded",
        "date": report_make(day=date(2026, 1, 31)).report.day,
        "name": "tokens",
        **_course(collection, document, user),
    }
    sessions = {"/api/chat/": asked["bot_message"]["session_id"], "/api/chatbot/": guest.session}
    pair = tokens_issue(user=user)
    sessions["/api/auth/"] = pair.session_id
    tutoring = TutoringSession.objects.create(user=user, topic_key="1", course_key="1", snapshot=_SNAPSHOT)
    sessions["/api/sessions/"] = tutoring.pk
    answers = {"/api/chat/": asked["bot_message"]["id"], "/api/chatbot/": guest.read().json()["messages"][-1]["id"]}

    def filled(path: str) -> str:
        room = "/".join(path.split("/")[:3]) + "/"
        own = {"session_id": sessions.get(room), "message_id": answers.get(room)}
        if path == "/api/chatbot/feedback/{message_id}/":
            own["message_id"] = single["message_id"]
        if path.endswith("/edit/"):
            own["message_id"] = asked["user_message"]["id"]
        return path.format(**{**ids, **own})

    return filled


def _course(collection: Collection, document: str, user: User) -> dict[str, Any]:
    """One that ``teacher`` teaches, and its parts."""
    teacher = User.objects.get(username="teacher")
    course = Course.objects.create(
        title="Python", state=CourseState.APPROVED, instructor=teacher, collection=collection
    )
    module = Module.objects.create(course=course, title="Basics")
    topic = Topic.objects.create(module=module, title="Loops")
    video = Video.objects.create(topic=topic, title="Loops")
    Transcript.objects.create(video=video, version=Version.objects.get(document__pk=document), segments=[])
    asked = Interaction.objects.create(user=user, agent=Agent.QUIZ, output={}, model="extractive", duration_ms=1)
    insight = Insight.objects.create(
        user=user, kind=InsightKind.STALLED, subject="x", figures={"days": 15, "progress": 50}
    )
    return {
        "course_id": course.pk,
        "module_id": module.pk,
        "topic_id": topic.pk,
        "video_id": video.pk,
        "interaction_id": asked.pk,
        "insight_id": insight.pk,
        "material_id": document,
        "certificate_id": Certificate.objects.create(user=user, course_title="Python").pk,
    }


def expected(kind: str, actor: str) -> str:
    """``in``, ``out`` (401 or 403), or ``none``: there is no such object for them."""
    if kind == "everybody" or (kind == "visitor" and actor == "visitor"):
        return "in"
    if actor in OUTSIDE or kind in ("visitor", "signed"):
        return "out"
    if kind == "owner":
        return "in" if actor == "user" else "none"
    if kind in ("editor", "teacher", "admin"):
        return "in" if actor == "admin" or actor == kind else "out"
    return "in"


def test_the_matrix_names_every_operation_and_no_other(operations: dict[str, tuple[str, str]]) -> None:
    assert sorted(KIND_OF) == sorted(operations)


@pytest.mark.no_cover
def test_everybody_reaches_what_is_theirs_and_nothing_else(
    operations: dict[str, tuple[str, str]], actors: dict[str, APIClient], place: Place, settings: Settings
) -> None:
    settings.OIDC = {**settings.OIDC, "ISSUER": "http://127.0.0.1:9"}  # where nobody answers
    wrong = []
    for operation, (method, path) in operations.items():
        for actor, client in actors.items():
            with transaction.atomic():
                answer = getattr(client, method)(place(path), {} if method != "get" else None)
                transaction.set_rollback(True)
            if answer.streaming:
                answer.getvalue()  # a file is closed when it has been read
            got = "out" if answer.status_code in OUT else "none" if answer.status_code == 404 else "in"
            if got != expected(KIND_OF.get(operation, "admin"), actor) or answer.status_code >= 500:
                wrong.append(f"{operation} {actor}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.no_cover
def test_what_no_operation_offers_is_refused(
    operations: dict[str, tuple[str, str]], actors: dict[str, APIClient], place: Place
) -> None:
    offered = {(method, path) for method, path in operations.values()}
    for path in {path for _, path in offered}:
        for method in METHODS:
            if (method, path) not in offered:
                answer = getattr(actors["admin"], method)(place(path), {})
                assert answer.status_code in (401, 405), f"{method} {path}: {answer.status_code}"
