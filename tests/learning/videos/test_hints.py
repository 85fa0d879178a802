"""A hint leads to the answer: by a model, or out of the transcript's own words."""

import json

import pytest
from rest_framework.test import APIClient

from documents.models import Collection, Masking
from learning.models import Interaction, Video
from tests.learning.videos.conftest import SAID
from tests.loopback.mistral import LoopbackMistral
from tests.serving import SSE, Served, Stream, shown

HINT = "/api/learning/agents/hint/"
WRITTEN = "Remember what was said about the wall: what does it take out of the waves? See https://evil.example/x [1]"
CLEAN = "Remember what was said about the wall: what does it take out of the waves? See (address removed)"


@pytest.mark.usefixtures("transcript")
@pytest.mark.parametrize("level", ["easy", "medium", "hard", "beginner"])
def test_without_a_model_a_sentence_is_shown_with_its_heart_left_out(
    student_client: APIClient, video: Video, level: str
) -> None:
    answer = student_client.post(HINT, {"video_id": video.pk, "timestamp": 130, "user_difficulty": level})
    body = answer.json()
    assert (answer.status_code, body["model"], body["tokens_used"], body["cached"]) == (200, "extractive", 0, False)
    assert "____" in body["hint"] or "…" in body["hint"]
    assert 0 < body["confidence"] <= 1
    assert len(body["hint"]) < len(body["sources"][0]["text"])
    (source,) = body["sources"]
    assert (source["video_id"], source["start"], source["end"]) == (video.pk, 40.0, 160.0)
    kept = Interaction.objects.get(pk=body["id"])
    assert (kept.agent, kept.video, kept.topic, kept.output["hint"]) == ("hint", video, video.topic, body["hint"])


def test_words_that_come_with_the_request_do_where_there_is_no_transcript(
    student_client: APIClient, video: Video
) -> None:
    asked = {"video_id": video.pk, "timestamp": 0}
    assert student_client.post(HINT, asked).json()["code"] == "nothing_said"
    body = student_client.post(HINT, {**asked, "transcript_segment": SAID[6]}).json()
    assert body["sources"] == [{"video_id": video.pk, "start": None, "end": None, "text": SAID[6]}]


@pytest.mark.usefixtures("transcript")
def test_a_model_writes_it_from_what_is_said_around_the_moment(
    student_client: APIClient, video: Video, mistral: LoopbackMistral
) -> None:
    student_client.patch("/api/learning/preferences/", {"personality": "peer", "length": "short", "language": "de"})
    mistral.scripted.append(WRITTEN)
    asked = {"video_id": video.pk, "timestamp": 130, "transcript_segment": SAID[6]}
    body = student_client.post(HINT, asked).json()
    assert body["hint"] == CLEAN
    assert body["tokens_used"] > 0
    assert body["model"] == "mistral-small-latest"
    assert (body["sources"][0]["start"], body["sources"][0]["text"]) == (120.0, SAID[6])
    sent = mistral.requests[-1].json
    assert sent["temperature"] == 0.8
    rules, said = sent["messages"][0]["content"], sent["messages"][1]["content"]
    assert "fellow learner" in rules
    assert "code de" in rules
    assert SAID[6] in said
    assert SAID[0] not in said
    again = student_client.post(HINT, asked).json()
    assert (again["hint"], again["cached"], again["tokens_used"]) == (CLEAN, True, 0)
    assert again["id"] != body["id"]


@pytest.mark.usefixtures("transcript")
def test_what_the_collection_or_the_learner_keeps_private_does_not_leave(
    student_client: APIClient, video: Video, mistral: LoopbackMistral
) -> None:
    Collection.objects.filter(course__isnull=False).update(masking=Masking.ALL)
    mistral.scripted.append("Ask <EMAIL_1> about it.")
    segment = "Write to pieter.vos@example.org where you are stuck."
    body = student_client.post(HINT, {"video_id": video.pk, "timestamp": 0, "transcript_segment": segment}).json()
    assert body["hint"] == "Ask pieter.vos@example.org about it."
    assert "pieter.vos@example.org" not in json.dumps(mistral.requests[-1].json)


@pytest.mark.usefixtures("transcript")
def test_a_model_that_cannot_be_reached_is_done_without(
    student_client: APIClient, video: Video, mistral: LoopbackMistral
) -> None:
    mistral.fail_next("error")
    body = student_client.post(HINT, {"video_id": video.pk, "timestamp": 130}).json()
    assert body["model"] == "extractive"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"video_id": 1},
        {"video_id": "1", "timestamp": 1},
        {"video_id": 1, "timestamp": -1},
        {"video_id": 1, "timestamp": "00:10"},
        {"video_id": 1, "timestamp": 1, "user_difficulty": "extreme"},
        {"video_id": 1, "timestamp": 1, "transcript_segment": 7},
    ],
)
def test_what_is_no_request_for_a_hint_is_refused(student_client: APIClient, body: dict[str, object]) -> None:
    assert student_client.post(HINT, body).status_code == 400


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("transcript")
def test_it_is_streamed_to_who_asks_for_events(
    student_client: APIClient, video: Video, mistral: LoopbackMistral
) -> None:
    mistral.scripted.append(WRITTEN)
    asked = {"video_id": video.pk, "timestamp": 130}
    with Served() as server:
        stream = Stream(server.port, student_client, HINT, asked)
        events = list(stream)
        stream.leave()
        assert stream.response.headers["Content-Type"] == SSE
        assert stream.response.headers["X-Accel-Buffering"] == "no"
        mistral.scripted.append(WRITTEN)
        mistral.fail_next("truncate")
        broken = Stream(server.port, student_client, HINT, {**asked, "timestamp": 30})
        other = list(broken)
        broken.leave()
    (first, sources), *deltas, (last, done) = events
    assert (first, {name for name, _ in deltas}, last) == ("sources", {"delta"}, "done")
    assert sources["sources"] == done["sources"]
    assert "".join(body["text"] for _, body in deltas) == done["hint"] == CLEAN
    assert other[-1][0] == "done"
    assert other[-1][1]["model"] == "extractive"
    assert shown(other) == other[-1][1]["hint"]
