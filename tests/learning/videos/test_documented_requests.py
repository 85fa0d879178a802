"""The requests of the contract, of each of the four services that the courses share with the rest, as documented."""

from typing import Any
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from learning.models import Course, Video
from tests.learning.videos.conftest import SAID, segments
from users.models import User

pytestmark = pytest.mark.usefixtures("transcript")
Shape = dict[str, Any]
MESSAGE: Shape = {"message_id": str, "response": str, "function_calls": list, "response_time_ms": int}
HINT: Shape = {"hint": str, "confidence": float, "sources": list, "tokens_used": int}
QUIZ: Shape = {"question": str, "options": list, "correctAnswer": int, "explanation": str, "tokens_used": int}
REFLECT: Shape = {"prompt": str, "guidingQuestions": list, "expectedLength": str}
PATH: Shape = {"detectedIssues": list, "recommendedContent": list, "nextSteps": list}
STARTED: Shape = {
    "id": str,
    "user_id": int,
    "topic_id": int,
    "course_id": int,
    "status": str,
    "started_at": str,
    "completed_at": type(None),
}


def told(answer: Any, shape: Shape, status: int = 200) -> Any:
    """The answer's body, in which each documented name has its type; more names may be there."""
    assert answer.status_code == status, answer.content
    body = answer.json()
    assert {name: type(body.get(name)) for name in shape} == shape
    return body


def test_single_questions(student_client: APIClient) -> None:
    asked = told(student_client.post("/api/chatbot/query/", {"query": "Which beginner courses are there?"}), MESSAGE)
    assert UUID(asked["message_id"])
    assert [set(call) >= {"name", "args"} for call in asked["function_calls"]] == [True]
    (past,) = told(student_client.get("/api/chatbot/history/?limit=50"), {"messages": list})["messages"]
    assert past.keys() >= {"id", "query", "response", "created_at", "feedback", "function_calls"}
    opinion = student_client.post(f"/api/chatbot/feedback/{asked['message_id']}/", {"feedback": "helpful"})
    assert told(opinion, {"status": str}) == {"status": "success"}


def test_visitors(anonymous: APIClient) -> None:
    person = {"name": "Kim", "email": "kim@example.org"}
    shape = {"session_id": str, "visitor_token": str, "quick_replies": list, "citations": list, **MESSAGE}
    del shape["function_calls"]
    asked = told(
        anonymous.post("/api/chatbot/ask/", {"message": "Who built the harbour?", "visitor_info": person}), shape
    )
    anonymous.credentials(HTTP_AUTHORIZATION=f"Visitor {asked['visitor_token']}")
    read = anonymous.get(f"/api/chatbot/session/{asked['session_id']}/")
    assert len(told(read, {"session_id": str, "created_at": str, "messages": list})["messages"]) == 2


def test_learning_agents(student_client: APIClient, video: Video, course: Course) -> None:
    agents = "/api/learning/agents"
    own = {"video_id": video.pk}
    hint = {**own, "timestamp": 130, "transcript_segment": SAID[6], "user_difficulty": "easy"}
    told(student_client.post(f"{agents}/hint/", hint), HINT)
    quiz = {**own, "transcript_segments": [SAID[5]], "difficulty_level": "easy"}
    made = told(student_client.post(f"{agents}/quiz/", quiz), QUIZ)
    assert len(set(made["options"])) == 4
    assert made["correctAnswer"] in range(4)
    reflect = {**own, "completed_topics": ["Harbours"], "learning_objectives": ["Explain what a breakwater does"]}
    assert len(told(student_client.post(f"{agents}/reflect/", reflect), REFLECT)["guidingQuestions"]) == 3
    path = {
        "current_course_id": course.pk,
        "struggling_concepts": ["breakwater"],
        "completed_concepts": [],
        "learning_goals": ["Name who built the harbour"],
    }
    told(student_client.post(f"{agents}/path/", path), PATH)
    found = told(student_client.get(f"/api/learning/videos/{video.pk}/search/", {"q": "breakwater"}), {"results": list})
    assert found["results"][0].keys() >= {"start", "end", "text"}
    told(student_client.get("/api/learning/preferences/"), {"personality": str, "length": str, "quiz_frequency": str})
    changed = student_client.patch("/api/learning/preferences/", {"personality": "peer"})
    assert told(changed, {"personality": str})["personality"] == "peer"
    told(student_client.get("/api/learning/insights/"), {"results": list})


@pytest.mark.parametrize("slash", ["", "/"])
def test_tutoring(student_client: APIClient, student: User, video: Video, slash: str) -> None:
    topic = video.topic
    asked = {"user_id": student.pk, "topic_id": topic.pk, "course_id": topic.module.course_id}
    started = told(student_client.post(f"/api/sessions/start{slash}", asked), STARTED)
    place = f"/api/sessions/{started['id']}"
    answer = student_client.post(f"{place}/message{slash}", {"message": "I am ready."})
    told(answer, {"session_id": str, "ai_message": str, "topic_completed": bool, "timestamp": str})
    read = told(student_client.get(f"{place}{slash}"), {"id": str, "status": str, "context": dict, "messages": list})
    assert read["context"].keys() >= {"user_level", "course_title", "topic_title", "learning_objectives"}
    assert len(read["messages"]) == 2


def test_transcripts(teacher_client: APIClient, transcripts: str) -> None:
    srt = "1\n00:00:00,000 --> 00:00:04,000\nThe harbour was built in 1642.\n"
    assert teacher_client.post(transcripts, {"text": srt}).status_code == 202
    assert teacher_client.post(transcripts, {"segments": segments(SAID[:2])}).status_code == 202
