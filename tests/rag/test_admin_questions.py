"""Golden questions on the admin site: kept, asked, and their results over time."""

from typing import Any

import pytest
from django.test import Client

from documents.models import Document, Question
from rag.models import QuestionRun

LIST = "/admin/documents/question/"
CLOSING = "Until when is the library open?"

pytestmark = pytest.mark.usefixtures("library")


@pytest.fixture
def hours() -> Document:
    return Document.objects.get(title="Opening hours")


def save(site: Client, address: str = f"{LIST}add/", **fields: Any) -> Any:
    return site.post(address, {"text": CLOSING, "asked_by": "user", "documents": [], **fields})


def test_a_question_is_made_and_changed(site: Client, hours: Document) -> None:
    assert save(site, documents=[str(hours.pk)]).status_code == 302
    question = Question.objects.get()
    assert (list(question.documents.all()), str(question.created_by)) == ([hours], "edda")
    save(site, f"{LIST}{question.pk}/change/", must_refuse="on", asked_by="visitor")
    question.refresh_from_db()
    assert (question.must_refuse, question.asked_by, question.documents.count()) == (True, "visitor", 0)


@pytest.mark.parametrize("both", [True, False])
def test_a_question_is_answered_or_refused_not_both_nor_neither(site: Client, hours: Document, both: bool) -> None:
    fields: dict[str, Any] = {"must_refuse": "on", "documents": [str(hours.pk)]} if both else {}
    assert "Name the documents" in save(site, **fields).content.decode()
    assert not Question.objects.exists()


def test_the_same_question_twice_is_said_on_the_form(site: Client) -> None:
    save(site, must_refuse="on")
    assert save(site, must_refuse="on").status_code == 200
    assert Question.objects.count() == 1


def test_a_document_is_found_by_a_part_of_its_title(site: Client, hours: Document) -> None:
    query = {"term": "open", "app_label": "documents", "model_name": "question", "field_name": "documents"}
    found = site.get("/admin/autocomplete/", query).json()["results"]
    assert found == [{"id": str(hours.pk), "text": "Opening hours"}]


def test_all_are_asked_at_once_and_the_results_stay(site: Client, hours: Document) -> None:
    save(site, documents=[str(hours.pk)])
    save(site, text="How many books may a reader borrow?", must_refuse="on")
    text = site.post(f"{LIST}ask/", follow=True).content.decode()
    assert "1 of 2 golden questions failed." in text
    assert "It would be answered from “Loans”" in text
    listed = site.get(LIST).content.decode()
    assert "Passed" in listed
    assert "1 of 2 passed" in listed
    assert "it would be answered from “Loans”" in listed


@pytest.mark.parametrize(("result", "found"), [("passed", [CLOSING]), ("failed", []), ("none", ["Why?"]), ("x", 2)])
def test_the_list_is_narrowed_by_the_last_result(site: Client, hours: Document, result: str, found: Any) -> None:
    save(site, documents=[str(hours.pk)])
    site.post(f"{LIST}ask/")
    save(site, text="Why?", must_refuse="on")
    listed = [question.text for question in site.get(LIST, {"result": result}).context["cl"].result_list]
    assert (len(listed) if isinstance(found, int) else listed) == found


def test_runs_are_drawn_over_time(site: Client) -> None:
    page = f"{LIST}runs/"
    assert "have not been asked yet" in site.get(page).content.decode()
    for passed, failed in ((3, 1), (4, 0)):
        QuestionRun.objects.create(revision=1, passed=passed, failed=failed)
    bars = site.get(page).context["bars"]
    assert [(bar["passed"], bar["failed"]) for bar in bars] == [(75, 25), (100, 0)]
    assert [bar["failed_top"] for bar in bars] == [0, 0]


def test_a_run_that_is_not_there_is_said_so(site: Client) -> None:
    assert site.get(f"{LIST}runs/7/").status_code == 404


def test_questions_are_not_asked_by_following_a_link(site: Client) -> None:
    assert site.get(f"{LIST}ask/").status_code == 405
