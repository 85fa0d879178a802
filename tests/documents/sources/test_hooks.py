"""A source's own system tells of one document at a time, by messages that it signs."""

import base64
import json
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from documents.models import Document, Source, SourceDelivery, Version
from documents.sources.hooks import signature
from tests.documents.sources.conftest import AddSource, counts, uris
from tests.knowledge import LOANS, submit, work

URI = "https://cms.example.org/loans"
UPSERT = {"event": "upsert", "uri": URI, "title": "Loans", "content": LOANS}


class Sender:
    """A system that signs its messages as Standard Webhooks says."""

    def __init__(self, url: str, secret: str) -> None:
        self.url, self.secret = url, secret
        self._numbers: Iterator[int] = iter(range(1000))

    def send(
        self,
        message: object,
        *,
        message_id: str = "",
        seconds: float = 0,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """``seconds``: how old the message is. ``body``: what arrives in the place of what was signed."""
        message_id = message_id or f"msg_{next(self._numbers)}"
        timestamp, signed = str(int(time.time() - seconds)), json.dumps(message).encode()
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        sent = {
            "webhook-id": message_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": signature(key=key, message_id=message_id, timestamp=timestamp, body=signed),
            **(headers or {}),
        }
        return APIClient().generic(
            "POST",
            self.url,
            (signed if body is None else body).decode(),
            content_type="application/json",
            headers={name: value for name, value in sent.items() if value},
        )


@pytest.fixture
def sender(add: AddSource) -> Sender:
    source = add("hook", "")
    return Sender(source["hook_url"], source["secret"])


def told(answer: Any) -> tuple[int, str]:
    body = answer.json()
    return answer.status_code, body.get("status") if answer.status_code < 400 else body["code"]


def test_a_signature_is_that_of_the_standard() -> None:
    """Made by the standard's own library for Python."""
    made = signature(
        key=base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp="1614265330",
        body=b'{"test": 2432232314}',
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_document_is_created_updated_and_deleted(sender: Sender, editor_client: APIClient) -> None:
    created = sender.send(UPSERT)
    assert told(created) == (202, "accepted")
    work()
    found = editor_client.get("/api/rag/search/", {"q": "How many books may a reader borrow?"}).json()["results"]
    assert (found[0]["document_id"], found[0]["source_uri"]) == (created.json()["document_id"], URI)
    assert told(sender.send(UPSERT)) == (200, "unchanged")
    assert told(sender.send({**UPSERT, "content": "# Loans\n\nTen books at a time."})) == (202, "accepted")
    assert Version.objects.count() == 2
    assert told(sender.send({"event": "delete", "uri": URI})) == (200, "deleted")
    assert told(sender.send({"event": "delete", "uri": URI})) == (200, "unchanged")
    assert Document.objects.count() == 0


def test_a_file_is_sent_as_base64(sender: Sender) -> None:
    page = b"<!doctype html><title>Hours</title><p>Nine to five.</p>"
    message = {"event": "upsert", "uri": "cms:7", "content_base64": base64.b64encode(page).decode()}
    assert told(sender.send({**message, "content_type": "text/html; charset=utf-8"})) == (202, "accepted")
    work()
    assert Document.objects.get().title == "Hours"


def test_a_message_that_comes_again_does_nothing(sender: Sender) -> None:
    sender.send(UPSERT, message_id="msg_once")
    sender.send({**UPSERT, "content": "# Loans\n\nTen books."}, message_id="msg_twice")
    assert told(sender.send(UPSERT, message_id="msg_once")) == (200, "duplicate")
    assert told(sender.send({"event": "delete", "uri": URI}, message_id="msg_once", seconds=200)) == (200, "duplicate")
    assert Version.objects.count() == 2


def test_a_message_that_failed_may_come_again(sender: Sender) -> None:
    assert told(sender.send({**UPSERT, "content": " "}, message_id="msg_once")) == (422, "empty")
    assert told(sender.send(UPSERT, message_id="msg_once")) == (202, "accepted")


def test_a_message_is_remembered_for_a_month(sender: Sender) -> None:
    sender.send(UPSERT, message_id="msg_old")
    SourceDelivery.objects.update(received_at=timezone.now() - timedelta(days=29))
    assert told(sender.send(UPSERT, message_id="msg_old")) == (200, "duplicate")
    SourceDelivery.objects.update(received_at=timezone.now() - timedelta(days=31))
    sender.send(UPSERT)
    assert SourceDelivery.objects.count() == 1


@pytest.mark.parametrize("seconds", [301, -301, 10**9])
def test_an_old_message_is_refused_and_one_of_the_future_too(sender: Sender, seconds: float) -> None:
    assert told(sender.send(UPSERT, seconds=seconds)) == (401, "signature_expired")
    assert uris() == []


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"webhook-signature": "v1,AAAA"}, "signature_invalid"),
        ({"webhook-signature": "v1,ä"}, "signature_invalid"),
        ({"webhook-signature": "nonsense"}, "signature_invalid"),
        ({"webhook-id": "msg_other"}, "signature_invalid"),
        ({"webhook-id": "x" * 300}, "signature_invalid"),
        ({"webhook-signature": ""}, "signature_missing"),
        ({"webhook-id": ""}, "signature_missing"),
        ({"webhook-timestamp": ""}, "signature_missing"),
        ({"webhook-timestamp": "yesterday"}, "signature_expired"),
        ({"webhook-timestamp": "9" * 5000}, "signature_expired"),
    ],
    ids=[
        "wrong",
        "no ASCII",
        "no version",
        "other id",
        "long id",
        "none",
        "no id",
        "no time",
        "no number",
        "long time",
    ],
)
def test_a_message_that_is_not_signed_as_it_should_be_is_refused(
    sender: Sender, headers: dict[str, str], code: str
) -> None:
    assert told(sender.send(UPSERT, headers=headers)) == (401, code)
    assert SourceDelivery.objects.count() == 0


