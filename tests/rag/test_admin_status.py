"""The state of the knowledge base on the admin site's start page and the page of its own."""

import pytest
from django.test import Client
from pytest_django import Settings

from documents.models import Document, Version


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("page", ["/admin/", "/admin/status/"])
def test_counts_states_and_indexes(site: Client, page: str) -> None:
    answer = site.get(page)
    assert answer.context["knowledge"]["documents"] == 2
    text = answer.content.decode()
    assert "Up to date" in text
    assert "FaissStore" in text


@pytest.mark.usefixtures("library")
def test_what_went_wrong_is_listed_with_its_document(site: Client) -> None:
    document = Document.objects.get(title="Loans")
    Version.objects.create(
        document=document, number=2, file="x", file_name="x.pdf", size=1, state="failed", error_code="no_text"
    )
    text = site.get("/admin/status/").content.decode()
    assert "no_text" in text
    assert f"/admin/documents/document/{document.pk}/change/#version-2" in text


def test_an_empty_knowledge_base_without_an_embedder(site: Client, settings: Settings) -> None:
    settings.RAG = {**settings.RAG, "EMBEDDER": None}
    assert "search goes by words alone" in site.get("/admin/status/").content.decode()
