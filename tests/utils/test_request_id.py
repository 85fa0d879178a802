"""Every answer names the request that it answers."""

import asyncio
import json
from typing import Any

import pytest
from django.test import AsyncClient
from rest_framework.test import APIClient


def test_an_id_is_made_for_each_request(anonymous: APIClient) -> None:
    first, second = (anonymous.get("/api/health/")["X-Request-ID"] for _ in range(2))
    assert len(first) >= 8
    assert first != second


@pytest.mark.parametrize("sent", ["b5f1a3c2-0000-4000-8000-000000000000", "trace.0001", "A" * 128])
def test_a_sane_id_of_the_client_is_echoed(anonymous: APIClient, sent: str) -> None:
    answer = anonymous.get("/api/nothing/", HTTP_X_REQUEST_ID=sent)
    assert answer["X-Request-ID"] == sent
    assert json.loads(answer.content)["request_id"] == sent


@pytest.mark.parametrize("sent", ["short", "A" * 129, "line\nbreak-of-logs", "<script>alert</script>", "ünsafe-id"])
def test_an_id_that_could_harm_a_log_is_replaced(anonymous: APIClient, sent: str) -> None:
    answer = anonymous.get("/api/health/", HTTP_X_REQUEST_ID=sent)
    assert answer["X-Request-ID"] != sent


def test_a_failure_is_logged_under_the_id_of_its_request(anonymous: APIClient, log: pytest.LogCaptureFixture) -> None:
    anonymous.get("/api/auth/me/", HTTP_X_REQUEST_ID="request-1")
    asyncio.run(AsyncClient().get("/api/auth/me/", headers={"X-Request-ID": "request-2"}))
    assert [(record.name, vars(record)["request_id"]) for record in log.records] == [
        ("django.request", "request-1"),
        ("django.request", "request-2"),
    ]


def test_requests_served_at_once_keep_their_own_ids() -> None:
    async def ask() -> list[Any]:
        client = AsyncClient()
        return await asyncio.gather(
            *(client.get("/api/nothing/", headers={"X-Request-ID": f"request-{n}"}) for n in range(20))
        )

    for number, answer in enumerate(asyncio.run(ask())):
        assert answer["X-Request-ID"] == f"request-{number}"
        assert json.loads(answer.content)["request_id"] == f"request-{number}"
