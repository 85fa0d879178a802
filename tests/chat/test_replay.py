"""Editors see what an answer was made of, have its search done again as of then, and learn what has changed since."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings
from rest_framework.test import APIClient

from chat.models import Citation, Message, Session
from chat.staleness import answers_stale
from documents.models import Chunk, Document
from tests.knowledge import HOURS, LOANS, LONGER, hand_in
from users.models import User

pytestmark = pytest.mark.usefixtures("library")
CLOSING = "Until when is the library open?"


def ask(client: APIClient, question: str = CLOSING) -> dict[str, Any]:
    bot: dict[str, Any] = client.post("/api/chat/messages/", {"content": question}).json()["bot_message"]
    assert bot["status"] == "complete"
    return bot


def replayed(editor: APIClient, bot: dict[str, Any]) -> dict[str, Any]:
    answer = editor.get(f"/api/chat/messages/{bot['id']}/replay/")
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def document(title: str) -> Document:
    return Document.objects.get(title=title)


def cited(replay: dict[str, Any]) -> dict[str, Any]:
    found: list[dict[str, Any]] = [passage for passage in replay["passages"] if passage["cited"]]
    [passage] = found
    return passage


def test_an_answer_keeps_all_that_it_was_made_of(client: APIClient, editor_client: APIClient) -> None:
    bot = ask(client)
    replay = replayed(editor_client, bot)
    assert (replay["question"], replay["content"], replay["model"]) == (CLOSING, bot["content"], "extractive")
    assert len(replay["passages"]) == Chunk.objects.count()  # also those that were not cited
    assert cited(replay)["text"] == bot["citations"][0]["text"]
    assert replay["confidence"] == replay["passages"][0]["score"] > replay["settings"]["threshold"]
    assert len(replay["prompt_hash"]) == len(replay["system_hash"]) == 64
    assert replay["settings"]["top_k"] == 3
    assert replay["settings"]["embedder"]


def test_while_nothing_has_changed_the_search_finds_the_same(client: APIClient, editor_client: APIClient) -> None:
    replay = replayed(editor_client, ask(client))
    assert (replay["same"], replay["stale"], replay["notes"], replay["settings_changed"]) == (True, False, [], {})
    assert [found["score"] for found in replay["again"]] == pytest.approx(
        [passage["score"] for passage in replay["passages"]], abs=1e-3
    )


def test_a_superseded_passage_is_searched_as_it_was(client: APIClient, editor_client: APIClient) -> None:
    bot = ask(client)
    hand_in(editor_client, f"/api/documents/{document('Opening hours').pk}/", LONGER)
    replay = replayed(editor_client, bot)
    passage = cited(replay)
    assert (passage["state"], passage["published_version"], passage["same_text"]) == ("superseded", 2, False)
    assert "six in the evening" in passage["text"]
    assert replay["stale"] is True
    assert replay["same"] is True
    assert passage["score_again"] == pytest.approx(passage["score"], abs=0.1)
    assert {note["code"] for note in replay["notes"]} == {"words_of_now", "withdrawn_estimated"}


def test_a_version_that_says_the_same_is_told_apart(client: APIClient, editor_client: APIClient) -> None:
    bot = ask(client)
    hand_in(editor_client, f"/api/documents/{document('Opening hours').pk}/", f"{HOURS}\n\n# Way\n\nBy bus.")
    passage = cited(replayed(editor_client, bot))
    assert (passage["state"], passage["same_text"]) == ("superseded", True)


def test_a_rollback_makes_it_current_again(client: APIClient, editor_client: APIClient) -> None:
    bot = ask(client)
    page = f"/api/documents/{document('Opening hours').pk}/"
    hand_in(editor_client, page, LONGER)
    assert editor_client.post(f"{page}versions/1/publish/").status_code == 200
    replay = replayed(editor_client, bot)
    assert (cited(replay)["state"], replay["stale"], replay["same"]) == ("current", False, True)


def test_a_deleted_source_is_told_and_its_text_is_gone(client: APIClient, editor_client: APIClient) -> None:
    bot = ask(client)
    editor_client.delete(f"/api/documents/{document('Opening hours').pk}/")
    replay = replayed(editor_client, bot)
    passage = cited(replay)
    assert (passage["state"], passage["text"], passage["place_again"]) == ("deleted", None, None)
    assert "deleted" in {note["code"] for note in replay["notes"]}


def test_a_move_to_another_collection_is_told(client: APIClient, editor_client: APIClient) -> None:
    bot = ask(client)
    editor_client.post("/api/documents/collections/", {"name": "Other", "slug": "other", "visibility": "members"})
    page = f"/api/documents/{document('Opening hours').pk}/"
    assert editor_client.patch(page, {"collection": "other"}).status_code == 200
    replay = replayed(editor_client, bot)
    assert (cited(replay)["state"], cited(replay)["moved"], replay["stale"]) == ("current", True, True)
    assert "moved" in {note["code"] for note in replay["notes"]}


def test_a_refusal_can_be_replayed(client: APIClient, editor_client: APIClient) -> None:
    replay = replayed(editor_client, ask(client, "What is the boiling point of tungsten?"))
    assert (replay["answerable"], replay["again_answerable"], replay["prompt_hash"]) == (False, False, "")
    assert replay["passages"]


def test_settings_that_have_changed_are_told(client: APIClient, editor_client: APIClient, settings: Settings) -> None:
    bot = ask(client)
    settings.RAG = {**settings.RAG, "TOP_K": 5}
    replay = replayed(editor_client, bot)
    assert replay["settings_changed"] == {"top_k": {"then": 3, "now": 5}}
    assert len(replay["again"]) == 3


def test_replays_are_for_editors_and_of_answers(
    client: APIClient, editor_client: APIClient, anonymous: APIClient
) -> None:
    bot = ask(client)
    question = Message.objects.get(sender_type="user")
    failed = Message.objects.create(session_id=bot["session_id"], position=9, sender_type="bot", status="failed")
    assert client.get(f"/api/chat/messages/{bot['id']}/replay/").status_code == 403
    assert anonymous.get(f"/api/chat/messages/{bot['id']}/replay/").status_code == 401
    assert editor_client.get(f"/api/chat/messages/{question.pk}/replay/").status_code == 404
    answer = editor_client.get(f"/api/chat/messages/{failed.pk}/replay/")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_trace")


def test_users_see_nothing_of_it(client: APIClient) -> None:
    bot = ask(client)
    assert client.get(f"/api/chat/messages/{bot['id']}/").json() == bot
    assert bot["metadata"] == {}
    assert "trace" not in bot


def test_no_other_turn_is_shown(client: APIClient, editor_client: APIClient) -> None:
    bot = ask(client, "How many books may I borrow?")
    path = f"/api/chat/sessions/{bot['session_id']}/messages/"
    bot = client.post(path, {"content": CLOSING}).json()["bot_message"]
    assert "seven books" in Message.objects.exclude(pk=bot["id"]).get(sender_type="bot").content
    assert "How many books may I borrow?" not in json.dumps(replayed(editor_client, bot))


def test_the_command_prints_the_same(client: APIClient, editor_client: APIClient) -> None:
    bot = ask(client)
    hand_in(editor_client, f"/api/documents/{document('Opening hours').pk}/", LONGER)
    out = StringIO()
    call_command("replay", bot["id"], json=True, stdout=out)
    assert json.loads(out.getvalue()) == replayed(editor_client, bot)
    out = StringIO()
    call_command("replay", bot["id"], stdout=out)
    assert "superseded by v2, text different, cited" in out.getvalue()
    with pytest.raises(CommandError, match="No answer"):
        call_command("replay", str(document("Loans").pk))


def test_the_admin_site_leads_from_a_message_to_its_replay(client: APIClient, site: Client, editor: User) -> None:
    bot = ask(client)
    User.objects.filter(pk=editor.pk).update(is_superuser=True, role="admin")
    page = f"/admin/chat/message/{bot['id']}/replay/"
    assert page in site.get(f"/admin/chat/session/{bot['session_id']}/change/").content.decode()
    User.objects.filter(pk=editor.pk).update(is_superuser=False, role="editor")
    text = site.get(page).content.decode()
    assert "Considered for the context" in text
    assert "six in the evening" in text


def test_stale_answers_are_listed(client: APIClient, editor_client: APIClient) -> None:
    stale = ask(client)
    ask(client, "How many books may I borrow?")
    hand_in(editor_client, f"/api/documents/{document('Opening hours').pk}/", LONGER)
    out = StringIO()
    call_command("stale_answers", json=True, stdout=out, stderr=StringIO())
    [answer] = json.loads(out.getvalue())
    assert answer["message_id"] == stale["id"]
    [source] = answer["sources"]
    assert (source["state"], source["same_text"], source["published_version"]) == ("superseded", False, 2)
    out = StringIO()
    call_command("stale_answers", since=1, stdout=out, stderr=StringIO())
    assert "Opening hours v1: superseded, text different" in out.getvalue()
    Message.objects.update(timestamp="2020-01-01T00:00:00Z")
    out = StringIO()
    call_command("stale_answers", since=1, stdout=out, stderr=StringIO())
    assert out.getvalue() == ""


def test_many_answers_take_as_many_queries_as_few(user: User, editor_client: APIClient) -> None:
    hours, loans = document("Opening hours"), document("Loans")
    hand_in(editor_client, f"/api/documents/{hours.pk}/", LONGER)
    session = Session.objects.create(user=user)
    messages = Message.objects.bulk_create(
        Message(session=session, position=place, sender_type="bot") for place in range(400)
    )
    Citation.objects.bulk_create(
        Citation(
            message=message,
            marker=1,
            chunk_id="",
            document_id=found.pk,
            version=1,
            char_start=0,
            char_end=1,
            text=HOURS if found == hours else LOANS,
        )
        for message, found in zip(messages, [hours, loans] * 200, strict=True)
    )
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(list(answers_stale())) == 200
    assert len(queries) == 3
