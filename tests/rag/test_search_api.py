"""Search: by meaning and by words, narrowed, and never beyond what the asker may see."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from documents.models import Collection, Visibility
from documents.selectors import collections_visible
from rag.retrieval import Scope, search
from tests.conftest import PASSWORD, client_of
from tests.knowledge import HOURS, LOANS, submit
from users.models import User


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_each_mode_finds_the_passage(client: APIClient, mode: str) -> None:
    answer = client.get("/api/rag/search/", {"q": "Until when is the library open?", "mode": mode}).json()
    assert answer["mode"] == mode
    assert answer["results"][0]["title"] == "Opening hours"
    assert answer["answerable"] is True


@pytest.mark.usefixtures("library")
def test_other_words_for_the_same_thing_are_understood(client: APIClient) -> None:
    best = client.get("/api/rag/search/", {"q": "penalty for overdue items"}).json()["results"][0]
    assert "twenty cents" in best["text"]


@pytest.mark.usefixtures("library")
def test_what_nothing_answers_is_said_to_be_unanswerable(client: APIClient) -> None:
    answer = client.get("/api/rag/search/", {"q": "boiling point of tungsten"}).json()
    assert answer["answerable"] is False


@pytest.mark.usefixtures("library")
def test_results_are_as_many_as_asked_best_first(client: APIClient) -> None:
    results = client.get("/api/rag/search/", {"q": "loan", "top_k": "2"}).json()["results"]
    assert len(results) == 2
    assert results[0]["score"] >= results[1]["score"]


def test_a_search_is_narrowed_by_category(editor_client: APIClient) -> None:
    submit(editor_client, "Hours", HOURS, category="FAQ")
    submit(editor_client, "Loans", LOANS, category="Policy")
    for category, title in (("FAQ", "Hours"), ("policy", "Loans")):
        results = editor_client.get("/api/rag/search/", {"q": "library books", "category": category}).json()["results"]
        assert {result["title"] for result in results} == {title}
    assert not editor_client.get("/api/rag/search/", {"q": "library", "category": "None such"}).json()["results"]


def test_a_document_moved_to_another_category_is_found_there(editor_client: APIClient) -> None:
    document = submit(editor_client, "Hours", HOURS, category="FAQ")["documents"][0]["id"]
    editor_client.patch(f"/api/documents/{document}/", {"category": "Policy"})
    for category, count in (("FAQ", 0), ("Policy", 1)):
        answer = editor_client.get("/api/rag/search/", {"q": "When is it open?", "category": category}).json()
        assert len(answer["results"]) == count


def test_a_search_is_narrowed_by_collection(editor_client: APIClient) -> None:
    editor_client.post("/api/documents/collections/", {"name": "Staff", "slug": "staff", "visibility": "members"})
    submit(editor_client, "Hours", HOURS)
    submit(editor_client, "Shifts", "# Shifts\n\nThe early shift begins at seven.", collection="staff")
    asked = {"q": "When does it open?", "collection": "staff"}
    results = editor_client.get("/api/rag/search/", asked).json()["results"]
    assert {result["title"] for result in results} == {"Shifts"}


def test_a_collection_of_another_role_does_not_exist_for_a_user(client: APIClient, editor_client: APIClient) -> None:
    secret = {"name": "Board", "slug": "board", "visibility": "roles", "roles": ["admin"]}
    editor_client.post("/api/documents/collections/", secret)
    submit(editor_client, "Plans", "# Plans\n\nThe library will close its branch in June.", collection="board")
    query = {"q": "Which branch will close in June?", "top_k": "50"}
    assert editor_client.get("/api/rag/search/", query).json()["results"]
    narrowings: list[dict[str, str]] = [{}, {"collection": "board"}, {"mode": "lexical"}, {"mode": "dense"}]
    for narrowed in narrowings:
        assert client.get("/api/rag/search/", query | narrowed).json()["results"] == []


@pytest.mark.parametrize(
    "query", [{}, {"q": ""}, {"q": "x", "top_k": 0}, {"q": "x", "top_k": 51}, {"q": "x", "mode": "magic"}, {"q": "\0"}]
)
def test_a_search_that_is_not_valid_is_refused(client: APIClient, query: dict[str, str]) -> None:
    answer = client.get("/api/rag/search/", query)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("query", ["?!", "the of and", "🙂", "a" * 4000, "((((", "title:x AND -y*~2^3", "借りる"])
def test_odd_queries_are_just_queries(client: APIClient, query: str) -> None:
    assert client.get("/api/rag/search/", {"q": query}).status_code == 200


def test_the_empty_scope_finds_nothing() -> None:
    assert search(query="anything", scope=Scope(frozenset()), top_k=5).hits == []


def test_nobody_receives_a_chunk_of_a_collection_that_is_not_theirs(editor_client: APIClient) -> None:
    for number, visibility in enumerate(Visibility):
        slug = f"c{number}"
        Collection.objects.create(name=slug, slug=slug, visibility=visibility, roles=["editor"])
        submit(editor_client, f"Doc {slug}", f"# Doc {slug}\n\nThe colour of room {slug} is blue.", collection=slug)
    user = User.objects.create_user("eve", "eve@example.org", PASSWORD)
    mine = set(collections_visible(user).values_list("slug", flat=True))
    api = client_of(user)

    @hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.sampled_from(["colour of room c0", "c1", "c2 blue", "room"]),
        st.sampled_from(["", "c0", "c1", "c2"]),
        st.sampled_from(["hybrid", "dense", "lexical"]),
        st.integers(1, 50),
    )
    def under_any_filter(query: str, collection: str, mode: str, top_k: int) -> None:
        asked = {"q": query, "mode": mode, "top_k": str(top_k)} | ({"collection": collection} if collection else {})
        results = api.get("/api/rag/search/", asked).json()["results"]
        assert {result["collection"] for result in results} <= mine

    under_any_filter()
