"""No value that is masked is ever in a request to a provider, and the answers hold it all the same."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from documents.models import Chunk, Collection, Masking
from tests.knowledge import HOURS, submit, work
from tests.loopback.mistral import LoopbackMistral
from tests.loopback.wire import FailureKind

STAFF = (
    "# Staff\n\nThe head of the library is Ada Berg, ada.berg@library.example.org, telephone +49 30 901820.\n\n"
    "## Donations\n\nDonations go to the account DE89 3704 0044 0532 0130 00 of the library."
)
VALUES = ("ada.berg@library.example.org", "+49 30 901820", "DE89 3704 0044 0532 0130 00")
MINE = "eve.stone@mail.example.com"


@pytest.fixture
def mistral(settings: Settings) -> Iterator[LoopbackMistral]:
    with LoopbackMistral() as server:
        settings.RAG = {
            **settings.RAG,
            "EMBEDDER": "rag.embedders.mistral.MistralEmbedder",
            "GENERATORS": ["rag.generators.mistral.MistralGenerator", *settings.RAG["GENERATORS"]],
            "MISTRAL": {**settings.RAG["MISTRAL"], "api_key": server.key, "server_url": server.url},
            "PROVIDER_TIMEOUT": 3,
            "THRESHOLD": 0.2,
        }
        yield server


@pytest.fixture
def staff(editor_client: APIClient, mistral: LoopbackMistral) -> str:
    """A collection that masks everything, with one document; its address."""
    fields = {"name": "Staff", "slug": "staff", "masking": "all", "visibility": "members"}
    assert editor_client.post("/api/documents/collections/", fields).status_code == 201
    document = submit(editor_client, "Staff", STAFF, collection="staff")["documents"][0]["id"]
    return f"/api/documents/{document}/"


def sent(mistral: LoopbackMistral) -> str:
    """All that was ever sent, as text."""
    return "\n".join(str(request.json) for request in mistral.requests if request.method == "POST")


def ask(client: APIClient, content: str, session: str | None = None) -> dict[str, str]:
    answer = client.post("/api/chat/messages/", {"content": content, **({"session_id": session} if session else {})})
    assert answer.status_code == 201, answer.content
    bot: dict[str, str] = answer.json()["bot_message"]
    return bot


def test_passages_of_a_masking_collection_leave_without_their_values(
    client: APIClient, mistral: LoopbackMistral, staff: str
) -> None:
    bot = ask(client, "Who is the head of the library and what is the telephone?")
    assert bot["model"] not in ("extractive", "none")
    assert VALUES[0] in bot["content"]
    assert VALUES[1] in bot["content"]
    assert "<EMAIL_1>" in sent(mistral)
    assert not [value for value in VALUES if value in sent(mistral)]


def test_a_question_leaves_without_what_is_personal_in_it(
    client: APIClient, editor_client: APIClient, mistral: LoopbackMistral
) -> None:
    # The passage may leave as it is, but not with what the question has told.
    submit(editor_client, "Opening hours", f"{HOURS}\n\nRequests go to {MINE} at any time.")
    mistral.requests.clear()
    mistral.scripted.append("Requests go to <EMAIL_1> at any time [1].")
    bot = ask(client, f"When is the library open? Write to {MINE}, my password is hunter2.")
    assert bot["content"] == f"Requests go to {MINE} at any time [1]."
    ask(client, "And on Monday, when is the library open?", bot["session_id"])
    assert mistral.requests[-1].path == "/v1/chat/completions"
    assert "<EMAIL_1>" in sent(mistral)
    assert "e-mail address" in str([r.json for r in mistral.requests if r.path == "/v1/embeddings"])
    assert MINE not in sent(mistral)
    assert "hunter2" not in sent(mistral)
    assert client.get(f"/api/chat/sessions/{bot['session_id']}/messages/").json()["results"][0]["content"].count(MINE)


def test_masking_of_questions_may_be_turned_off(
    client: APIClient, editor_client: APIClient, mistral: LoopbackMistral, settings: Settings
) -> None:
    submit(editor_client, "Opening hours", HOURS)
    settings.RAG = {**settings.RAG, "MASK_QUESTIONS": False}
    ask(client, f"When is the library open? Write to {MINE}.")
    assert MINE in sent(mistral)


def test_without_a_policy_passages_leave_as_they_are(
    client: APIClient, editor_client: APIClient, mistral: LoopbackMistral
) -> None:
    submit(editor_client, "Staff", STAFF)
    ask(client, "Who is the head of the library?")
    assert VALUES[0] in sent(mistral)


@pytest.mark.parametrize("kind", ["error", "truncate", "malformed"])
def test_the_answer_of_this_machine_needs_no_mask_and_the_log_holds_no_value(
    client: APIClient, mistral: LoopbackMistral, staff: str, caplog: pytest.LogCaptureFixture, kind: FailureKind
) -> None:
    caplog.set_level("DEBUG")
    mistral.behaviour = None
    question = f"Who is the head of the library? I am {MINE}."
    client.get("/api/rag/search/", {"q": question})  # so that the chat's request is the next
    mistral.fail_next(kind)
    bot = ask(client, question)
    assert bot["model"] == "extractive"
    assert VALUES[0] in bot["content"]
    assert "failed" in caplog.text
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("django.db")]
    assert not [value for value in (*VALUES, MINE) if value in "\n".join(ours)]
    assert not [value for value in (*VALUES, MINE) if value in sent(mistral)]


def test_a_change_of_policy_holds_for_prompts_at_once_and_has_passages_embedded_anew(
    client: APIClient, editor_client: APIClient, mistral: LoopbackMistral
) -> None:
    submit(editor_client, "Staff", STAFF)
    submit(editor_client, "Opening hours", HOURS)
    hashes = dict(Chunk.objects.values_list("id", "embedding_hash"))
    mistral.requests.clear()
    answer = editor_client.patch("/api/documents/collections/general/", {"masking": "all"})
    assert answer.json()["masking"] == "all"
    ask(client, "Who is the head of the library?")
    assert VALUES[0] not in sent(mistral)
    work()
    changed = {key for key, value in Chunk.objects.values_list("id", "embedding_hash") if value != hashes[key]}
    assert {Chunk.objects.get(pk=key).version.title for key in changed} == {"Staff"}
    embedded = str([r.json for r in mistral.requests if r.path == "/v1/embeddings"])
    assert "telephone phone number" in embedded
    assert "from nine in the morning" not in embedded
    assert not [value for value in VALUES if value in sent(mistral)]
    assert Collection.objects.get(slug="general").masking_changed_at is None
    found = editor_client.get("/api/rag/search/", {"q": "head of the library", "mode": "dense"}).json()["results"]
    assert "Ada Berg" in found[0]["text"]
    status = editor_client.get("/api/rag/status/").json()
    assert {(index["count"], index["lag"]) for index in status["indexes"]} == {(Chunk.objects.count(), 0)}


def test_a_document_is_embedded_by_the_policy_of_the_collection_it_is_moved_to(
    editor_client: APIClient, mistral: LoopbackMistral, staff: str
) -> None:
    before = set(Chunk.objects.values_list("embedding_hash", flat=True))
    Collection.objects.get_or_create(slug="general", defaults={"name": "General"})
    assert editor_client.patch(staff, {"collection": "general"}).status_code == 200
    work()
    assert not before & set(Chunk.objects.values_list("embedding_hash", flat=True))


def test_an_older_version_comes_back_by_the_present_policy(
    editor_client: APIClient, mistral: LoopbackMistral, staff: str
) -> None:
    editor_client.post(f"{staff}versions/", {"content": HOURS})
    work()
    editor_client.patch("/api/documents/collections/staff/", {"masking": "secrets"})
    work()
    old = set(Chunk.objects.filter(version__number=1).values_list("embedding_hash", flat=True))
    assert editor_client.post(f"{staff}versions/1/publish/").status_code == 200
    assert old != set(Chunk.objects.filter(version__number=1).values_list("embedding_hash", flat=True))
    assert Collection.objects.get(slug="staff").masking == Masking.SECRETS
