"""What is too large is refused before it is read, and what is read is bounded."""

import http.client
import json
import socket
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from tests.conftest import client_of
from tests.serving import Served
from users.models import User

REFRESH = "/api/auth/refresh/"
"""Asks the database nothing for a token that is none."""


@pytest.fixture
def served(settings: Settings) -> Iterator[Served]:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000
    settings.UPLOAD_MAX_BYTES = 50_000
    with Served() as served:
        yield served


def sent(port: int, head: str, *pieces: bytes) -> tuple[int, dict[str, str], dict[str, Any]]:
    """What the server says to a request written by hand."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
        for piece in pieces:
            connection.sendall(piece)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, headers, json.loads(answer.read() or b"{}")


def head(path: str, length: str, kind: str = "application/json") -> str:
    return f"POST {path} HTTP/1.1\nHost: localhost\nContent-Type: {kind}\n{length}"


def test_a_body_that_says_it_is_too_large_is_not_waited_for(served: Served) -> None:
    # None of it is sent: an answer comes all the same.
    status, headers, body = sent(served.port, head(REFRESH, "Content-Length: 10001"))
    assert (status, body["code"], headers["content-type"]) == (413, "too_large", "application/problem+json")
    assert body["request_id"] == headers["x-request-id"]
    assert headers["connection"].lower() == "close"
    assert "default-src 'none'" in headers["content-security-policy"]


def test_a_body_that_does_not_say_is_read_as_far_as_allowed(served: Served) -> None:
    chunk = b"1388\r\n" + b" " * 5000 + b"\r\n"
    status, _, body = sent(served.port, head(REFRESH, "Transfer-Encoding: chunked"), chunk, chunk, chunk)
    assert (status, body["code"]) == (413, "too_large")


def test_a_body_within_the_limit_is_read(served: Served) -> None:
    body = b'{"refresh": "none"}'
    assert sent(served.port, head(REFRESH, f"Content-Length: {len(body)}"), body)[0] == 401
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    # Not 413. REST framework reads no body whose length is not told, so the fields are missing.
    assert sent(served.port, head(REFRESH, "Transfer-Encoding: chunked"), chunks)[0] == 400


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [("/api/rag/index/", 20_000, 401), ("/api/rag/index/", 50_001, 413), (REFRESH, 20_000, 413)],
)
def test_forms_with_files_may_be_larger_where_files_are_handed_in(
    served: Served, path: str, size: int, status: int
) -> None:
    kind = "multipart/form-data; boundary=x"
    start = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    body = start + b"a" * (size - len(start) - 9) + b"\r\n--x--\r\n"
    told, _, _ = sent(served.port, head(path, f"Content-Length: {len(body)}", kind), body if status != 413 else b"")
    assert told == status


@pytest.mark.parametrize("length", ["Content-Length: -1", "Content-Length: 1\nContent-Length: 2", "Content-Length: x"])
def test_a_length_that_is_none_is_a_bad_request(served: Served, length: str) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        connection.sendall(head(REFRESH, length).replace("\n", "\r\n").encode() + b"\r\n\r\n")
        assert connection.recv(12) in (b"HTTP/1.1 400", b"HTTP/1.1 413")


def test_a_form_has_so_many_fields_and_files(editor: User, settings: Settings) -> None:
    client = client_of(editor)
    fields = {f"field{number}": "a" for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)}
    assert client.post("/api/rag/index/", fields, format="multipart").status_code == 400


@pytest.mark.parametrize("opening", ['{"a":', "["])
def test_json_has_so_many_levels(anonymous: APIClient, opening: str) -> None:
    answer = anonymous.post(REFRESH, opening * 100_000, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")


def test_a_body_that_cannot_be_kept_is_answered_all_the_same(
    served: Served, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 100
    monkeypatch.setattr(tempfile, "tempdir", "/no/such/folder")
    body = b'{"refresh": "%s"}' % (b"a" * 200)
    status, headers, said = sent(served.port, head(REFRESH, f"Content-Length: {len(body)}"), body)
    assert (status, said["code"], headers["content-type"]) == (500, "internal_error", "application/problem+json")
