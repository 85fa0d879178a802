"""``manage.py demo_courses``: a school to look at, made the same each time, and taken away again."""

from django.core.management import call_command
from rest_framework.test import APIClient

from documents.models import Collection, Document
from learning.models import Certificate, Course, Enrolment, Learner, Rating, Topic
from tests.conftest import PASSWORD, client_of
from tests.knowledge import work
from users.models import User


def counted() -> list[int]:
    return [model._default_manager.count() for model in (Course, Topic, Enrolment, Rating, Document, User)]


def test_it_is_made_once_used_and_removed(client: APIClient, user: User, capsys: object) -> None:
    User.objects.create_user("ben", "ben@example.org", PASSWORD)
    before = counted()
    call_command("demo_courses", password=PASSWORD)
    made = counted()
    assert made[0] == 12
    assert all(topic.learning_objectives for topic in Topic.objects.all())
    call_command("demo_courses", password=PASSWORD)
    assert counted() == made
    work()
    course = Course.objects.get(title="Bread at home")
    question = {"query": "How do I keep a sourdough starter?"}
    assert client.post("/api/chatbot/query/", question).json()["grounded"] is False
    ben = client_of(User.objects.get(username="ben.demo"))
    ben.post(f"/api/learning/courses/{course.pk}/enrol/")
    assert "equal weights" in ben.post("/api/chatbot/query/", question).json()["response"]
    assert "Bread at home" in ben.post("/api/chatbot/query/", {"query": "my courses"}).json()["response"]
    assert Certificate.objects.exists()
    call_command("demo_courses", remove=True)
    assert counted() == before
    assert not Learner.objects.exists()
    assert not Collection.objects.filter(slug__startswith="course-").exists()
