"""Knowledge gaps that mean the same are shown together, with a way to their answer."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from chat.models import Feedback
from documents.models import Collection, Document, Question, State
from rag.gap_groups import gaps_embed, gaps_grouped, gaps_open
from rag.models import KnowledgeGap
from tests.conftest import PASSWORD
from tests.knowledge import hand_in, work
from users.models import AuditEntry

PARKING = ["Where can I park?", "Is there parking for visitors?", "parking space for my car"]
HOLIDAY = ["How many days of holiday do I have?", "number of vacation days per year"]
GROUPS = "/api/rag/gaps/groups/"


def gaps(*questions: str, **fields: Any) -> list[KnowledgeGap]:
    values = {"confidence": 0.1, "best_score": 0.1, **fields}
    return [KnowledgeGap.objects.create(key=question[:64], question=question, **values) for question in questions]


def grouped() -> list[set[str]]:
    return [{gap.question for gap in group.gaps} for group in gaps_grouped(gaps_open()).groups]


@pytest.fixture
def by_words(settings: Settings) -> None:
    settings.RAG = {**settings.RAG, "EMBEDDER": None}


def test_they_are_put_together_by_meaning_the_most_asked_first() -> None:
    gaps(*HOLIDAY)
    gaps(*PARKING)
    gaps("Are dogs allowed?", times=4)
    assert grouped() == [{"Are dogs allowed?"}, set(PARKING), set(HOLIDAY)]
    assert gaps_grouped(gaps_open()).by_meaning == 6
    assert grouped() == grouped()


def test_without_an_embedder_they_are_put_together_by_words(by_words: None) -> None:
    gaps("How do I renew a loan?", "Can a loan be renewed?", "Where is the car park?")
    assert grouped() == [{"How do I renew a loan?", "Can a loan be renewed?"}, {"Where is the car park?"}]
    assert gaps_grouped(gaps_open()).by_meaning == 0


def test_a_language_that_the_embedder_does_not_know_goes_by_words() -> None:
    german = {"Wo kann ich mein Fahrrad abstellen?", "Wo darf man das Fahrrad abstellen?"}
    gaps(*PARKING, *german)
    assert grouped() == [set(PARKING), german]
    assert gaps_grouped(gaps_open()).by_meaning == 3


def test_an_idle_worker_embeds_them() -> None:
    gaps(*PARKING)
    work_left = [gaps_embed(most=2), gaps_embed(most=2), gaps_embed(most=2)]
    assert work_left == [2, 1, 0]
    assert len(gaps_grouped(gaps_open(), wait_for=0).groups) == 1


def test_editors_read_the_groups_over_the_api_masked(editor_client: APIClient, client: APIClient) -> None:
    near = [{"document_id": "0b6c7f5e-3d0a-4c53-9a43-6a4f2f9f6f10", "title": "Arrival"}]
    gaps("Where can I park? Write to jane.doe@example.org", nearest=near, not_helpful=2)
    found = editor_client.get(GROUPS).json()["results"]
    assert [(group["example"], group["times"], group["not_helpful"]) for group in found] == [
        ("Where can I park? Write to e-mail address", 1, 2)
    ]
    assert found[0]["nearest"] == near[0]
    assert client.get(GROUPS).status_code == 403


def test_a_draft_holds_the_title_and_shows_the_questions_beside_it(
    site: Client, editor_client: APIClient, client: APIClient
) -> None:
    parking = gaps(*PARKING)
    ids = ",".join(str(gap.pk) for gap in parking)
    page = site.get("/admin/gaps/").content.decode()
    assert "3 ways of asking" in page
    assert "Being written" not in page
    editor_client.post("/api/documents/collections/", {"name": "Staff", "slug": "staff", "visibility": "members"})
    form = f"/admin/gaps/draft/?gaps={ids}"
    assert PARKING[0] in site.get(form).content.decode()
    staff = Collection.objects.get(slug="staff")
    answer = site.post(form, {"title": "Parking at the office", "collection": str(staff.pk)})
    document = Document.objects.get()
    assert answer["Location"].endswith(f"/{document.pk}/change/")
    work()
    version = document.versions.get()
    assert (version.state, version.text, document.collection) == (State.DRAFT, "Parking at the office", staff)
    assert document.published is None
    for shown in (
        f"/admin/documents/document/{document.pk}/change/",
        f"/admin/documents/document/{document.pk}/versions/new/",
    ):
        assert "Is there parking for visitors?" in site.get(shown).content.decode()
    assert "Being written" in site.get("/admin/gaps/").content.decode()
    assert editor_client.get(GROUPS).json()["results"][0]["document"] == str(document.pk)

    hand_in(
        editor_client, f"/api/documents/{document.pk}/", "# Parking at the office\n\nPark in the yard.", publish=True
    )
    assert editor_client.get(GROUPS).json()["results"] == []
    assert editor_client.get("/api/rag/gaps/").json()["results"] == []
    assert "everything that was asked was answered" in site.get("/admin/gaps/").content.decode()


def test_what_is_asked_in_vain_again_comes_back(client: APIClient, library: None) -> None:
    question = {"content": "Who feeds the otters at night?"}
    client.post("/api/chat/messages/", question)
    KnowledgeGap.objects.update(document=Document.objects.get(title="Loans"))
    assert not gaps_open().exists()
    client.post("/api/chat/messages/", question)
    assert (gaps_open().get().times, gaps_open().get().document) == (2, None)


def test_a_golden_question_takes_them_off_the_list(site: Client) -> None:
    parking = gaps(*PARKING, "Ask bob@example.org where to park?")
    ids = ",".join(str(gap.pk) for gap in reversed(parking))
    form = f"/admin/documents/question/add/?gaps={ids}"
    page = site.get(form).content.decode()
    assert "Ask e-mail address where to park?" in page
    assert "bob@" not in page
    sent = {"text": "Where may guests park?", "asked_by": "user", "must_refuse": "on"}
    assert site.post(form, sent).status_code == 302
    assert Question.objects.get().text == "Where may guests park?"
    assert not KnowledgeGap.objects.exists()
    assert AuditEntry.objects.filter(action="gap.resolve").count() == 4


def test_one_button_takes_a_group_off_the_list(site: Client) -> None:
    ids = ",".join(str(gap.pk) for gap in gaps(*PARKING))
    assert site.post("/admin/gaps/resolve/", {"gaps": ids}).status_code == 302
    assert not KnowledgeGap.objects.exists()
    assert site.post("/admin/gaps/resolve/", {"gaps": ids}).status_code == 404
    assert site.get("/admin/gaps/draft/?gaps=x,99999999999999999999").status_code == 404
    assert Client().post("/admin/gaps/resolve/", {"gaps": ids}).status_code == 302


def test_an_answer_that_did_not_help_is_a_gap_until_that_is_taken_back(
    client: APIClient, editor_client: APIClient, library: None
) -> None:
    answer = client.post("/api/chat/messages/", {"content": "How long does a loan last?"}).json()["bot_message"]
    address = f"/api/chat/messages/{answer['id']}/feedback/"
    for _ in range(2):
        client.post(address, {"feedback": "not_helpful", "comment": "No."})
    gap = KnowledgeGap.objects.get()
    assert (gap.question, gap.times, gap.not_helpful) == ("How long does a loan last?", 0, 1)
    assert [near["title"] for near in gap.nearest] == ["Loans"]
    assert editor_client.get("/api/rag/gaps/").json()["results"][0]["not_helpful"] == 1
    client.post(address, {"feedback": "helpful"})
    assert not KnowledgeGap.objects.exists()
    client.post(address, {"feedback": "not_helpful"})
    assert client.delete("/api/auth/me/", {"password": PASSWORD}).status_code == 204
    assert not KnowledgeGap.objects.exists()
    assert not Feedback.objects.exists()


def test_a_refusal_that_did_not_help_counts_once(client: APIClient, library: None) -> None:
    answer = client.post("/api/chat/messages/", {"content": "Who feeds the otters?"}).json()["bot_message"]
    client.post(f"/api/chat/messages/{answer['id']}/feedback/", {"feedback": "not_helpful"})
    gap = KnowledgeGap.objects.get()
    assert (gap.times, gap.not_helpful) == (1, 0)
    assert timezone.now() - gap.last_asked < timedelta(minutes=5)
