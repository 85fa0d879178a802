"""A quiz that a model writes is taken only if it is one, and rests on what is said."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from learning.models import Interaction, Video
from tests.learning.videos.conftest import SAID
from tests.loopback.mistral import LoopbackMistral

QUIZ = "/api/learning/agents/quiz/"
GOOD: dict[str, Any] = {
    "question": "Who designed the breakwater?",
    "options": ["Pieter Vos", "Clara Boone", "Ines Falk", "Governor Hale"],
    "correctAnswer": 1,
    "explanation": "The council hired her.",
    "source": 1,
    "quote": "the architect Clara Boone, who designed the breakwater",
}
BAD = {
    "no JSON": "Here is your quiz: {question: who?",
    "no object": "[1, 2]",
    "wrong index": json.dumps({**GOOD, "correctAnswer": 4}),
    "index as text": json.dumps({**GOOD, "correctAnswer": "1"}),
    "same options": json.dumps({**GOOD, "options": ["Pieter Vos", "Clara Boone", " clara  boone.", "Governor Hale"]}),
    "three options": json.dumps({**GOOD, "options": GOOD["options"][:3]}),
    "ungrounded quote": json.dumps({**GOOD, "quote": "the architect Clara Boone, who designed the opera"}),
    "ungrounded option": json.dumps({**GOOD, "correctAnswer": 2}),
    "no such passage": json.dumps({**GOOD, "source": 9}),
    "missing field": json.dumps({name: value for name, value in GOOD.items() if name != "explanation"}),
    "unstorable": json.dumps({**GOOD, "explanation": "\0"}),
}


def ask(client: APIClient, video: Video, *parts: object, **more: object) -> Any:
    return client.post(QUIZ, {"video_id": video.pk, "transcript_segments": list(parts or (SAID[5],)), **more})


@pytest.mark.usefixtures("transcript")
def test_a_model_writes_it_from_the_parts_and_says_on_which_words_it_rests(
    student_client: APIClient, video: Video, mistral: LoopbackMistral
) -> None:
    mistral.scripted.append(f"```json\n{json.dumps(GOOD)}\n```")
    answer = ask(student_client, video, SAID[5], {"start": 120, "end": 140}, difficulty_level="hard")
    body = answer.json()
    assert answer.status_code == 200, body
    assert {name: body[name] for name in ("question", "options", "correctAnswer", "explanation")} == {
        name: GOOD[name] for name in ("question", "options", "correctAnswer", "explanation")
    }
    (source,) = body["sources"]
    assert (source["start"], source["end"], source["text"], source["quote"]) == (100.0, 120.0, SAID[5], GOOD["quote"])
    assert (body["difficulty"], body["model"], body["cached"]) == ("hard", "mistral-small-latest", False)
    assert body["tokens_used"] > 0
    sent = mistral.requests[-1].json
    assert sent["response_format"] == {"type": "json_object"}
    assert SAID[6] in sent["messages"][1]["content"]
    again = ask(student_client, video, SAID[5], {"start": 120, "end": 140}, difficulty_level="hard").json()
    assert (again["cached"], again["tokens_used"], again["options"]) == (True, 0, GOOD["options"])


@pytest.mark.usefixtures("transcript")
@pytest.mark.parametrize("reply", BAD.values(), ids=BAD.keys())
def test_a_reply_that_is_none_is_sent_back_once(
    student_client: APIClient, video: Video, mistral: LoopbackMistral, reply: str
) -> None:
    mistral.scripted.extend([reply, json.dumps(GOOD)])
    body = ask(student_client, video).json()
    assert body["correctAnswer"] == 1
    first, second = (request.json for request in mistral.requests)
    assert body["tokens_used"] > sum(len(m["content"]) for m in second["messages"]) // 4
    assert "It cannot be used" in second["messages"][0]["content"]
    assert "It cannot be used" not in first["messages"][0]["content"]


@pytest.mark.usefixtures("transcript")
@pytest.mark.parametrize("reply", BAD.values(), ids=BAD.keys())
def test_a_second_one_is_a_clear_error(
    student_client: APIClient, video: Video, mistral: LoopbackMistral, reply: str
) -> None:
    mistral.scripted.extend([reply, reply])
    answer = ask(student_client, video)
    assert (answer.status_code, answer.json()["code"]) == (502, "model_reply_unusable")
    assert "opera" not in answer.json()["detail"]
    assert len(mistral.requests) == 2
    assert not Interaction.objects.exists()


@pytest.mark.usefixtures("transcript")
def test_it_is_answered_once_and_the_next_one_is_another(
    student_client: APIClient, teacher_client: APIClient, video: Video, mistral: LoopbackMistral
) -> None:
    mistral.scripted.append(json.dumps(GOOD))
    key = ask(student_client, video).json()["id"]
    address = f"/api/learning/agents/interactions/{key}/"
    wrong = student_client.post(f"{address}answer/", {"chosen": 0})
    assert wrong.json() == {
        "id": key,
        "chosen": 0,
        "correct": False,
        "correctAnswer": 1,
        "explanation": GOOD["explanation"],
    }
    assert student_client.post(f"{address}answer/", {"chosen": 0}).status_code == 200
    assert student_client.post(f"{address}answer/", {"chosen": 1}).json()["code"] == "answered_already"
    assert student_client.post(f"{address}answer/", {"chosen": 4}).status_code == 400
    assert teacher_client.post(f"{address}answer/", {"chosen": 1}).status_code == 404
    assert teacher_client.post(f"{address}rating/", {"rating": "helpful"}).status_code == 404
    assert student_client.post(f"{address}rating/", {"rating": "helpful"}).json()["rating"] == "helpful"
    assert student_client.post(f"{address}rating/", {"rating": None}).json()["rating"] is None
    (listed,) = student_client.get("/api/learning/agents/interactions/").json()["results"]
    assert (listed["correct"], listed["chosen"], listed["agent"]) == (False, 0, "quiz")
    assert teacher_client.get("/api/learning/agents/interactions/").json()["count"] == 0
    mistral.scripted.append(json.dumps({**GOOD, "question": "Whom did the council hire?"}))
    assert ask(student_client, video).json()["cached"] is False
    assert f"Asked before: {GOOD['question']}" in mistral.requests[-1].json["messages"][1]["content"]


@pytest.mark.usefixtures("transcript")
def test_a_hint_is_no_quiz_to_answer(student_client: APIClient, video: Video) -> None:
    hint = student_client.post("/api/learning/agents/hint/", {"video_id": video.pk, "timestamp": 9}).json()
    address = f"/api/learning/agents/interactions/{hint['id']}/answer/"
    assert student_client.post(address, {"chosen": 1}).json()["code"] == "no_quiz_to_answer"


@pytest.mark.parametrize(
    "parts",
    [[], [7], [{}], [{"text": " "}], [{"start": 5, "end": 1}], [{"end": 1}], ["a" * 5001], ["a"] * 21, "a", [None]],
    ids=str,
)
def test_parts_that_are_none_are_refused(student_client: APIClient, video: Video, parts: object) -> None:
    answer = student_client.post(QUIZ, {"video_id": video.pk, "transcript_segments": parts})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_times_without_a_transcript_say_nothing(student_client: APIClient, video: Video) -> None:
    answer = ask(student_client, video, {"start": 0, "end": 20})
    assert (answer.status_code, answer.json()["code"]) == (422, "nothing_said")
