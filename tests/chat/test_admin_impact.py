"""The admin site shows what publishing would change, and leads from a conversation to what was quoted."""

from django.test import Client
from rest_framework.test import APIClient

from chat.models import Session
from documents.models import Chunk, Document
from tests.conftest import PASSWORD
from tests.knowledge import HOURS, LONGER, hand_in, submit
from users.models import Role
from users.services import account_create

CLOSING = "Until when is the library open?"


def versions(editor_client: APIClient) -> str:
    """The address of a published document's versions."""
    made = submit(editor_client, "Opening hours", HOURS)["documents"][0]
    return f"documents/{made['id']}/"


def page(document: str, number: int) -> str:
    return f"/admin/documents/document/{document.split('/')[1]}/versions/{number}/impact/"


def test_before_and_after_stand_side_by_side(site: Client, editor_client: APIClient, client: APIClient) -> None:
    document = versions(editor_client)
    client.post("/api/chat/messages/", {"content": CLOSING})
    hand_in(editor_client, f"/api/{document}", LONGER, publish=False)
    text = site.get(page(document, 2)).content.decode()
    assert "1 of 1 question would be answered from other passages" in text
    assert CLOSING in text
    assert text.index("six in the evening") < text.index("eight in the evening")


def test_a_version_that_is_not_indexed_is_said_so_on_a_page(site: Client, editor_client: APIClient) -> None:
    document = versions(editor_client)
    editor_client.post(f"/api/{document}versions/", {"content": LONGER})
    answer = site.get(page(document, 2))
    assert answer.status_code == 409
    assert "not_indexed" in answer.content.decode()


def test_an_admin_goes_from_a_conversation_to_the_chunk_that_was_quoted(
    editor_client: APIClient, client: APIClient
) -> None:
    versions(editor_client)
    client.post("/api/chat/messages/", {"content": CLOSING})
    admin = account_create(username="root", email="root@example.org", password=PASSWORD, role=Role.ADMIN)
    site = Client()
    site.force_login(admin)
    text = site.get(f"/admin/chat/session/{Session.objects.get().pk}/change/").content.decode()
    assert f"/admin/documents/chunk/{Chunk.objects.get().pk}/" in text
    assert Document.objects.get().title in text
