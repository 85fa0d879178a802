"""`manage.py check_index`: what differs between the database and an index is found, and mended from the database."""

import json
import math
from collections.abc import Iterator
from copy import deepcopy
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from pytest_django import Settings
from rest_framework.test import APIClient

from documents.models import Chunk, Document, Version
from documents.publishing import document_delete
from rag.boundaries import lexical_index, vector_store
from rag.followers import follow_all
from rag.models import IndexCheck, Vector
from rag.retrieval import Scope, search
from tests.faults import index_named, knowledge, seed
from tests.knowledge import HOURS, LOANS, submit
from tests.loopback.pinecone import LoopbackPinecone

QUESTIONS = (
    "When does the library number 10 close?",
    "What fee does the kitchen number 2 charge?",
    "Which orchard admits groups?",
    "How long does the observatory keep records?",
    "railway in district 5",
)


def check(*options: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit code, and what was found in each part."""
    output = StringIO()
    code = 0
    try:
        call_command("check_index", "--json", "--settle", "0", *options, stdout=output)
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, {part["index"]: part for part in json.loads(output.getvalue())["parts"]}


def found(parts: dict[str, dict[str, Any]]) -> dict[str, dict[str, int]]:
    return {name: part["counts"] for name, part in parts.items() if part["counts"]}


def is_clean() -> bool:
    code, parts = check()
    return code == 0 and found(parts) == {}


def answers(scope: Scope) -> list[list[str]]:
    return [[hit.chunk.pk for hit in search(query=question, scope=scope, top_k=5).hits] for question in QUESTIONS]


@pytest.fixture
def pinecone(settings: Settings) -> Iterator[LoopbackPinecone]:
    with LoopbackPinecone() as server:
        server.add_index("grounded", 384)
        settings.RAG = deepcopy(django_settings.RAG) | {
            "VECTOR_STORE": "rag.stores.pinecone.PineconeStore",
            "PROVIDER_TIMEOUT": 2,
        }
        settings.RAG["PINECONE"] |= {"api_key": server.key, "index": "grounded", "controller_url": server.url}
        settings.RAG = {**settings.RAG}
        yield server


def seeded_faults_are_found_and_mended(index: str, count: int, *, kinds: int) -> None:
    follower = index_named(index)
    scope = Scope(frozenset([knowledge(count * kinds + 20).pk]))
    assert is_clean()
    before = answers(scope)
    seeded = seed(follower, count)
    expected = {follower.name: dict.fromkeys(seeded, count)}
    code, parts = check()
    assert (code, found(parts)) == (1, expected)
    reported = {(fault["kind"], fault["subject"]) for fault in parts[follower.name]["report"]}
    assert reported <= {(kind, key) for kind, keys in seeded.items() for key in keys}
    code, parts = check("--repair")
    assert (code, found(parts)) == (0, expected)
    assert parts[follower.name]["repaired"] == count * len(seeded)
    assert is_clean()
    assert sorted(follower.list_ids()) == sorted(Chunk.objects.values_list("id", flat=True))
    assert answers(scope) == before


@pytest.mark.parametrize("index", ["lexical", "vectors"])
@pytest.mark.no_cover
def test_faults_of_every_kind_are_found_and_mended(index: str) -> None:
    seeded_faults_are_found_and_mended(index, 40, kinds=4)


@pytest.mark.no_cover
def test_faults_at_pinecone_are_found_and_mended(pinecone: LoopbackPinecone) -> None:
    seeded_faults_are_found_and_mended("vectors", 40, kinds=3)


def test_a_sound_knowledge_base_has_no_faults(library: None) -> None:
    code, parts = check()
    assert (code, found(parts)) == (0, {})
    assert {name: part["checked"] for name, part in parts.items()} == {
        "files": 2,
        "passages": Chunk.objects.count(),
        "vectors": Vector.objects.count(),
        "lexical": Chunk.objects.count(),
        index_named("vectors").name: Chunk.objects.count(),
    }


def test_the_status_shows_the_last_check(editor_client: APIClient, library: None) -> None:
    assert editor_client.get("/api/rag/status/").json()["last_check"] is None
    lexical_index().delete([Chunk.objects.values_list("pk", flat=True)[0]])
    check()
    last = editor_client.get("/api/rag/status/").json()["last_check"]
    assert (last["faults"], last["left"], len(last["parts"])) == (1, 1, 5)
    check("--repair")
    last = editor_client.get("/api/rag/status/").json()["last_check"]
    assert (last["faults"], last["left"]) == (1, 0)
    assert [part["counts"] for part in last["parts"] if part["index"] == "lexical"] == [{"missing": 1}]


def test_the_command_prints_what_it_found_for_people(library: None) -> None:
    output = StringIO()
    call_command("check_index", stdout=output)
    assert "All is well." in output.getvalue()
    lost = Chunk.objects.values_list("pk", flat=True)[0]
    lexical_index().delete([lost])
    with pytest.raises(SystemExit):
        call_command("check_index", stdout=output)
    assert f"left: lexical: missing {lost}" in output.getvalue()


def flip(path: Path, offset: int) -> None:
    data = bytearray(path.read_bytes())
    data[offset] ^= 0x20
    path.write_bytes(data)


@pytest.mark.parametrize("suffix", ["faiss", "ids", "labels"])
def test_a_damaged_segment_is_dropped_and_filled_again(
    editor_client: APIClient, settings: Settings, suffix: str
) -> None:
    submit(editor_client, "Loans", LOANS)
    submit(editor_client, "Hours", HOURS)
    before = editor_client.get("/api/rag/search/", {"q": "How many books?"}).json()["results"]
    damaged, *_ = sorted((Path(settings.RAG["INDEX_DIR"])).glob(f"*/vectors/*.{suffix}"))
    flip(damaged, -5)
    name = index_named("vectors").name
    code, parts = check()
    assert (code, found(parts)) == (1, {name: {"corrupt": 1}})
    assert damaged.name in parts[name]["report"][0]["detail"]
    code, parts = check("--repair")
    assert (code, parts[name]["counts"]["corrupt"]) == (0, 1)
    assert is_clean()
    assert editor_client.get("/api/rag/search/", {"q": "How many books?"}).json()["results"] == before


def test_a_manifest_that_cannot_be_read_is_made_anew(library: None, settings: Settings) -> None:
    [manifest] = Path(settings.RAG["INDEX_DIR"]).glob("*/vectors/manifest.json")
    manifest.write_text("{")
    assert check("--repair")[0] == 0
    assert index_named("vectors").count() == Chunk.objects.count()


@pytest.mark.parametrize("suffix", ["store", "idx", "term"])
def test_a_damaged_file_of_the_lexical_index_is_made_anew(library: None, settings: Settings, suffix: str) -> None:
    damaged, *_ = sorted((Path(settings.RAG["INDEX_DIR"])).glob(f"lexical-*/index/*.{suffix}"))
    flip(damaged, 3)
    code, parts = check()
    assert (code, found(parts)) == (1, {"lexical": {"corrupt": 1}})
    assert check("--repair")[0] == 0
    assert is_clean()


def test_a_damaged_vector_is_embedded_again_and_the_index_keeps_the_good_one(library: None) -> None:
    row = Vector.objects.all()[0]
    good = bytes(row.data)
    row.data = bytes([good[0] ^ 0xFF, good[1] ^ 0x41]) + good[2:]
    row.save()
    code, parts = check()
    assert code == 1
    assert parts["vectors"]["counts"] == {"corrupt": 1}
    assert check("--repair")[0] == 0
    assert bytes(Vector.objects.get(text_hash=row.text_hash).data) == good
    assert is_clean()


def test_a_vector_that_is_missing_is_made_and_put_into_the_index(library: None) -> None:
    store = vector_store()
    assert store
    Vector.objects.all()[0].delete()
    store.clear()
    code, parts = check("--repair")
    assert (code, parts["vectors"]["counts"]) == (0, {"missing": 1})
    assert (check()[0], store.count()) == (0, Chunk.objects.count())


def test_a_damaged_passage_is_taken_from_the_text_again(library: None) -> None:
    chunk = Chunk.objects.all()[0]
    Chunk.objects.filter(pk=chunk.pk).update(text="Nonsense")
    code, parts = check()
    assert (code, parts["passages"]["counts"]) == (1, {"corrupt": 1})
    assert check("--repair")[0] == 0
    assert Chunk.objects.get(pk=chunk.pk).text == chunk.text
    assert is_clean()


def rows() -> list[tuple[Any, ...]]:
    return list(Chunk.objects.order_by("pk").values_list("pk", "start", "end", "text", "heading", "tokens"))


@pytest.mark.parametrize("damage", ["text", "hash", "offsets", "lost"])
def test_damaged_passages_are_cut_from_the_original_file_again(library: None, damage: str) -> None:
    before, texts = rows(), list(Version.objects.order_by("pk").values_list("text", flat=True))
    chunk = Chunk.objects.order_by("pk").last()
    assert chunk
    if damage == "text":
        Version.objects.filter(pk=chunk.version_id).update(text="Nonsense")
    elif damage == "hash":
        Chunk.objects.filter(pk=chunk.pk).update(embedding_hash=b"0" * 32)
    elif damage == "offsets":
        Chunk.objects.filter(pk=chunk.pk).update(start=chunk.start + 1)
    else:
        Chunk.objects.filter(pk=chunk.pk).delete()
    assert check()[0] == 1
    assert check("--repair")[0] == 0
    assert rows() == before
    assert list(Version.objects.order_by("pk").values_list("text", flat=True)) == texts
    assert is_clean()


@pytest.mark.parametrize("damage", ["changed", "lost"])
def test_a_damaged_original_is_reported_and_cannot_be_mended(library: None, damage: str) -> None:
    version = Version.objects.all()[0]
    path = Path(version.file.path)
    if damage == "lost":
        path.unlink()
    else:
        flip(path, 0)
    for options in ((), ("--repair",)):
        code, parts = check(*options)
        assert (code, found(parts)) == (1, {"files": {"corrupt": 1}})
        assert version.file_name in parts["files"]["report"][0]["detail"]
    Chunk.objects.filter(version=version).delete()
    code, parts = check("--repair")
    assert (code, parts["passages"]["repaired"]) == (1, 0)


def test_what_an_index_has_yet_to_take_in_is_no_fault(editor_client: APIClient, library: None) -> None:
    document_delete(document=Document.objects.all()[0])
    assert is_clean()
    assert index_named("lexical").count() == Chunk.objects.count()


def test_what_pinecone_does_not_show_yet_is_told_apart_by_waiting(
    editor_client: APIClient, pinecone: LoopbackPinecone
) -> None:
    submit(editor_client, "Loans", LOANS)
    pinecone.lag = math.inf
    submit(editor_client, "Hours", HOURS)
    code, parts = check()
    assert (code, found(parts)) == (1, {index_named("vectors").name: {"missing": 1}})
    pinecone.settle()
    assert is_clean()


def test_a_store_that_cannot_be_reached_is_reported_and_the_rest_is_checked(
    editor_client: APIClient, pinecone: LoopbackPinecone
) -> None:
    submit(editor_client, "Loans", LOANS)
    lexical_index().clear()
    pinecone.fail_next("error", times=1000)
    code, parts = check("--repair")
    assert code == 1
    assert found(parts) == {
        "lexical": {"missing": Chunk.objects.count()},
        index_named("vectors").name: {"unreachable": 1},
    }
    assert parts["lexical"]["left"] == 0


def test_old_checks_and_their_reports_are_kept_in_bounds(library: None) -> None:
    for chunk in Chunk.objects.all():
        lexical_index().delete([chunk.pk])
    check()
    follow_all()
    row = IndexCheck.objects.get(index="lexical")
    assert row.ended
    assert (row.faults, row.left) == (Chunk.objects.count(), Chunk.objects.count())
