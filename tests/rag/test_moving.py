"""`manage.py reembed` and `move_store`: another embedder or store is put into use while questions go on."""

import contextvars
import re
from collections.abc import Iterator
from copy import deepcopy
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings
from rest_framework.test import APIClient

from documents.feed import revision_lock
from documents.models import Chunk, Document, Revision
from rag.boundaries import Choice, chosen, vector_store
from rag.errors import ProviderRejected
from rag.followers import vector_follower
from rag.indexing import index_pending
from rag.models import Active, Build, Cursor, Space, Vector
from rag.moving import choice_switch
from tests.faults import knowledge
from tests.knowledge import submit
from tests.loopback.mistral import LoopbackMistral
from tests.loopback.pinecone import LoopbackPinecone
from utils.errors import Conflict

LOCAL = "rag.embedders.local.LocalEmbedder"
MISTRAL = "rag.embedders.mistral.MistralEmbedder"
FAISS = "rag.stores.faiss.FaissStore"
PINECONE = "rag.stores.pinecone.PineconeStore"


@pytest.fixture
def mistral(settings: Settings) -> Iterator[LoopbackMistral]:
    """Another embedder is to be had, and not in use."""
    with LoopbackMistral() as server:
        config = {**settings.RAG["MISTRAL"], "api_key": server.key, "server_url": server.url}
        settings.RAG = {**settings.RAG, "MISTRAL": config, "PROVIDER_TIMEOUT": 1}
        yield server


@pytest.fixture
def pinecone(settings: Settings) -> Iterator[LoopbackPinecone]:
    """Another store is to be had, and not in use."""
    with LoopbackPinecone() as server:
        server.add_index("grounded", 384)
        rag = deepcopy(django_settings.RAG) | {"PROVIDER_TIMEOUT": 2}
        rag["PINECONE"] |= {"api_key": server.key, "index": "grounded", "controller_url": server.url}
        settings.RAG = rag
        yield server


def run(command: str, *options: str) -> str:
    output = StringIO()
    call_command(command, *options, "--yes", "--settle", "0", stdout=output)
    return output.getvalue()


def search(client: APIClient, question: str = "How many books may I borrow?", mode: str = "dense") -> list[str]:
    answer = client.get("/api/rag/search/", {"q": question, "mode": mode}).json()
    assert answer["mode"] == mode
    return [result["chunk_id"] for result in answer["results"]]


def vectors_in(space: str) -> int:
    return Vector.objects.filter(space__name=space).count()


def used_space(client: APIClient) -> str:
    embedder: str = client.get("/api/rag/status/").json()["embedder"]
    return embedder


def test_another_embedder_is_put_into_use_and_back(
    editor_client: APIClient, library: None, mistral: LoopbackMistral
) -> None:
    before = search(editor_client)
    assert "mistral" in run("reembed", "--to", MISTRAL)
    assert used_space(editor_client) == "mistral-embed"
    assert set(search(editor_client)) == set(before)
    assert vectors_in("mistral-embed") == Chunk.objects.count()
    run("reembed", "--back")
    assert used_space(editor_client) == "all-minilm-l6-v2-int8"
    assert search(editor_client) == before


def test_each_use_sees_a_switch_without_a_restart_and_a_search_asks_once_what_is_in_use(
    editor_client: APIClient, library: None, mistral: LoopbackMistral
) -> None:
    run("reembed", "--to", MISTRAL)
    Active.objects.update(embedder=LOCAL)
    assert used_space(editor_client) == "all-minilm-l6-v2-int8"
    with CaptureQueriesContext(connection) as queries:
        search(editor_client, mode="hybrid")
    assert sum("rag_active" in query["sql"] for query in queries) == 1


def test_what_is_indexed_after_the_switch_is_found_and_back_fills_the_gap_first(
    editor_client: APIClient, library: None, mistral: LoopbackMistral
) -> None:
    run("reembed", "--to", MISTRAL)
    local = vectors_in("all-minilm-l6-v2-int8")
    submit(editor_client, "Cellar", "# Cellar\n\nWine is kept in the cellar at twelve degrees.")
    assert vectors_in("all-minilm-l6-v2-int8") == local
    [new] = Chunk.objects.filter(version__title="Cellar").values_list("pk", flat=True)
    assert search(editor_client, "Where is wine kept?")[0] == new
    run("reembed", "--back")
    assert vectors_in("all-minilm-l6-v2-int8") == local + 1
    assert search(editor_client, "Where is wine kept?")[0] == new
    call_command("check_index", stdout=StringIO())