def test_what_was_signed_is_what_must_arrive(sender: Sender) -> None:
    assert told(sender.send(UPSERT, body=json.dumps(UPSERT).encode() + b" ")) == (401, "signature_invalid")


def test_one_right_signature_of_several_will_do(sender: Sender) -> None:
    """As when a sender changes its secret and signs with both."""
    body = json.dumps(UPSERT).encode()
    key = base64.b64decode(sender.secret.removeprefix("whsec_"))
    now = str(int(time.time()))
    right = signature(key=key, message_id="msg_1", timestamp=now, body=body)
    sent = sender.send(
        UPSERT, message_id="msg_1", headers={"webhook-timestamp": now, "webhook-signature": f"v1,AAAA {right}"}
    )
    assert told(sent) == (202, "accepted")


def test_a_source_that_does_not_exist_looks_like_a_wrong_signature(sender: Sender) -> None:
    wrong = sender.send(UPSERT, headers={"webhook-signature": "v1,AAAA"})
    nobody = Sender(f"/api/documents/hooks/{uuid4()}/", sender.secret).send(UPSERT)
    for answer in (wrong, nobody):
        answer.json().pop("request_id")
    assert told(nobody) == told(wrong)
    assert nobody.json()["detail"] == wrong.json()["detail"]


def test_a_wrong_signature_costs_one_query(sender: Sender) -> None:
    with CaptureQueriesContext(connection) as queries:
        sender.send(UPSERT, headers={"webhook-signature": "v1,AAAA"})
    assert len(queries) == 1
    with CaptureQueriesContext(connection) as queries:
        sender.send(UPSERT, seconds=1000)
    assert len(queries) == 0


def test_one_sources_secret_is_not_anothers(sender: Sender, add: AddSource) -> None:
    other = add("hook", "", slug="b")
    assert told(Sender(other["hook_url"], sender.secret).send(UPSERT)) == (401, "signature_invalid")


def test_a_new_secret_takes_the_place_of_the_old(sender: Sender, editor_client: APIClient) -> None:
    source = Source.objects.get()
    answer = editor_client.post(f"/api/documents/sources/{source.pk}/secret/")
    assert (answer.status_code, answer.json()["secret"] != sender.secret) == (200, True)
    assert told(sender.send(UPSERT)) == (401, "signature_invalid")
    sender.secret = answer.json()["secret"]
    assert told(sender.send(UPSERT)) == (202, "accepted")
    assert sender.secret not in str(editor_client.get(f"/api/documents/sources/{source.pk}/").content)


def test_the_database_does_not_hold_the_secret(sender: Sender, settings: Any) -> None:
    settings.SECRET_KEY = "another key, as of another server that was given the database"
    assert told(sender.send(UPSERT)) == (401, "signature_invalid")


@pytest.mark.parametrize(
    ("message", "status", "code"),
    [
        ({"event": "upsert", "uri": URI}, 400, "invalid"),
        ({**UPSERT, "content_base64": "AAAA"}, 400, "invalid"),
        ({"event": "upsert", "uri": URI, "content_base64": "not base64!"}, 400, "invalid"),
        ({**UPSERT, "event": "rename"}, 400, "invalid"),
        ({**UPSERT, "uri": "x" * 501}, 400, "invalid"),
        ({**UPSERT, "content": "nul \0 character"}, 400, "invalid_json"),
        ([], 400, "invalid"),
        (
            {"event": "upsert", "uri": URI, "content_base64": base64.b64encode(b"\0\1\2").decode()},
            415,
            "type_mismatch",
        ),
    ],
    ids=["no content", "two contents", "no base64", "no such event", "long uri", "NUL", "no object", "binary"],
)
def test_what_is_wrong_with_a_message_is_said(sender: Sender, message: object, status: int, code: str) -> None:
    assert told(sender.send(message)) == (status, code)
    assert uris() == []


def test_a_message_that_is_too_large_is_refused(sender: Sender) -> None:
    assert told(sender.send({**UPSERT, "content": "x" * 11_000_000})) == (413, "too_large")


def test_a_disabled_source_takes_nothing(sender: Sender, editor_client: APIClient) -> None:
    editor_client.patch(f"/api/documents/sources/{Source.objects.get().pk}/", {"enabled": False})
    assert told(sender.send(UPSERT)) == (409, "source_disabled")


def test_a_document_that_is_not_the_sources_is_left_alone(sender: Sender, editor_client: APIClient) -> None:
    submit(editor_client, "Loans", LOANS, source_uri=URI)
    assert told(sender.send({**UPSERT, "content": "# Loans\n\nTen books."})) == (409, "source_taken")
    assert told(sender.send({"event": "delete", "uri": URI})) == (200, "unchanged")
    assert Version.objects.count() == 1


def test_a_sync_leaves_what_came_by_the_hook_and_takes_over_what_it_meets(
    folder: Path, add: AddSource, sync: Callable[..., dict[str, Any]]
) -> None:
    source = add("folder", str(folder))
    sender = Sender(source["hook_url"], source["secret"])
    path = folder / "loans.md"
    sender.send({**UPSERT, "uri": "cms:1"})
    sender.send({**UPSERT, "uri": str(path)})
    path.write_text("# Loans\n\nTen books.")
    assert counts(sync()) == {"changed": 1}
    assert uris() == [str(path), "cms:1"]
    path.unlink()
    assert counts(sync()) == {"removed": 1}
    assert uris() == ["cms:1"]
