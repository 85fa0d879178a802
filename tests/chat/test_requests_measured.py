"""Each request is one line of the log and one observation, whatever becomes of it."""

import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.metrics_core import Metric
from pytest_django import Settings
from rest_framework.test import APIClient

from config.handler import Handler
from tests.loopback.mistral import LoopbackMistral
from tests.serving import soon, streamed
from users.models import User
from utils import metric_files
from utils.log_lines import JsonFormatter

QUESTION = "How many books may a reader borrow?"


class Lines(logging.Handler):
    """What is logged, as the log has it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(JsonFormatter())
        self.told: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(json.loads(self.format(record)))

    def about(self, route: str) -> list[dict[str, Any]]:
        return [line for line in self.told if line.get("route") == route]


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler, logger = Lines(), logging.getLogger("utils.access")
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    settings.METRICS_DIR = tmp_path / "numbers"
    yield settings.METRICS_DIR
    metric_files._leave()


def counts(folder: Path) -> dict[tuple[str, ...], float]:
    def of(metric: Metric) -> dict[tuple[str, ...], float]:
        return {
            (sample.name.removeprefix("grounded_"), *sample.labels.values()): sample.value
            for sample in metric.samples
            if not sample.name.endswith(("_bucket", "_sum"))
        }

    return {key: value for metric in metric_files.collected(folder)[0] for key, value in of(metric).items()}


def ask(method: str, path: str, **headers: str) -> int:
    """Ask the server's handler, as a server does."""
    sent: list[Any] = []
    received: list[Any] = [{"type": "http.request", "body": b"", "more_body": False}]
    scope = {
        "type": "http", "http_version": "1.1", "method": method, "path": path, "raw_path": path.encode(),
        "query_string": b"q=a+private+question", "root_path": "", "scheme": "http", "client": ("203.0.113.9", 1),
        "server": ("localhost", 80),
        "headers": [(b"host", b"localhost"), *((name.encode(), told.encode()) for name, told in headers.items())],
    }  # fmt: skip

    async def receive() -> Any:
        return received.pop() if received else await asyncio.Future()

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(asyncio.wait_for(Handler()(scope, receive, send), 20))
    return int(sent[0]["status"])


def test_the_line_has_the_pattern_and_neither_address_nor_question(lines: Lines) -> None:
    key = "0190a1b2-0000-7000-8000-000000000000"
    assert ask("GET", f"/api/chat/sessions/{key}/", **{"x-request-id": "request-1"}) == 401
    [line] = lines.told
    assert line["message"].startswith("GET api/chat/sessions/<uuid:session_id> 401 in ")
    assert (line["request_id"], line["status"], line["method"]) == ("request-1", 401, "GET")
    assert line["duration_ms"] > 0
    assert not any(text in json.dumps(line) for text in (key, "private", "203.0.113.9"))


def test_what_clients_make_up_makes_no_label(folder: Path) -> None:
    for number in range(3):
        assert ask("GET", f"/made/up/{number}") == 404
        ask(f"MADE{number}", "/api/health/")
    found = [key for key, count in counts(folder).items() if count and key[0] == "http_request_seconds_count"]
    assert sorted(found) == [
        ("http_request_seconds_count", "GET", "none", "404"),
        ("http_request_seconds_count", "other", "api/health", "405"),
    ]


def test_probes_are_no_lines_but_are_counted(lines: Lines, folder: Path, settings: Settings) -> None:
    logging.getLogger("utils.access").setLevel(logging.INFO)
    try:
        assert ask("GET", "/api/health") == 200
    finally:
        logging.getLogger("utils.access").setLevel(logging.NOTSET)
    assert lines.told == []
    assert counts(folder)["http_request_seconds_count", "GET", "api/health", "200"] == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("library")
def test_a_stream_is_followed_to_its_end_with_the_stages_of_its_answer(
    client: APIClient, user: User, mistral: LoopbackMistral, port: int, folder: Path, lines: Lines
) -> None:
    mistral.scripted.append("A reader may borrow up to seven books at a time [1]. " * 3)
    mistral.fail_next("drip", seconds=0.02)
    with streamed(port, client, QUESTION) as stream:
        stream.until("sources")
        assert counts(folder)["http_streams_open", "api/chat/messages"] == 1
        list(stream)
    soon(lambda: bool(lines.about("api/chat/messages")))
    [line] = lines.about("api/chat/messages")
    assert line["duration_ms"] > line["first_byte_ms"] > 0
    assert {"embedding", "dense", "lexical", "visibility", "judging", "checking"} <= line["timings_ms"].keys()
    assert len(line["user"]) == 16
    assert str(user.pk) != line["user"]
    assert "borrow" not in json.dumps(line)
    found = counts(folder)
    assert found["http_streams_open", "api/chat/messages"] == 0
    assert found["http_stream_seconds_count", "api/chat/messages"] == 1
    assert found["http_request_seconds_count", "POST", "api/chat/messages", "200"] == 1
    assert found["answer_seconds_count", "no", "answered"] == 1
    assert found["answer_first_text_seconds_count", "no"] == 1
    assert found["provider_first_text_seconds_count", "mistral"] == 1
    assert found["provider_call_seconds_count", "generator", "ok", "mistral"] == 1
    assert found["provider_tokens_total", "completion", "generator", "mistral"] > 0
    assert found["retrieval_stage_seconds_count", "closer look"] >= 1


@pytest.mark.usefixtures("library")
def test_failures_of_a_model_and_refusals_are_counted(
    client: APIClient, mistral: LoopbackMistral, folder: Path
) -> None:
    for _ in range(3):
        mistral.fail_next("error")
        client.post("/api/chat/messages/", {"content": QUESTION})
    client.post("/api/chat/messages/", {"content": "What is the boiling point of tungsten?"})
    found = counts(folder)
    assert found["provider_call_seconds_count", "generator", "unavailable", "mistral"] == 3
    assert found["provider_call_seconds_count", "generator", "ok", "extractive"] == 3
    assert found["breaker_open", "mistral:answering"] == 1
    assert found["answer_seconds_count", "no", "refused"] == 1
    assert found["answer_seconds_count", "no", "answered"] == 3