def test_an_estimate_says_what_it_will_take_and_switches_nothing(
    editor_client: APIClient, library: None, mistral: LoopbackMistral
) -> None:
    said = run("reembed", "--to", MISTRAL, "--estimate")
    assert f"{Chunk.objects.count()} passages" in said
    assert re.search(r"at most \d+ tokens.*\d+ calls, about \d+ s .*US dollars", said, re.DOTALL)
    assert chosen() == Choice(LOCAL, FAISS)
    assert "0 texts" in run("reembed", "--to", MISTRAL, "--estimate")  # the sample was all there is, and was kept


def test_without_agreement_nothing_is_done(library: None, mistral: LoopbackMistral) -> None:
    with pytest.raises(CommandError, match="--yes"):
        call_command("reembed", "--to", MISTRAL, stdout=StringIO())
    assert chosen() == Choice(LOCAL, FAISS)


def test_a_failing_provider_leaves_the_old_one_in_use_and_what_was_embedded_is_kept(
    editor_client: APIClient, mistral: LoopbackMistral, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.indexing._COMPLETED", 10)
    monkeypatch.setattr("rag.estimating._SAMPLE", 1)
    knowledge(40)
    run("reembed", "--to", MISTRAL, "--estimate")
    mistral.requests.clear()
    answers = 2
    answer = mistral.answer

    def fail_later(*arguments: Any) -> Any:
        nonlocal answers
        answers -= 1
        return answer(*arguments) if answers >= 0 else mistral.error_reply(401, "gone")

    with monkeypatch.context() as patched:
        patched.setattr(mistral, "answer", fail_later)
        with pytest.raises(ProviderRejected, match="Mistral"):
            choice_switch(to=Choice(MISTRAL, FAISS), progress=lambda *_: None, settle=0)
    assert chosen() == Choice(LOCAL, FAISS)
    kept = vectors_in("mistral-embed")
    assert 10 < kept < 40
    mistral.requests.clear()
    run("reembed", "--to", MISTRAL)
    sent = [text for request in mistral.requests for text in request.json["input"]]
    assert len(sent) <= 40 - kept + 1  # and one to warm up, for the estimate
    assert vectors_in("mistral-embed") == 40


class Killed(BaseException):
    pass


@pytest.mark.parametrize("to", [Choice(LOCAL, PINECONE), Choice(MISTRAL, FAISS)], ids=["store", "embedder"])
def test_a_change_that_was_killed_while_the_index_was_built_goes_on_there(
    pinecone: LoopbackPinecone, mistral: LoopbackMistral, monkeypatch: pytest.MonkeyPatch, to: Choice
) -> None:
    monkeypatch.setattr("rag.moving._BATCH", 10)
    knowledge(35)
    put = []

    def progress(what: str, done: int, total: int) -> None:
        if what == "Building the index":
            put.append(done)
            if done == 20:
                raise Killed

    with pytest.raises(Killed):
        choice_switch(to=to, progress=progress, settle=0)
    assert Build.objects.count() == 1
    choice_switch(to=to, progress=progress, settle=0)
    assert put == [10, 20, 10, 15]
    assert chosen() == to
    assert Build.objects.count() == 0
    store = vector_store()
    assert store
    assert sorted(store.list_ids()) == sorted(Chunk.objects.values_list("pk", flat=True))


@pytest.mark.parametrize("moment", ["Embedding", "Building the index", "Comparing"])
def test_what_is_published_and_deleted_meanwhile_is_there_after_the_switch(
    editor_client: APIClient, library: None, mistral: LoopbackMistral, moment: str
) -> None:
    done: list[str] = []
    gone = Document.objects.get(title="Opening hours").pk

    def progress(what: str, *_: int) -> None:
        if what == moment and not done:
            done.append(what)
            contextvars.Context().run(meanwhile)  # somebody else, who knows nothing of the change

    def meanwhile() -> None:
        submit(editor_client, "Cellar", "# Cellar\n\nWine is kept in the cellar at twelve degrees.")
        editor_client.delete(f"/api/documents/{gone}/")
        assert used_space(editor_client) == "all-minilm-l6-v2-int8"
        [new] = Chunk.objects.filter(version__title="Cellar").values_list("pk", flat=True)
        assert search(editor_client, "Where is wine kept?")[0] == new

    choice_switch(to=Choice(MISTRAL, FAISS), progress=progress, settle=0)
    assert done
    follower = vector_follower()
    assert follower
    assert follower.name == "vectors-mistral-embed"
    assert sorted(follower.list_ids()) == sorted(Chunk.objects.values_list("pk", flat=True))
    assert not Chunk.objects.filter(version__document=gone).exists()
    call_command("check_index", stdout=StringIO())


def test_a_worker_in_the_middle_of_a_batch_embeds_again_for_the_new_space(
    editor_client: APIClient, library: None, mistral: LoopbackMistral, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between its embedding and its publishing the switch happens."""
    editor_client.post("/api/rag/index/", {"title": "Cellar", "content": "# Cellar\n\nWine is kept in the cellar."})
    switched: list[bool] = []

    def switch_first() -> Revision:
        if not switched:
            switched.append(True)
            Active.objects.create(embedder=MISTRAL, store=FAISS)
        return revision_lock()

    monkeypatch.setattr("documents.publishing.revision_lock", switch_first)
    index_pending(worker="host:1:a")
    [new] = Chunk.objects.filter(version__title="Cellar")
    assert Vector.objects.filter(space__name="mistral-embed", text_hash=new.embedding_hash).exists()


def test_pruning_removes_what_was_in_use_before(
    editor_client: APIClient, library: None, mistral: LoopbackMistral, settings: Settings
) -> None:
    run("reembed", "--to", MISTRAL)
    run("reembed", "--prune")
    assert [space.name for space in Space.objects.all()] == ["mistral-embed"]
    assert not (Path(settings.RAG["INDEX_DIR"]) / "all-minilm-l6-v2-int8").exists()
    assert search(editor_client)
    with pytest.raises(CommandError, match="no way back"):
        run("reembed", "--back")
    run("reembed", "--to", LOCAL)
    assert search(editor_client)


def test_the_store_is_moved_and_back_without_embedding_again(
    editor_client: APIClient, library: None, pinecone: LoopbackPinecone, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, vectors = search(editor_client), Vector.objects.count()
    run("move_store", "--to", PINECONE)
    assert editor_client.get("/api/rag/status/").json()["store"] == "PineconeStore"
    assert search(editor_client) == before
    submit(editor_client, "Cellar", "# Cellar\n\nWine is kept in the cellar at twelve degrees.")
    [new] = Chunk.objects.filter(version__title="Cellar").values_list("pk", flat=True)
    assert search(editor_client, "Where is wine kept?")[0] == new
    run("move_store", "--back")
    assert editor_client.get("/api/rag/status/").json()["store"] == "FaissStore"
    assert search(editor_client, "Where is wine kept?")[0] == new
    assert Vector.objects.count() == vectors + 1
    run("move_store", "--prune")
    assert [namespace["record_count"] for namespace in _namespaces(pinecone)] in ([], ["0"])


def _namespaces(server: LoopbackPinecone) -> list[dict[str, Any]]:
    [index] = server._indexes.values()
    found: list[dict[str, Any]] = index.namespaces()["namespaces"]
    return found


def test_two_installations_on_one_pinecone_index_are_apart(
    editor_client: APIClient, library: None, pinecone: LoopbackPinecone, settings: Settings
) -> None:
    run("move_store", "--to", PINECONE)
    first = vector_store()
    assert first
    held = sorted(first.list_ids())
    output = StringIO()
    call_command("new_lineage", stdout=output)  # as in a copy of the database that is used beside the original
    call_command("run_worker", once=True)
    second = vector_store()
    assert second
    assert second.space != first.space
    assert sorted(second.list_ids()) == sorted(first.list_ids()) == held
    Document.objects.get(title="Loans").delete()
    call_command("rebuild_index", stdout=output)
    assert len(list(second.list_ids())) == 1
    assert sorted(first.list_ids()) == held
    assert len(_namespaces(pinecone)) == 2


@pytest.mark.parametrize("remedy", ["rebuild_index", "new_lineage"])
def test_a_copy_of_the_database_does_not_write_to_the_namespace_of_the_original(
    editor_client: APIClient, library: None, pinecone: LoopbackPinecone, remedy: str
) -> None:
    run("move_store", "--to", PINECONE)
    first = vector_store()
    assert first
    held = sorted(first.list_ids())
    Cursor.objects.update(home="where the original lives")
    first.delete(held[:1])
    with pytest.raises(CommandError, match="is a copy"):
        submit(editor_client, "Cellar", "# Cellar\n\nWine is kept in the cellar.")
    with pytest.raises(SystemExit):
        call_command("check_index", "--repair", stdout=StringIO())
    assert sorted(first.list_ids()) == held[1:]
    assert search(editor_client, "Where is wine kept?", mode="lexical")
    call_command(remedy, stdout=StringIO())
    call_command("run_worker", once=True)
    call_command("check_index", stdout=StringIO())
    assert (sorted(first.list_ids()) == held[1:]) == (remedy == "new_lineage")
    [new] = Chunk.objects.filter(version__title="Cellar").values_list("pk", flat=True)
    assert search(editor_client, "Where is wine kept?")[0] == new


def test_vectors_of_a_length_that_the_store_does_not_take_are_refused_before_they_are_paid_for(
    library: None, mistral: LoopbackMistral, pinecone: LoopbackPinecone, settings: Settings
) -> None:
    run("move_store", "--to", PINECONE)
    settings.RAG = {**settings.RAG, "MISTRAL": {**settings.RAG["MISTRAL"], "api_key": mistral.key}}
    settings.RAG["MISTRAL"]["server_url"] = mistral.url
    with pytest.raises(CommandError, match="length 1024"):
        run("reembed", "--to", MISTRAL)
    assert chosen() == Choice(LOCAL, PINECONE)


@pytest.mark.parametrize(
    ("command", "options", "message"),
    [
        ("reembed", ["--to", "rag.nowhere.Embedder"], "cannot be imported"),
        ("reembed", ["--to", FAISS], "is not a kind of"),
        ("reembed", ["--to", LOCAL], "in use already"),
        ("reembed", ["--back"], "no way back"),
        ("reembed", ["--prune"], "nothing to remove"),
        ("move_store", ["--to", MISTRAL], "is not a kind of"),
        ("move_store", ["--to", FAISS], "in use already"),
        ("move_store", ["--back"], "no way back"),
    ],
    ids=["unknown", "no-embedder", "same", "back", "prune", "no-store", "same-store", "store-back"],
)
def test_what_cannot_be_done_is_said(library: None, command: str, options: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run(command, *options)
    assert chosen() == Choice(LOCAL, FAISS)


def test_what_is_in_use_can_be_pinned_and_the_check_says_where_settings_differ(
    editor_client: APIClient, library: None, mistral: LoopbackMistral, settings: Settings, capsys: Any
) -> None:
    run("reembed", "--pin")
    settings.RAG = {**settings.RAG, "EMBEDDER": MISTRAL}
    assert used_space(editor_client) == "all-minilm-l6-v2-int8"
    call_command("check")
    assert "reembed --clear" in capsys.readouterr().err
    with pytest.raises(CommandError, match="settings name another"):
        run("reembed", "--clear")
    run("reembed", "--to", MISTRAL)
    call_command("check")
    assert "reembed" not in capsys.readouterr().err
    run("reembed", "--clear")
    assert Active.objects.count() == 0
    assert used_space(editor_client) == "mistral-embed"


def test_two_changes_at_once_are_refused(library: None, mistral: LoopbackMistral) -> None:
    refused = []

    def progress(what: str, *_: int) -> None:
        if what == "Comparing":
            with pytest.raises(Conflict, match="Another change"):
                choice_switch(to=Choice(MISTRAL, FAISS), progress=progress, settle=0)
            refused.append(True)

    choice_switch(to=Choice(MISTRAL, FAISS), progress=progress, settle=0)
    assert refused
    assert chosen() == Choice(MISTRAL, FAISS)
