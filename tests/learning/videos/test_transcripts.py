"""What is said in a video is taken in by whoever looks after its course, and is found and cited with the time."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from documents.models import Version
from learning.models import Course, Transcript, Video
from learning.transcripts.timeline import segments_of
from tests.conftest import client_of
from tests.knowledge import work
from tests.learning.conftest import Account
from tests.learning.videos.conftest import SAID, segments
from users.models import Role

SRT = "1\n00:00:01,000 --> 00:00:03,000\nThe <i>harbour</i> was built in 1642.\n"
SEARCH = "/api/learning/videos/{}/search/"


def file(content: bytes, name: str) -> dict[str, object]:
    return {"file": SimpleUploadedFile(name, content)}


@pytest.mark.parametrize(
    ("content", "name", "estimated"),
    [
        (SRT.encode(), "a.srt", False),
        (("\ufeff" + SRT).encode("utf-16-le"), "a.srt", False),
        (b"WEBVTT\n\n00:01.000 --> 00:03.000\nThe harbour was built in 1642.\n", "a.vtt", False),
        (b'{"segments": [{"start": 1, "end": 3, "text": "The harbour was built in 1642."}]}', "a.json", False),
        (b'[{"start": 1.0, "end": 3, "text": "The harbour was built in 1642."}]', "a.json", False),
        (b"The harbour was built in 1642.", "a.txt", True),
    ],
    ids=["srt", "utf-16", "vtt", "json", "list", "text"],
)
def test_files_of_every_kind_become_segments_with_times(
    teacher_client: APIClient, transcripts: str, content: bytes, name: str, estimated: bool
) -> None:
    answer = teacher_client.post(transcripts, file(content, name), format="multipart")
    assert answer.status_code == 202, answer.content
    body = answer.json()
    assert (body["version"], body["segments"], body["estimated"], body["published"]) == (1, 1, estimated, False)
    work()
    found = Transcript.objects.get()
    (said,) = segments_of(found)
    assert said.text == "The harbour was built in 1642."
    assert (said.start, said.end) == ((0.0, 240.0) if estimated else (1.0, 3.0))
    assert teacher_client.get(transcripts).json()["results"][0]["published"] is True


def test_every_segment_lies_in_the_text_that_is_indexed(transcript: None) -> None:
    found = Transcript.objects.select_related("version").get()
    assert [one.text for one in segments_of(found)] == SAID
    assert found.version.text.count("\n\n") == 5


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"text": "a", "segments": segments()}, 400),
        ({"segments": []}, 400),
        ({"segments": [{"start": 3, "end": 1, "text": "a"}]}, 400),
        ({"segments": [{"start": -1, "end": 1, "text": "a"}]}, 400),
        ({"segments": [{"start": "1", "end": 2, "text": "a"}]}, 400),
        ({"segments": [{"start": 1, "end": 2, "text": " "}]}, 422),
        ({"text": "1\n00:00:03,000 --> 00:00:01,000\nA\n"}, 422),
    ],
)
def test_what_is_no_transcript_is_refused(
    teacher_client: APIClient, transcripts: str, body: dict[str, object], status: int
) -> None:
    answer = teacher_client.post(transcripts, body)
    assert answer.status_code == status, answer.content
    assert not Version.objects.exists()


@pytest.mark.parametrize(
    ("content", "name", "status"),
    [
        (b"\x00\x01\x02" * 100, "a.srt", 415),
        (b"%PDF-1.7", "a.srt", 415),
        (b"[" * 100_000, "a.json", 400),
        (b'[{"start": 1, "end": 2, "text": "\\u0000"}]', "a.json", 400),
        (b'{"segments": 7}', "a.json", 400),
        (b" " * 10_000_001, "a.txt", 413),
    ],
    ids=["binary", "pdf", "nested", "nul", "number", "large"],
)
def test_files_that_are_none_are_refused(
    teacher_client: APIClient, transcripts: str, content: bytes, name: str, status: int
) -> None:
    assert teacher_client.post(transcripts, file(content, name), format="multipart").status_code == status


def test_the_same_again_is_nothing_and_other_words_or_times_are_a_new_version(
    teacher_client: APIClient, transcript: None, transcripts: str, video: Video, student_client: APIClient
) -> None:
    again = teacher_client.post(transcripts, {"segments": segments()})
    assert (again.status_code, again.json()["version"]) == (200, 1)
    later = [{**one, "start": float(str(one["start"])) + 5, "end": float(str(one["end"])) + 5} for one in segments()]
    assert teacher_client.post(transcripts, {"segments": later}).json()["version"] == 2
    work()
    moved = student_client.get(SEARCH.format(video.pk), {"q": "When did the storm destroy the pier?"}).json()
    assert moved["version"] == 2
    other = teacher_client.post(transcripts, {"segments": segments(SAID[:5])}).json()
    work()
    assert other["version"] == 3
    back = teacher_client.post(f"{transcripts}1/publish/")
    assert (back.status_code, back.json()["published"]) == (200, True)
    listed = teacher_client.get(transcripts).json()["results"]
    assert [(one["version"], one["published"]) for one in listed] == [(3, False), (2, False), (1, True)]
    found = student_client.get(SEARCH.format(video.pk), {"q": "When did the storm destroy the pier?"}).json()
    assert found["version"] == 1
    assert found["results"][0]["at"] == moved["results"][0]["at"] - 5 == 80.0


def test_members_find_what_is_said_and_when(student_client: APIClient, transcript: None, video: Video) -> None:
    found = student_client.get(SEARCH.format(video.pk), {"q": "Who designed the breakwater?", "top_k": "2"}).json()
    first = found["results"][0]
    assert "Clara Boone" in first["text"]
    assert first["start"] <= 100 <= first["end"]
    text = Version.objects.get().text
    assert text[first["char_start"] : first["char_end"]] == first["text"]
    assert 100 <= first["at"] <= 120
    with CaptureQueriesContext(
        connection,
    ) as queries:
        student_client.get(SEARCH.format(video.pk), {"q": "Who designed the breakwater?"})
    assert len(queries) < 20


def test_who_takes_the_course_or_looks_after_it_searches_and_nobody_else(
    student_client: APIClient,
    teacher_client: APIClient,
    admin_client: APIClient,
    account: Account,
    transcript: None,
    video: Video,
    course: Course,
) -> None:
    address, asked = SEARCH.format(video.pk), {"q": "breakwater"}
    for client in (student_client, teacher_client, admin_client):
        assert client.get(address, asked).status_code == 200
    for stranger in (account("eve"), account("tom", Role.TEACHER), account("ed", Role.EDITOR)):
        assert client_of(stranger).get(address, asked).status_code == 404
    assert APIClient().get(address, asked).status_code == 401
    assert student_client.get(SEARCH.format(10**30), asked).status_code == 404
    assert student_client.get(address, {"q": ""}).status_code == 400
    assert student_client.post(f"/api/learning/courses/{course.pk}/leave/").status_code == 204
    assert student_client.get(address, asked).status_code == 404


def test_students_and_other_teachers_hand_nothing_in(
    student_client: APIClient, account: Account, transcripts: str
) -> None:
    assert student_client.post(transcripts, {"segments": segments()}).status_code == 403
    assert client_of(account("tom", Role.TEACHER)).post(transcripts, {"segments": segments()}).status_code == 404


def test_chat_answers_members_from_it_with_the_time(
    student_client: APIClient, account: Account, transcript: None, video: Video
) -> None:
    question = {"content": "Who designed the breakwater?"}
    bot = student_client.post("/api/chat/messages/", question).json()["bot_message"]
    assert "Clara Boone" in bot["content"]
    told = bot["citations"][0]["metadata"]
    assert told["video_id"] == video.pk
    assert told["start"] <= 100 < told["end"]
    stranger = client_of(account("eve")).post("/api/chat/messages/", question).json()["bot_message"]
    assert stranger["citations"] == []


def test_a_transcript_that_is_removed_is_in_no_answer(
    teacher_client: APIClient, student_client: APIClient, transcript: None, transcripts: str, video: Video
) -> None:
    assert teacher_client.delete(transcripts).status_code == 204
    assert student_client.get(SEARCH.format(video.pk), {"q": "breakwater"}).json()["code"] == "no_transcript"
    bot = student_client.post("/api/chat/messages/", {"content": "Who designed the breakwater?"}).json()["bot_message"]
    assert bot["grounded"] is False
    assert teacher_client.delete(transcripts).status_code == 204


@pytest.mark.parametrize("part", ["videos/{0.pk}", "topics/{0.topic_id}", "modules/{0.topic.module_id}"])
def test_it_goes_with_its_video(teacher_client: APIClient, transcript: None, video: Video, part: str) -> None:
    assert teacher_client.delete(f"/api/learning/{part.format(video)}/").status_code == 204
    assert not Version.objects.exists()


def test_a_list_of_transcripts_takes_few_queries(teacher_client: APIClient, transcript: None, transcripts: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        teacher_client.get(transcripts)
    assert len(queries) <= 5, [query["sql"] for query in queries]
