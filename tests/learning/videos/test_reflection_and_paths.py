"""Something to reflect on, and what to learn next out of the courses that there are."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from learning.models import Agent, Course, CourseState, Interaction, Topic, Video
from tests.conftest import client_of
from tests.learning.conftest import Account, course_of, topics_of
from tests.loopback.mistral import LoopbackMistral
from users.models import Role, User

REFLECT, PATH = "/api/learning/agents/reflect/", "/api/learning/agents/path/"
REFLECTION = {
    "prompt": "What does the harbour owe to its wall?",
    "guidingQuestions": ["What is a breakwater?", "Who built it?", "What came before?"],
    "expectedLength": "100 words",
}


def test_without_a_model_one_reflects_on_the_objectives(student_client: APIClient, video: Video) -> None:
    asked = {"video_id": video.pk, "completed_topics": ["Tides"], "learning_objectives": ["Explain neap tides."]}
    body = student_client.post(REFLECT, asked).json()
    assert body["model"] == "extractive"
    assert "explain neap tides" in body["prompt"]
    assert "“Tides”" in body["prompt"]
    assert len(set(body["guidingQuestions"])) == 3
    assert "words" in body["expectedLength"]
    own = student_client.post(REFLECT, {"video_id": video.pk}).json()
    assert "explain what a breakwater does" in own["prompt"]


@pytest.mark.usefixtures("transcript")
def test_a_model_writes_what_to_reflect_on(student_client: APIClient, video: Video, mistral: LoopbackMistral) -> None:
    same = {**REFLECTION, "guidingQuestions": ["Why?", "why?", "How?"]}
    mistral.scripted.extend([json.dumps(same), json.dumps(REFLECTION)])
    body = student_client.post(REFLECT, {"video_id": video.pk}).json()
    assert {name: body[name] for name in REFLECTION} == REFLECTION
    assert body["tokens_used"] > 0
    assert len(mistral.requests) == 2


@pytest.fixture
def offered(course: Course, teacher: User, account: Account) -> dict[str, Course]:
    """Courses with a topic on recursion each, one of them another teacher's draft."""
    drafts = account("tom", Role.TEACHER)
    other = course_of(teacher, "Algorithms")
    hidden = course_of(drafts, "Secrets", state=CourseState.DRAFT)
    for one in (course, other, hidden):
        topic = topics_of(one)[1]
        topic.title, topic.learning_objectives = "Recursion", ["Write a function that calls itself"]
        topic.save()
    return {"own": course, "other": other, "hidden": hidden}


def ask(client: APIClient, course: Course, **more: Any) -> dict[str, Any]:
    asked = {"current_course_id": course.pk, "struggling_concepts": ["recursion"], **more}
    answer = client.post(PATH, asked)
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def test_what_is_recommended_is_there_and_may_be_seen(
    student_client: APIClient, student: User, course: Course, offered: dict[str, Course]
) -> None:
    topic = topics_of(course)[1]
    Interaction.objects.create(user=student, agent=Agent.HINT, topic=topic, output={}, model="x", duration_ms=1)
    body = ask(student_client, course, learning_goals=["write a parser"])
    found = [(one["course_id"], one["topic_title"]) for one in body["recommendedContent"]]
    assert found == [(offered["own"].pk, "Recursion"), (offered["other"].pk, "Recursion")]
    assert Topic.objects.get(pk=body["recommendedContent"][0]["topic_id"]).module.course == course
    assert "1 hints in “Recursion”" in body["detectedIssues"][0]
    assert "Go back to “Recursion”" in body["nextSteps"][0]
    assert body["model"] == "extractive"
    assert ask(student_client, course, completed_concepts=["Recursion"])["recommendedContent"] == []
    nothing = ask(student_client, course, struggling_concepts=["sewing"])
    assert (nothing["recommendedContent"], len(nothing["nextSteps"])) == ([], 1)


def test_a_model_chooses_among_what_is_there(
    student_client: APIClient, course: Course, offered: dict[str, Course], mistral: LoopbackMistral
) -> None:
    reply = {
        "detectedIssues": ["Base cases."],
        "recommended": [{"number": 2, "reason": "It has exercises."}],
        "nextSteps": ["Do them."],
    }
    mistral.scripted.extend([json.dumps({**reply, "recommended": [{"number": 3, "reason": "x"}]}), json.dumps(reply)])
    body = ask(student_client, course)
    assert [one["course_title"] for one in body["recommendedContent"]] == ["Algorithms"]
    assert body["recommendedContent"][0]["reason"] == "It has exercises."
    assert (body["detectedIssues"], body["nextSteps"]) == (["Base cases."], ["Do them."])
    assert "Secrets" not in json.dumps([request.json for request in mistral.requests])


def test_a_course_that_may_not_be_seen_is_not_there(
    student_client: APIClient, account: Account, offered: dict[str, Course], video: Video
) -> None:
    assert student_client.post(PATH, {"current_course_id": offered["hidden"].pk}).status_code == 404
    stranger = client_of(account("eve"))
    assert stranger.post(PATH, {"current_course_id": offered["own"].pk}).status_code == 200
    assert stranger.post(REFLECT, {"video_id": video.pk}).status_code == 404


@pytest.mark.parametrize(
    "more", [{"struggling_concepts": "recursion"}, {"learning_goals": [1]}, {"completed_concepts": ["x"] * 21}]
)
def test_what_is_no_request_is_refused(student_client: APIClient, course: Course, more: dict[str, object]) -> None:
    assert student_client.post(PATH, {"current_course_id": course.pk, **more}).status_code == 400


def test_preferences_are_ones_own(student_client: APIClient, teacher_client: APIClient) -> None:
    address = "/api/learning/preferences/"
    plain = {"personality": "friendly", "length": "medium", "quiz_frequency": "seldom", "language": ""}
    assert student_client.get(address).json() == plain
    changed = student_client.patch(address, {"personality": "professional", "language": "pt-BR"}).json()
    assert changed == {**plain, "personality": "professional", "language": "pt-BR"}
    assert student_client.patch(address, {"quiz_frequency": "never"}).json() == {**changed, "quiz_frequency": "never"}
    assert teacher_client.get(address).json() == plain
    for wrong in ({"personality": "rude"}, {"language": "English, please"}, {"language": 7}):
        assert student_client.patch(address, wrong).status_code == 400
