"""The accounts are in the API description, whole."""

from typing import Any

import pytest

OPERATIONS = {
    ("/api/auth/register/", "post"): {"201", "400", "415", "429", "503"},
    ("/api/auth/login/", "post"): {"200", "400", "401", "403", "415", "429", "503"},
    ("/api/auth/refresh/", "post"): {"200", "400", "401", "403", "415", "429"},
    ("/api/auth/token/refresh/", "post"): {"200", "400", "401", "403", "415", "429"},
    ("/api/auth/login/totp/", "post"): {"200", "400", "401", "403", "415", "429", "503"},
    ("/api/auth/totp/", "get"): {"200", "401", "403"},
    ("/api/auth/totp/confirm/", "post"): {"200", "400", "401", "403", "409", "415", "429"},
    ("/api/auth/totp/disable/", "post"): {"204", "400", "401", "403", "409", "415", "429"},
    ("/api/auth/logout/", "post"): {"204", "400", "401", "403", "415"},
    ("/api/auth/sessions/", "get"): {"200", "400", "401", "403", "404"},
    ("/api/auth/sessions/{session_id}/", "delete"): {"204", "401", "403", "404"},
    ("/api/auth/verify-email/", "post"): {"200", "400", "415", "429", "503"},
    ("/api/auth/verify-email/resend/", "post"): {"202", "400", "415", "429", "503"},
    ("/api/auth/password/change/", "post"): {"204", "400", "401", "403", "415", "429", "503"},
    ("/api/auth/password/reset/", "post"): {"202", "400", "415", "429", "503"},
    ("/api/auth/password/reset/confirm/", "post"): {"204", "400", "415", "429", "503"},
    ("/api/auth/me/", "get"): {"200", "401", "403"},
    ("/api/auth/me/", "patch"): {"200", "400", "401", "403", "415"},
    ("/api/auth/me/", "delete"): {"204", "400", "401", "403", "409", "415", "429", "503"},
    ("/api/auth/me/export/", "get"): {"200", "401", "403"},
    ("/api/auth/keys/", "get"): {"200", "400", "401", "403", "404"},
    ("/api/auth/keys/", "post"): {"201", "400", "401", "403", "409", "415"},
    ("/api/auth/keys/{key_id}/", "delete"): {"204", "401", "403", "404"},
}


@pytest.fixture
def paths(api_description: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = api_description["paths"]
    return found


@pytest.mark.parametrize(("address", "method"), OPERATIONS)
def test_an_operation_is_described_with_its_answers(paths: dict[str, Any], address: str, method: str) -> None:
    operation = paths[address][method]
    assert operation["operationId"]
    assert operation["summary"]
    assert operation["tags"] == ["API keys" if "keys" in address else "Accounts"]
    assert set(operation["responses"]) == OPERATIONS[address, method]
    for status, answer in operation["responses"].items():
        if status >= "400":
            assert list(answer["content"]) == ["application/problem+json"]
    if method not in ("get", "delete"):
        assert operation["requestBody"]["content"]["application/json"]["examples"]


def test_what_needs_a_token_says_so(paths: dict[str, Any]) -> None:
    assert paths["/api/auth/me/"]["get"]["security"] == [{"jwtAuth": []}]
    assert paths["/api/auth/login/"]["post"]["security"] == [{}]


def test_tokens_are_sent_as_a_bearer(api_description: dict[str, Any]) -> None:
    assert api_description["components"]["securitySchemes"]["jwtAuth"]["scheme"] == "bearer"
