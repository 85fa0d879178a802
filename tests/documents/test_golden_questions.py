"""The gate: a change that would break a golden question is not published, unless it is forced."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.knowledge import HOURS, LOANS, LONGER, hand_in, opens_until, submit, work
from users.models import AuditEntry

ADDRESS = "/api/documents/questions/"
ANSWERED = "What does it cost to bring a book back late?"


@pytest.fixture
def loans(editor_client: APIClient, document: str) -> str:
    """The address of a second document."""
    made = submit(editor_client, "Loans", LOANS)["documents"][0]
    return f"/api/documents/{made['id']}/"


def ask(editor: APIClient, text: str = ANSWERED, *documents: str, **fields: Any) -> dict[str, Any]:
    ids = [address.split("/")[3] for address in documents]
    answer = editor.post(ADDRESS, {"text": text, "documents": ids, **fields})
    assert answer.status_code == 201, answer.content
    question: dict[str, Any] = answer.json()
    return question


def test_a_version_that_loses_the_answer_stays_a_draft(editor_client: APIClient, loans: str) -> None:
    ask(editor_client, ANSWERED, loans)
    made = submit(editor_client, "Loans", "# Loans\n\nA reader may borrow up to seven books at a time.")
    version = editor_client.get(f"{loans}versions/2/").json()
    assert (version["state"], version["error_code"]) == ("draft", "would_break_questions")
    assert ANSWERED in version["error_detail"]
    job = editor_client.get(f"/api/rag/index/{made['job_id']}/").json()
    assert (job["state"], job["errors"][0]["code"]) == ("failed", "would_break_questions")
    assert editor_client.get(loans).json()["version"] == 1


def test_what_breaks_nothing_is_published_with_others_that_do(editor_client: APIClient, loans: str) -> None:
    ask(editor_client, ANSWERED, loans)
    for title, content in (("Loans", "# Loans\n\nNothing."), ("Cafe", "# Cafe\n\nThe cafe sells coffee and cake.")):
        editor_client.post("/api/rag/index/", {"title": title, "content": content})
    work()
    states = {d["title"]: d["state"] for d in editor_client.get("/api/documents/").json()["results"]}
    assert states == {"Opening hours": "published", "Loans": "draft", "Cafe": "published"}


def test_publishing_that_breaks_a_question_is_refused_with_the_list(editor_client: APIClient, loans: str) -> None:
    question = ask(editor_client, ANSWERED, loans)
    hand_in(editor_client, loans, "# Loans\n\nNothing to see.", publish=False)
    answer = editor_client.post(f"{loans}versions/2/publish/")
    assert (answer.status_code, answer.json()["code"]) == (409, "would_break_questions")
    [broken] = answer.json()["questions"]
    assert (broken["id"], broken["text"]) == (question["id"], ANSWERED)
    assert editor_client.get(loans).json()["version"] == 1


def test_force_publishes_all_the_same_and_is_on_record(editor_client: APIClient, loans: str) -> None:
    question = ask(editor_client, ANSWERED, loans)
    hand_in(editor_client, loans, "# Loans\n\nNothing to see.", publish=False)
    assert editor_client.post(f"{loans}versions/2/publish/", {"force": True}).status_code == 200
    entry = AuditEntry.objects.get(object_type="document")
    assert (entry.actor_name, entry.detail) == ("edda", {"version": 2, "forced": [question["id"]]})


def test_a_rollback_that_breaks_a_question_is_refused_and_leaves_no_trace(
    editor_client: APIClient, document: str
) -> None:
    hand_in(editor_client, document, f"{LONGER}\n\n# Parking\n\nReaders park free of charge behind the library.")
    ask(editor_client, "What does parking cost at the library?", document)
    assert editor_client.post(f"{document}versions/1/publish/").status_code == 409
    assert opens_until(editor_client) == opens_until(editor_client, drafts=True) == "eight"
    states = [v["state"] for v in editor_client.get(f"{document}versions/").json()["results"]]
    assert states == ["published", "superseded"]


def test_deleting_what_must_answer_is_refused_unless_forced(editor_client: APIClient, loans: str) -> None:
    ask(editor_client, ANSWERED, loans)
    refused = editor_client.delete(loans)
    assert (refused.status_code, refused.json()["code"]) == (409, "would_break_questions")
    assert editor_client.get(loans).status_code == 200
    assert editor_client.delete(f"{loans}?force=true").status_code == 204
    assert editor_client.get(loans).status_code == 404


def test_what_must_be_refused_may_not_become_answerable(editor_client: APIClient, loans: str) -> None:
    ask(editor_client, "What does the director of the library earn?", must_refuse=True)
    submit(editor_client, "Salaries", "# Salaries\n\nThe director of the library earns ninety thousand a year.")
    state = {d["title"]: d["state"] for d in editor_client.get("/api/documents/").json()["results"]}
    assert state["Salaries"] == "draft"


def test_a_question_is_asked_as_somebody_who_sees_less(editor_client: APIClient, loans: str) -> None:
    staff = {"name": "Staff", "slug": "staff", "visibility": "roles", "roles": ["editor"]}
    editor_client.post("/api/documents/collections/", staff)
    ask(editor_client, "What does the director of the library earn?", must_refuse=True, asked_by="visitor")
    salaries = "# Salaries\n\nThe director of the library earns ninety thousand a year."
    submit(editor_client, "Salaries", salaries, collection="staff")
    [found] = editor_client.get("/api/documents/", {"collection": "staff"}).json()["results"]
    assert found["state"] == "published"


def test_a_question_that_fails_already_stops_nothing(editor_client: APIClient, document: str) -> None:
    ask(editor_client, "What is the boiling point of tungsten?", document)
    hand_in(editor_client, document, LONGER)
    assert opens_until(editor_client) == "eight"


def test_a_passing_question_lets_a_harmless_change_through(editor_client: APIClient, document: str) -> None:
    ask(editor_client, "Until when is the library open?", document)
    hand_in(editor_client, document, LONGER)
    assert opens_until(editor_client) == "eight"
    assert editor_client.post(f"{document}versions/1/publish/").status_code == 200
    assert opens_until(editor_client) == "six"


def test_golden_questions_are_listed_changed_and_deleted(editor_client: APIClient, document: str) -> None:
    question = ask(editor_client, "Until when is the library open?", document)
    address = f"{ADDRESS}{question['id']}/"
    assert editor_client.get(ADDRESS).json()["results"] == [question]
    changed = editor_client.patch(address, {"text": "When does the library close?"}).json()
    assert changed == question | {"text": "When does the library close?"}
    assert editor_client.delete(address).status_code == 204
    assert editor_client.get(address).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "Why?"},
        {"text": "", "must_refuse": True},
        {"text": "Why?", "documents": ["0b6c7f5e-3d0a-4c53-9a43-6a4f2f9f6f10"]},
        {"text": "Why?", "must_refuse": True, "asked_by": "nobody"},
    ],
)
def test_a_question_that_is_not_valid_is_refused(editor_client: APIClient, body: dict[str, Any]) -> None:
    assert editor_client.post(ADDRESS, body).status_code == 400


def test_the_same_question_twice_is_a_conflict(editor_client: APIClient) -> None:
    ask(editor_client, "Why?", must_refuse=True)
    answer = editor_client.post(ADDRESS, {"text": "Why?", "must_refuse": True})
    assert (answer.status_code, answer.json()["code"]) == (409, "question_taken")


def test_golden_questions_are_for_editors(client: APIClient) -> None:
    assert client.get(ADDRESS).status_code == 403


def test_the_document_that_another_already_answers_from_may_go(editor_client: APIClient, document: str) -> None:
    twin = submit(editor_client, "Opening hours again", HOURS)["documents"][0]["id"]
    ask(editor_client, "Until when is the library open?", document)
    assert editor_client.delete(f"/api/documents/{twin}/").status_code == 204
