"""``/mcp/`` lets in whom it knows, and answers what is no message of the protocol with an error."""

import json

import pytest
from rest_framework.test import APIClient

LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
ACCEPT = "application/json, text/event-stream"


def test_who_is_not_known_is_not_let_in(client: APIClient, anonymous: APIClient) -> None:
    refused = anonymous.post("/mcp/", LIST)
    assert (refused.status_code, refused["WWW-Authenticate"]) == (401, "Bearer")
    chat = client.post("/api/auth/keys/", {"name": "Chat", "scopes": ["chat"]}).json()["key"]
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {chat}")
    assert anonymous.post("/mcp/", LIST).json()["code"] == "scope_missing"


def test_there_are_no_sessions_to_listen_to_or_to_end(client: APIClient) -> None:
    assert client.get("/mcp/").status_code == 405
    assert client.delete("/mcp/").status_code == 405


def test_a_message_is_answered_as_json(client: APIClient) -> None:
    answer = client.post("/mcp/", LIST, headers={"Accept": ACCEPT, "X-Request-ID": "abcdefgh"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer["X-Request-ID"] == "abcdefgh"
    assert len(answer.json()["result"]["tools"]) == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [("{", 400), ("[]", 400), (json.dumps({"a": 1}), 400), (json.dumps({**LIST, "method": "no/such"}), 200)],
)
def test_what_is_no_message_is_refused(client: APIClient, body: str, status: int) -> None:
    answer = client.post("/mcp/", body, content_type="application/json", headers={"Accept": ACCEPT})
    assert answer.status_code == status
    assert "error" in answer.json()
