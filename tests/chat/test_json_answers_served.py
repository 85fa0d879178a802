"""JSON answers of a real server are written by its event loop, as streams are, and come to the same ends."""

import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from rest_framework.test import APIClient

from chat.models import Message, Status
from tests.loopback.mistral import LoopbackMistral
from tests.loopback.server import Failure
from tests.serving import soon

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("library"),
]
QUESTION = "How many books may a reader borrow?"


def asked(port: int, client: APIClient, path: str, body: dict[str, Any]) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    who = client._credentials["HTTP_AUTHORIZATION"]  # type: ignore[attr-defined]
    connection.request("POST", path, json.dumps(body), {"Authorization": who, "Content-Type": "application/json"})
    response = connection.getresponse()
    said = json.loads(response.read())
    connection.close()
    return response.status, said


def test_it_is_whole_and_saved(client: APIClient, port: int) -> None:
    status, said = asked(port, client, "/api/chat/messages/", {"content": QUESTION})
    answer = said["bot_message"]
    assert (status, answer["status"], answer["grounded"]) == (201, "complete", True)
    assert "seven books" in answer["content"]
    assert Message.objects.get(pk=answer["id"]).content == answer["content"]


def test_tools_are_called_for_a_single_question(client: APIClient, port: int) -> None:
    status, said = asked(port, client, "/api/chatbot/query/", {"query": QUESTION})
    assert status == 200
    assert "seven books" in said["response"]
    assert [call["name"] for call in said["function_calls"]] == ["search_knowledge_base"]


def test_it_can_be_stopped_while_its_asker_waits(client: APIClient, port: int, mistral: LoopbackMistral) -> None:
    mistral.behaviour = Failure("slow", seconds=8)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(asked, port, client, "/api/chat/messages/", {"content": QUESTION})
        soon(lambda: Message.objects.filter(status=Status.STREAMING).exists())
        running = Message.objects.get(status=Status.STREAMING)
        assert client.post(f"/api/chat/messages/{running.pk}/stop/").status_code == 200
        status, said = answer.result()
    assert (status, said["bot_message"]["status"]) == (201, "stopped")
