"""Workers are killed in every stage; what is left in the end is, byte for byte, what an undisturbed run leaves."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from documents.models import Chunk, Document, Version
from documents.publishing import document_delete
from documents.services import Submission, documents_submit
from rag.followers import followers
from rag.models import Vector
from tests.killing import STAGES, Kill, Workshop
from tests.loopback.mistral import LoopbackMistral
from tests.loopback.pinecone import LoopbackPinecone
from tests.thorough import times
from users.models import User

pytestmark = pytest.mark.django_db(transaction=True)

KILLS = times(32, everyday=8)
"""For each store: in all, each database sees more than sixty, and so does each store."""
MOST_ROUNDS = 60
DOINGS = {"queued": 8, "loading": 10, "splitting": 4, "embedding": 8, "publishing": 24, "published": 24}
"""Of each stage, among which the moment of a kill is drawn; a stage in which less is done ends without one."""


@pytest.fixture
def online(settings: Settings) -> Iterator[None]:
    """Mistral and Pinecone, by the real SDKs."""
    with LoopbackMistral() as mistral, LoopbackPinecone() as pinecone:
        settings.RAG = {
            **settings.RAG,
            "EMBEDDER": "rag.embedders.mistral.MistralEmbedder",
            "MISTRAL": {**settings.RAG["MISTRAL"], "api_key": mistral.key, "server_url": mistral.url},
            "PINECONE": {
                **settings.RAG["PINECONE"],
                "api_key": pinecone.key,
                "host": pinecone.url,
                "controller_url": pinecone.url,
            },
            "PROVIDER_TIMEOUT": 5,
        }
        call_command("create_index")
        yield


class Story:
    """What happens to a knowledge base in the course of the test. The same seed tells the same story again."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._letters = dict.fromkeys(("one", "two", "three", "four"), "a")

    def next_round(self) -> list[Submission]:
        """Some of the documents change in one of their sections; one of them may be gone and come anew."""
        for name in self._random.sample(sorted(self._letters), 3):
            self._letters[name] = self._random.choice("bcdefgh")
        return [self._submission(name, letter) for name, letter in self._letters.items()]

    def _submission(self, name: str, letter: str) -> Submission:
        sections = [f"## Section {number}\n\nWhat {name} says about {number}." for number in range(5)]
        sections.append(f"## The letter\n\nOf {name} the letter is {letter} in this version.")
        return Submission("\n\n".join([f"# About {name}", *sections]).encode(), f"{name}.md", f"{name}.md")


def tell(seed: int, workshop: Workshop, rounds: int) -> None:
    """Live through the story undisturbed."""
    story = Story(seed)
    for number in range(rounds):
        documents_submit(submissions=story.next_round())
        for order in orders(workshop, number):
            assert not order(None)


def tell_with_kills(seed: int, workshop: Workshop) -> tuple[Counter[str], int]:
    """Live through the story with few orders done at the first try. Returns the kills by stage, and the rounds."""
    story, killed, kills = Story(seed), Counter[str](), moments(seed)
    for number in range(MOST_ROUNDS):
        documents_submit(submissions=story.next_round())
        for order in orders(workshop, number):
            for kill in islice(kills, 4):  # a version that kills its workers five times is given up
                if not order(kill):
                    break
                killed[kill.stage] += 1
            else:
                assert not order(None)
        if killed.total() >= KILLS and set(killed) == set(STAGES):
            break
    return killed, number + 1


def orders(workshop: Workshop, number: int) -> Iterator[Callable[[Kill | None], bool]]:
    """What is done in a round. Each is tried until it is done."""
    yield workshop.work
    if number % 4 == 2:
        yield partial(workshop.publish, "one.md", 1)
    if number % 6 == 5:
        yield partial(workshop.delete, "two.md")
    yield workshop.work


def moments(seed: int) -> Iterator[Kill]:
    chosen = random.Random(seed)
    while True:
        for stage in STAGES:
            yield Kill(stage, chosen.randint(1, DOINGS[stage]), chosen.choice([0, 0, 0.002, 0.01]))


def state() -> dict[str, Any]:
    """All there is, with documents named by their source instead of their id."""
    names = {document.pk.hex: document.source_uri for document in Document.objects.all()}

    def named(chunk_id: str) -> str:
        document, rest = chunk_id.split(":", 1)
        return f"{names.get(document, document)}:{rest}"

    versions = Version.objects.select_related("document").order_by("document__source_uri", "number")
    chunks = Chunk.objects.order_by("id").values_list(
        "id", "position", "start", "end", "text", "heading", "page", "tokens", "embedding_hash"
    )
    return {
        "published": {
            d.source_uri: d.published and d.published.number for d in Document.objects.select_related("published")
        },
        "versions": [
            (str(v.document.source_uri), v.number, v.state, v.drafted, v.title, v.text, v.chunk_count, v.error_code)
            for v in versions
        ],
        "chunks": sorted((named(row[0]), *row[1:-1], bytes(row[-1])) for row in chunks),
        "vectors": sorted((bytes(key), bytes(data)) for key, data in Vector.objects.values_list("text_hash", "data")),
        "indexes": {follower.name.partition("-")[0]: _entries(follower, named) for follower in followers()},
    }


def _entries(follower: Any, named: Any) -> list[tuple[Any, ...]]:
    """Every entry of an index, one that is there twice twice; in it the collection is the same for all."""
    ids = sorted(follower.list_ids())
    assert len(ids) == len(set(ids)) == follower.count()
    entries = [(named(entry.id), *_content(entry)) for entry in follower.stored(ids)]
    assert len(entries) == len(ids)
    return sorted(entries)


def _content(entry: Any) -> tuple[Any, ...]:
    if hasattr(entry, "vector"):
        return entry.vector.astype("<f2").tobytes(), entry.category
    return entry.digest, entry.category


@pytest.mark.usefixtures("online", "editor_client")
@pytest.mark.parametrize("store", ["rag.stores.faiss.FaissStore", "rag.stores.pinecone.PineconeStore"])
def test_kills_in_every_stage_leave_no_trace(store: str, settings: Settings) -> None:
    settings.RAG = {**settings.RAG, "VECTOR_STORE": store}
    seed = {"sqlite": 11, "postgresql": 12}[connection.vendor]
    with Workshop() as workshop:
        killed, rounds = tell_with_kills(seed, workshop)
        disturbed = state()
        for document in Document.objects.all():
            document_delete(document=document)
        Vector.objects.all().delete()
        call_command("rebuild_index")
        tell(seed, workshop, rounds)
    assert killed.total() >= KILLS
    assert set(killed) == set(STAGES)
    expected = state()
    for part, value in expected.items():
        assert disturbed[part] == value, part
    assert disturbed["indexes"].keys() == {"lexical", "vectors"}
    assert len(disturbed["indexes"]["vectors"]) == len(disturbed["indexes"]["lexical"]) > 0
    assert User.objects.count() == 1
