"""``manage.py check_questions``: all golden questions at once, fit for CI."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from rag.models import QuestionRun
from tests.knowledge import HOURS, submit


@pytest.fixture
def hours(editor_client: APIClient) -> str:
    """A document and two golden questions that pass."""
    document: str = submit(editor_client, "Opening hours", HOURS)["documents"][0]["id"]
    for question in (
        {"text": "Until when is the library open?", "documents": [document]},
        {"text": "What is the boiling point of tungsten?", "must_refuse": True},
    ):
        assert editor_client.post("/api/documents/questions/", question).status_code == 201
    return document


def check(**options: bool) -> str:
    out = StringIO()
    call_command("check_questions", stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


@pytest.mark.usefixtures("hours")
def test_it_says_which_questions_pass() -> None:
    assert check().splitlines() == [
        "passed Until when is the library open?",
        "passed What is the boiling point of tungsten?",
    ]


def test_a_question_that_fails_fails_the_command_and_says_why(editor_client: APIClient, hours: str) -> None:
    editor_client.delete(f"/api/documents/{hours}/?force=true")
    out = StringIO()
    with pytest.raises(CommandError, match="1 of 2 golden questions fail") as failure:
        call_command("check_questions", stdout=out)
    assert failure.value.returncode == 1
    assert out.getvalue().splitlines()[0] == "failed Until when is the library open?: it would be refused"


def test_results_over_time_are_kept(editor_client: APIClient, hours: str) -> None:
    check()
    editor_client.delete(f"/api/documents/{hours}/?force=true")
    answer = editor_client.post("/api/rag/question-runs/")
    assert answer.status_code == 201
    runs = editor_client.get("/api/rag/question-runs/").json()["results"]
    assert [(run["passed"], run["failed"]) for run in runs] == [(1, 1), (2, 0)]
    detail = editor_client.get(f"/api/rag/question-runs/{runs[1]['id']}/").json()
    by_text = {result["text"]: result for result in detail["results"]}
    [source] = by_text["Until when is the library open?"]["sources"]
    assert (source["document_id"], source["version"], source["title"]) == (hours, 1, "Opening hours")


@pytest.mark.usefixtures("hours")
def test_json_holds_the_whole_run() -> None:
    run = json.loads(check(json=True))
    assert (run["id"], run["passed"], len(run["results"])) == (QuestionRun.objects.get().pk, 2, 2)


def test_runs_are_for_editors(client: APIClient) -> None:
    assert client.get("/api/rag/question-runs/").status_code == 403
    assert client.post("/api/rag/question-runs/").status_code == 403


def test_a_run_that_is_not_there_is_not_found(editor_client: APIClient) -> None:
    assert editor_client.get("/api/rag/question-runs/99/").status_code == 404
