"""An answer is told while it is written, and is saved whatever becomes of who writes it and who listens."""

import threading
import time
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from chat import streaming
from chat.models import Message, Status
from rag.signals import worker_idle
from tests.conftest import client_of
from tests.loopback.mistral import LoopbackMistral
from tests.serving import SSE, Served, Stream, shown, soon, streamed
from users.models import User

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("library"),
]
QUESTION = "How many books may a reader borrow?"
ANSWER = "A reader may borrow up to seven books at a time [1]. " * 6


@pytest.fixture
def alone(mistral: LoopbackMistral, settings: Settings) -> None:
    """Nobody else answers where the model fails."""
    settings.RAG = {**settings.RAG, "GENERATORS": settings.RAG["GENERATORS"][:1]}


def read(client: APIClient, key: str) -> dict[str, Any]:
    message: dict[str, Any] = client.get(f"/api/chat/messages/{key}/").json()
    return message


def status(client: APIClient, key: str) -> str:
    return str(read(client, key)["status"])


def test_sources_come_first_then_the_text_then_the_whole_message(
    client: APIClient, mistral: LoopbackMistral, port: int
) -> None:
    mistral.scripted.append(ANSWER)
    mistral.fail_next("drip", seconds=0.02)
    with streamed(port, client, QUESTION) as stream:
        events = list(stream)
    assert stream.response.status == 200
    assert stream.response.headers["Content-Type"] == SSE
    assert stream.response.headers["X-Accel-Buffering"] == "no"
    assert stream.response.headers["Cache-Control"] == "no-cache"
    assert stream.response.headers["X-Request-ID"]
    (first, sources), *deltas, (last, done) = events
    assert (first, {name for name, _ in deltas}, last) == ("sources", {"delta"}, "done")
    assert len(deltas) > 3
    assert sources["message_id"] == done["id"]
    assert sources["user_message"]["content"] == QUESTION
    assert [source["marker"] for source in sources["sources"]] == list(range(1, len(sources["sources"]) + 1))
    assert shown(events) == done["content"] == ANSWER.strip()
    assert done["citations"][0] == {**sources["sources"][0]}
    assert (done["status"], done["grounded"]) == ("complete", True)
    assert read(client, done["id"]) == done


def test_a_session_s_messages_stream_too_and_a_refusal_as_well(client: APIClient, port: int) -> None:
    session = client.post("/api/chat/sessions/", {}).json()["id"]
    with streamed(port, client, "What does tungsten boil at?", f"/api/chat/sessions/{session}/messages/") as stream:
        events = list(stream)
    assert [name for name, _ in events] == ["sources", "delta", "done"]
    assert events[0][1]["sources"] == []
    assert events[0][1]["session_id"] == session
    assert (events[-1][1]["grounded"], events[-1][1]["status"]) == (False, "complete")


@pytest.mark.parametrize(
    ("who", "body", "expected"),
    [("client", {"content": " "}, 400), ("anonymous", {"content": QUESTION}, 401), ("other", {"content": "x"}, 404)],
)
def test_what_is_wrong_before_the_first_event_is_a_problem(
    request: pytest.FixtureRequest, client: APIClient, who: str, body: dict[str, str], expected: int
) -> None:
    session = client.post("/api/chat/sessions/", {}).json()["id"]
    if who == "other":
        asker = client_of(User.objects.create_user("eve", "eve@example.org", "correct horse battery staple"))
    else:
        asker = request.getfixturevalue(who)
    answer = asker.post(f"/api/chat/sessions/{session}/messages/", body, HTTP_ACCEPT=SSE)
    assert answer.status_code == expected
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"]


def test_what_a_failing_model_had_begun_is_void(client: APIClient, mistral: LoopbackMistral, port: int) -> None:
    mistral.scripted.append(ANSWER)
    mistral.fail_next("truncate")
    with streamed(port, client, QUESTION) as stream:
        events = list(stream)
    assert "restart" in [name for name, _ in events]
    assert shown(events) == events[-1][1]["content"]
    assert events[-1][1]["model"] == "extractive"


@pytest.mark.usefixtures("alone")
def test_an_answer_that_breaks_off_has_failed_and_keeps_what_came(
    client: APIClient, mistral: LoopbackMistral, port: int
) -> None:
    mistral.scripted.append(ANSWER)
    mistral.fail_next("truncate")
    with streamed(port, client, QUESTION) as stream:
        events = list(stream)
    name, problem = events[-1]
    assert (name, problem["status"], problem["code"]) == ("error", 503, "provider_unavailable")
    message = read(client, problem["message_id"])
    assert message["status"] == "failed"
    assert message["content"] == shown(events)
    assert message["content"].startswith("A reader may borrow up to seven books")
    assert message["metadata"] == {"error": "provider_unavailable"}
    mistral.scripted.append(ANSWER)
    mistral.fail_next("truncate")
    bot = client.post("/api/chat/messages/", {"content": QUESTION}).json()["bot_message"]
    assert (bot["status"], bot["content"]) == ("failed", message["content"])


def test_a_listener_who_leaves_stops_the_model_and_the_part_written_is_kept(
    client: APIClient, mistral: LoopbackMistral, port: int
) -> None:
    mistral.scripted.append(ANSWER)
    mistral.fail_next("drip", seconds=0.1)
    with streamed(port, client, QUESTION) as stream:
        key = stream.until("sources")["message_id"]
        text = "".join(stream.until("delta")["text"] for _ in range(15))
    assert mistral.wait_for_streams(0, timeout=1)
    soon(lambda: status(client, key) == "stopped", seconds=1)
    message = read(client, key)
    assert message["content"].startswith(text.strip())
    assert len(message["content"]) < len(ANSWER) / 2
    assert [citation["marker"] for citation in message["citations"]] == [1]


