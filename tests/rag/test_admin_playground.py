"""The playground: how a question comes to its passages."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from documents.models import Collection, Document, Visibility
from rag.explaining import Explanation
from tests.knowledge import HOURS, LONGER, hand_in, submit

PAGE = "/admin/playground/"
CLOSING = "Until when is the library open?"
LATE = "What does it cost to bring a book back late?"

pytestmark = pytest.mark.usefixtures("library")


def ask(site: Client, q: str, **fields: Any) -> Explanation:
    found: Explanation = site.get(PAGE, {"q": q, **fields}).context["explanation"]
    return found


def test_it_begins_with_a_form(site: Client) -> None:
    answer = site.get(PAGE)
    assert answer.status_code == 200
    assert "explanation" not in answer.context


def test_both_halves_and_their_sum_are_told(site: Client) -> None:
    found = ask(site, CLOSING)
    best = found.ranked[0]
    assert site.get(PAGE, {"q": CLOSING}).context["form"]["asker"].value() == "user"
    assert (best.hit.chunk.version.title, best.place, best.dense, best.lexical) == ("Opening hours", 1, 1, 1)
    assert best.fused == pytest.approx(best.hit.cosine + 0.3 * best.hit.lexical)
    assert best.hit.score == pytest.approx(best.fused + best.closeness)
    assert best.closeness > 0
    assert (found.mode, found.answerable) == ("hybrid", True)
    assert 1 >= found.confidence >= found.threshold == 0.5


def test_it_finds_what_the_search_finds(site: Client, editor_client: APIClient) -> None:
    searched = editor_client.get("/api/rag/search/", {"q": LATE}).json()["results"]
    found = ask(site, LATE, asker="editor")
    assert [row.hit.chunk.pk for row in found.ranked[: len(searched)]] == [result["chunk_id"] for result in searched]
    assert [round(row.hit.score, 6) for row in found.ranked[: len(searched)]] == [
        round(result["score"], 6) for result in searched
    ]


def test_a_half_that_does_not_name_a_passage_has_no_place_for_it(site: Client) -> None:
    found = ask(site, "renew")
    assert {row.lexical for row in found.ranked} >= {1, None}
    assert all(row.dense for row in found.ranked)


def test_the_context_is_told_with_its_tokens(site: Client, settings: Settings) -> None:
    settings.RAG = {**settings.RAG, "TOP_K": 1}
    found = ask(site, CLOSING)
    [source] = found.sources
    assert "six in the evening" in source.text
    assert found.tokens == sum(chunk.tokens for chunk in source.chunks) <= found.budget
    assert [row.used for row in found.ranked] == [True, *([False] * (len(found.ranked) - 1))]


def test_what_is_too_far_off_would_be_refused(site: Client) -> None:
    answer = site.get(PAGE, {"q": "What is the boiling point of tungsten?"})
    assert not answer.context["explanation"].answerable
    assert b"It would be refused." in answer.content


def test_it_is_asked_as_somebody_who_sees_less(site: Client) -> None:
    Collection.objects.update(visibility=Visibility.MEMBERS)
    assert ask(site, CLOSING, asker="user").ranked
    answer = site.get(PAGE, {"q": CLOSING, "asker": "visitor"})
    assert not answer.context["explanation"].ranked
    assert b"Nothing was found." in answer.content


def test_it_is_narrowed_by_collection_and_category(site: Client, editor_client: APIClient) -> None:
    editor_client.post("/api/documents/collections/", {"name": "Other", "slug": "other", "visibility": "public"})
    submit(editor_client, "Branch", HOURS, collection="other", category="FAQ")
    other = Collection.objects.get(slug="other")
    branch = Document.objects.get(title="Branch")
    for narrowed in ({"collection": str(other.pk)}, {"category": str(branch.category_id)}):
        assert {row.hit.chunk.version.title for row in ask(site, CLOSING, **narrowed).ranked} == {"Branch"}


def test_drafts_are_searched_and_answered_from_where_wanted(site: Client, editor_client: APIClient) -> None:
    document = Document.objects.get(title="Opening hours")
    hand_in(editor_client, f"/api/documents/{document.pk}/", LONGER, publish=False)
    assert "six" in ask(site, CLOSING).ranked[0].hit.chunk.text
    assert "eight" in ask(site, CLOSING, drafts="on").ranked[0].hit.chunk.text
    answered = site.post(PAGE, {"q": CLOSING, "drafts": "on"})
    assert "eight in the evening" in answered.context["done"].text


def test_the_answer_comes_with_its_citations_when_asked_for(site: Client) -> None:
    assert "done" not in site.get(PAGE, {"q": CLOSING}).context
    answer = site.post(PAGE, {"q": CLOSING})
    done = answer.context["done"]
    assert "six in the evening" in done.text
    assert done.cited[1].version.title == "Opening hours"
    assert f"/admin/documents/chunk/{done.cited[1].chunk.pk}/" in answer.content.decode()


def test_without_an_embedder_words_alone_are_told(site: Client, settings: Settings) -> None:
    settings.RAG = {**settings.RAG, "EMBEDDER": None}
    answer = site.get(PAGE, {"q": CLOSING})
    found = answer.context["explanation"]
    assert (found.mode, found.ranked[0].dense, found.ranked[0].lexical) == ("lexical", None, 1)
    assert found.ranked[0].closeness > 0
    assert b"By words alone" in answer.content


@pytest.mark.parametrize("fields", [{"q": ""}, {"q": "why", "asker": "nobody"}, {"q": "why", "collection": "x"}])
def test_what_is_not_valid_is_said_on_the_form(site: Client, fields: dict[str, str]) -> None:
    answer = site.get(PAGE, fields)
    assert answer.context["form"].errors
    assert "explanation" not in answer.context
