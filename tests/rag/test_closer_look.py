"""What reading the best passages tells, met through a search."""

import pytest
from rest_framework.test import APIClient

from documents.models import Collection
from rag.retrieval import Found, Scope, search
from rag.stages import ALL, Stages
from tests.knowledge import work


def submit_all(client: APIClient, texts: dict[str, str]) -> None:
    for title, text in texts.items():
        assert client.post("/api/rag/index/", {"title": title, "content": text}).status_code == 202
    work()


def ask(question: str, stages: Stages = ALL) -> Found:
    scope = Scope(frozenset(Collection.objects.values_list("pk", flat=True)))
    return search(query=question, scope=scope, top_k=10, stages=stages)


def titles(question: str, stages: Stages = ALL) -> list[str]:
    return [hit.chunk.version.title for hit in ask(question, stages).hits]


REPORT = "Revenue grew in the year under report, since more machines were sold abroad than in any year before."


def test_names_and_years_in_the_question_raise_the_documents_that_carry_them(editor_client: APIClient) -> None:
    companies = [f"{company} annual report {year}" for company in ("Acme", "Borealis") for year in (2018, 2019, 2020)]
    submit_all(editor_client, dict.fromkeys(companies, REPORT))
    assert titles("How did the revenue of Borealis develop in 2019?")[0] == "Borealis annual report 2019"
    assert titles("Why did Acme's revenue grow in FY2020?")[0] == "Acme annual report 2020"


def test_a_quoted_phrase_and_a_code_stand_as_they_were_written(editor_client: APIClient) -> None:
    texts = {
        "Disk": "The disk may fail. When the disk is full, error ERR-1042 is written and the queue may stop.",
        "Queue": "The queue is full when error ERR-1043 is written: the disk may stop, and the queue may fail.",
    }
    submit_all(editor_client, texts)
    assert titles("What to do about ERR-1043?")[0] == "Queue"
    assert titles('What does "the queue may stop" mean?')[0] == "Disk"
    assert ask('"the queue may stop"').hits[0].signals.phrases == 1


def test_repetitions_come_after_what_is_said_once(editor_client: APIClient) -> None:
    lid = "Press the green button to open the lid of the machine, then wait until the lamp goes out and lift the lid."
    texts = {"Lid": lid, "Lid, again": f"{lid} Careful.", "Cleaning": "Open the lid and wipe the drum with a cloth."}
    submit_all(editor_client, texts)
    question = "How do I open the lid of the machine?"
    assert titles(question)[1] == "Cleaning"
    assert titles(question, Stages(diversity=False))[2] == "Cleaning"
    scores = [hit.score for hit in ask(question).hits]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("stages", [Stages(scores=False), Stages(lexical=False), Stages(dense=False)])
def test_a_stage_can_be_left_out(editor_client: APIClient, stages: Stages) -> None:
    texts = {"Lid": "Press the green button to open the lid.", "Lamp": "The lamp tells that the machine is hot."}
    submit_all(editor_client, texts)
    found = ask("How do I open the lid?", stages)
    assert found.hits[0].chunk.version.title == "Lid"
    assert found.mode == ("hybrid" if stages.dense else "lexical")
    assert (found.hits[0].lexical == 0) == (not stages.lexical)