def test_an_answer_is_stopped_from_anywhere_within_a_second(
    client: APIClient, mistral: LoopbackMistral, port: int
) -> None:
    mistral.scripted.append(ANSWER)
    mistral.fail_next("drip", seconds=0.1)
    with streamed(port, client, QUESTION) as stream:
        key = stream.until("sources")["message_id"]
        stream.until("delta")
        began = time.monotonic()
        assert client.post(f"/api/chat/messages/{key}/stop/").json()["status"] == "stopped"
        done = stream.until("done")
    assert time.monotonic() - began < 1.5
    assert mistral.wait_for_streams(0)
    assert done["status"] == "stopped"
    assert ANSWER.startswith(done["content"])
    assert client.post(f"/api/chat/messages/{key}/stop/").json() == read(client, key) == done


def test_a_model_that_is_silent_is_stopped_as_soon(client: APIClient, mistral: LoopbackMistral, port: int) -> None:
    mistral.fail_next("hang")
    with streamed(port, client, QUESTION) as stream:
        key = stream.until("sources")["message_id"]
        client.post(f"/api/chat/messages/{key}/stop/")
        assert stream.until("done")["status"] == "stopped"


def test_only_the_asker_may_stop_an_answer(client: APIClient) -> None:
    key = client.post("/api/chat/messages/", {"content": QUESTION}).json()["bot_message"]["id"]
    other = client_of(User.objects.create_user("eve", "eve@example.org", "correct horse battery staple"))
    assert other.post(f"/api/chat/messages/{key}/stop/").status_code == 404
    assert client.post(f"/api/chat/messages/{key}/stop/").json()["status"] == "complete"


def test_an_answer_is_saved_each_second_while_it_is_written(
    client: APIClient, mistral: LoopbackMistral, port: int
) -> None:
    mistral.scripted.append(ANSWER)
    mistral.fail_next("drip", seconds=0.05)
    with streamed(port, client, QUESTION) as stream:
        key = stream.until("sources")["message_id"]
        soon(lambda: len(read(client, key)["content"]) > 20, seconds=1.5)
        assert status(client, key) == "streaming"
        assert ANSWER.startswith(read(client, key)["content"])
        assert stream.until("done")["content"] == ANSWER.strip()


def test_a_session_that_is_deleted_meanwhile_ends_the_stream(
    client: APIClient, mistral: LoopbackMistral, port: int
) -> None:
    mistral.scripted.append(ANSWER)
    mistral.fail_next("drip", seconds=0.1)
    with streamed(port, client, QUESTION) as stream:
        client.delete(f"/api/chat/sessions/{stream.until('sources')['session_id']}/")
        assert stream.until("error")["code"] == "not_found"
    assert mistral.wait_for_streams(0)


def test_a_silent_stream_has_heartbeats(
    client: APIClient, mistral: LoopbackMistral, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "HEARTBEAT_SECONDS", 0.1)
    monkeypatch.setattr(streaming, "_BEAT", 0.1)
    mistral.fail_next("slow", seconds=0.5)
    with streamed(port, client, QUESTION) as stream:
        assert stream.until("done")["status"] == "complete"
    assert stream.comments >= 3


def test_streams_that_wait_hold_no_threads_and_no_database_connections(
    client: APIClient, mistral: LoopbackMistral, port: int
) -> None:
    for _ in range(24):
        mistral.fail_next("stall")
    before = threading.active_count()
    streams = [Stream(port, client, "/api/chat/messages/", {"content": QUESTION}) for _ in range(24)]
    for stream in streams:
        stream.until("sources")
    assert mistral.wait_for_streams(24)
    # Those of the model's stand-in have a thread each, of the same process.
    assert threading.active_count() - before - 24 <= 16 + 4
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
            assert cursor.fetchone()[0] <= 16 + 4
    for stream in streams:
        stream.leave()
    assert mistral.wait_for_streams(0)
    soon(lambda: not Message.objects.filter(status=Status.STREAMING).exists())


def test_a_server_that_ends_saves_what_is_being_written(client: APIClient, mistral: LoopbackMistral) -> None:
    mistral.scripted.append(ANSWER)
    mistral.fail_next("drip", seconds=0.1)
    with Served() as server:
        stream = Stream(server.port, client, "/api/chat/messages/", {"content": QUESTION})
        key = stream.until("sources")["message_id"]
        text = stream.until("delta")["text"]
    stream.leave()
    message = read(client, key)
    assert message["status"] == "stopped"
    assert message["content"].startswith(text.strip())


def test_answers_that_nobody_writes_any_more_are_closed(client: APIClient) -> None:
    keys = [client.post("/api/chat/messages/", {"content": QUESTION}).json()["bot_message"]["id"] for _ in range(3)]
    now = timezone.now()
    dead, empty, alive = (Message.objects.filter(pk=key) for key in keys)
    Message.objects.filter(pk__in=keys).update(status=Status.STREAMING, content="A reader", timestamp=now)
    dead.update(checkpoint_at=now - timedelta(minutes=5))
    empty.update(content="", timestamp=now - timedelta(minutes=5))
    alive.update(timestamp=now - timedelta(minutes=5), checkpoint_at=now)
    said = StringIO()
    call_command("close_stale_answers", stdout=said)
    assert said.getvalue() == "2 answers closed.\n"
    first, second, third = (read(client, key) for key in keys)
    assert (first["status"], first["content"], first["metadata"]) == ("failed", "A reader", {"error": "interrupted"})
    assert (second["status"], second["content"][:5]) == ("failed", "Sorry")
    assert third["status"] == "streaming"
    alive.update(checkpoint_at=now - timedelta(minutes=5))
    worker_idle.send(sender=None)
    assert status(client, keys[2]) == "failed"
