"""A long document in which one page changes is hardly embedded again."""

import random
from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings
from rest_framework.test import APIClient

from documents.models import Chunk
from tests.documents.pdf_files import make_pdf, rows
from tests.knowledge import work
from tests.loopback.mistral import LoopbackMistral

PAGES = 500
_WORDS = "the river carried a wooden boat past seven quiet villages before winter closed every lock".split()


@pytest.fixture
def mistral(settings: Settings) -> Iterator[LoopbackMistral]:
    with LoopbackMistral() as service:
        settings.RAG = {
            **settings.RAG,
            "EMBEDDER": "rag.embedders.mistral.MistralEmbedder",
            "MISTRAL": {**settings.RAG["MISTRAL"], "api_key": service.key, "server_url": service.url},
        }
        yield service


def embedded(service: LoopbackMistral) -> int:
    """How many texts the service was given."""
    return sum(len(request.json["input"]) for request in service.requests if request.path == "/v1/embeddings")


def book(changed: int | None = None) -> bytes:
    """Sentences that run on from page to page; the text of one page may be another."""
    pages = []
    for number in range(PAGES):
        chosen = random.Random(f"{number} anew" if number == changed else f"{number}")
        sentences = [
            f"{' '.join(chosen.choices(_WORDS, k=chosen.randint(8, 11))).capitalize()} {number}-{line}."
            for line in range(22)
        ]
        pages.append(rows(*sentences))
    return make_pdf(pages)


def upload(editor: APIClient, content: bytes) -> None:
    file = SimpleUploadedFile("book.pdf", content)
    answer = editor.post("/api/rag/index/", {"file": file}, format="multipart")
    assert answer.status_code == 202
    work()
    job = editor.get(answer.json()["status_url"]).json()
    assert (job["state"], job["errors"]) == ("done", [])


@pytest.mark.no_cover
def test_one_changed_page_of_500_embeds_less_than_two_percent(
    editor_client: APIClient, mistral: LoopbackMistral
) -> None:
    upload(editor_client, book())
    chunks = Chunk.objects.count()
    assert embedded(mistral) >= chunks > PAGES / 2
    mistral.requests.clear()
    upload(editor_client, book(changed=240))
    assert Chunk.objects.count() >= 2 * chunks - 5
    assert 0 < embedded(mistral) < 0.02 * chunks
