"""A server that is killed in the middle of an answer loses a second of it at most, and leaves nothing half open."""

import time
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from pytest_django import Settings
from rest_framework.test import APIClient

from chat.models import Message, Status
from chat.writing import CHECKPOINT_SECONDS
from tests.killed_servers import Servers
from tests.loopback.mistral import LoopbackMistral
from tests.loopback.server import Failure
from tests.serving import Stream
from tests.thorough import times

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("library"),
]
WORDS = 400
PACE = 0.02
ANSWER = "A reader may borrow up to seven books at a time [1]. " * (WORDS // 11)
KILLS = times(20, everyday=5)
"""After 0 to 2 checkpoints, each of five times once at least."""


@pytest.fixture
def mistral(settings: Settings) -> Iterator[LoopbackMistral]:
    with LoopbackMistral() as server:
        server.behaviour = Failure("drip", seconds=PACE)
        server.scripted.extend([ANSWER] * KILLS)
        settings.RAG = {
            **settings.RAG,
            "EMBEDDER": None,
            "GENERATORS": ["rag.generators.mistral.MistralGenerator"],
            "MISTRAL": {**settings.RAG["MISTRAL"], "api_key": server.key, "server_url": server.url},
            "ANSWER_CACHE_SECONDS": 0,
            "THRESHOLD": 0,
        }
        yield server


def test_servers_are_killed_in_the_middle_of_an_answer(client: APIClient, mistral: LoopbackMistral) -> None:
    shown: dict[str, list[tuple[float, str]]] = {}
    killed: dict[str, float] = {}
    with Servers() as servers:
        for number in range(KILLS):
            stream = Stream(
                servers.start(), client, "/api/chat/messages/", {"content": "How many books may a reader borrow?"}
            )
            key = stream.until("sources")["message_id"]
            shown[key], text = [], ""
            # Some before the first checkpoint, most after one or two.
            until = time.monotonic() + 0.1 + CHECKPOINT_SECONDS * (number % 5) / 2
            while time.monotonic() < until:
                text += stream.until("delta")["text"]
                shown[key].append((time.monotonic(), text))
            servers.kill()
            killed[key] = time.monotonic()
            stream.leave()
    assert Message.objects.filter(status=Status.STREAMING).count() == KILLS
    call_command("close_stale_answers", silent=0, stdout=None)
    assert not Message.objects.filter(status=Status.STREAMING).exists()
    for key, pieces in shown.items():
        message = client.get(f"/api/chat/messages/{key}/").json()
        conversation = client.get(f"/api/chat/sessions/{message['session_id']}/messages/").json()["results"]
        assert [turn["sender_type"] for turn in conversation] == ["user", "bot"]
        assert message["status"] == "failed"
        content = "" if message["content"].startswith("Sorry") else message["content"]
        assert ANSWER.startswith(content)
        # A busy machine may be late by a little.
        safe = [text for at, text in pieces if at < killed[key] - CHECKPOINT_SECONDS - 0.3]
        assert len(content) >= len(safe[-1].strip() if safe else "")
