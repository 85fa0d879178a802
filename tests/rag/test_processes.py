"""Several processes at once: each sees what another has published or deleted at its next question."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection
from rest_framework.test import APIClient

from rag.models import Active
from tests.knowledge import HOURS, LOANS, submit

pytestmark = pytest.mark.django_db(transaction=True)

_ASKER = """
import json, pathlib, sys
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.RAG["INDEX_DIR"] = pathlib.Path(sys.argv[2])
django.setup()
from documents.models import Collection
from rag.boundaries import embedder
from rag.retrieval import Scope, search
for line in sys.stdin:
    if line == "which embedder?\\n":
        print(json.dumps([embedder().name]), flush=True)
        continue
    scope = Scope(frozenset(Collection.objects.values_list("pk", flat=True)))
    hits = search(query=line.strip(), scope=scope, top_k=10).hits
    print(json.dumps([hit.chunk.text for hit in hits]), flush=True)
"""


class Asker:
    """Another process of the product, on the same database and indexes."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _ASKER, str(connection.settings_dict["NAME"]), str(settings.RAG["INDEX_DIR"])],
            cwd=settings.BASE_DIR,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, question: str) -> list[str]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{question}\n")
        self.process.stdin.flush()
        texts: list[str] = json.loads(self.process.stdout.readline())
        return texts

    def close(self) -> None:
        self.process.communicate()


@pytest.fixture
def asker() -> Iterator[Asker]:
    other = Asker()
    yield other
    other.close()


def test_another_process_finds_what_was_published_and_not_what_was_deleted(
    editor_client: APIClient, asker: Asker
) -> None:
    question = "How many books may a reader borrow?"
    loans = submit(editor_client, "Loans", LOANS)["documents"][0]["id"]
    assert "seven books" in asker.ask(question)[0]
    submit(editor_client, "Loans", LOANS.replace("seven books", "nine books"))
    texts = asker.ask(question)
    assert "nine books" in texts[0]
    assert not any("seven books" in text for text in texts)
    submit(editor_client, "Hours", HOURS)
    assert any("nine in the morning" in text for text in asker.ask("When is the library open?"))
    editor_client.delete(f"/api/documents/{loans}/")
    assert not any("books at a time" in text for text in asker.ask(question))


def test_another_process_sees_at_its_next_use_that_the_embedder_was_switched(asker: Asker) -> None:
    assert asker.ask("which embedder?") == ["all-minilm-l6-v2-int8"]
    Active.objects.create(embedder="rag.embedders.mistral.MistralEmbedder", store="rag.stores.faiss.FaissStore")
    assert asker.ask("which embedder?") == ["mistral-embed"]
    Active.objects.update(embedder="rag.embedders.local.LocalEmbedder")
    assert asker.ask("which embedder?") == ["all-minilm-l6-v2-int8"]
