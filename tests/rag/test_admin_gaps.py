"""Knowledge gaps on the admin site."""

from django.test import Client
from rest_framework.test import APIClient

from rag.models import KnowledgeGap

LIST = "/admin/rag/knowledgegap/"


def test_an_editor_reads_the_gaps_and_deletes_what_has_been_written(site: Client, client: APIClient) -> None:
    client.post("/api/chat/messages/", {"content": "Where can I park?"})
    gap = KnowledgeGap.objects.get()
    assert b"Where can I park?" in site.get(LIST).content
    assert b"Where can I park?" in site.get(f"{LIST}{gap.pk}/change/").content
    assert site.get(f"{LIST}add/").status_code == 403
    assert site.post(f"{LIST}{gap.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not KnowledgeGap.objects.exists()


def test_others_do_not(client: APIClient) -> None:
    assert Client().get(LIST).status_code == 302
