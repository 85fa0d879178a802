"""The admin site's list of documents, and the page of one."""

import pytest
from django.test import Client
from rest_framework.test import APIClient

from documents.models import Category, Collection, Document, Question, Visibility
from tests.knowledge import LOANS, hand_in, submit, work
from users.models import AuditEntry

LIST = "/admin/documents/document/"
COST = "What does it cost to bring a book back late?"


def golden(identity: str) -> None:
    Question.objects.create(text=COST).documents.add(Document.objects.get(pk=identity))


def test_the_list_shows_where_each_document_stands(site: Client, editor_client: APIClient, document: str) -> None:
    hand_in(editor_client, document, "# Opening hours\n\nAsk at the desk.", publish=False)
    text = site.get(LIST).content.decode()
    assert "Opening hours" in text
    assert ">v1<" in text
    assert "g-draft" in text


def test_the_list_shows_what_went_wrong(site: Client, editor_client: APIClient, loans: str) -> None:
    golden(loans)
    submit(editor_client, "Loans", "# Loans\n\nNothing to see.")
    assert "would_break_questions" in site.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "opening"}, ["Opening hours"]),
        ({"category__id__exact": "guide"}, ["Loans"]),
        ({"state": "draft"}, ["Cafe"]),
        ({"state": "published"}, ["Loans", "Opening hours"]),
        ({"state": "working"}, ["Waits"]),
    ],
)
def test_the_list_is_searched_and_narrowed(
    site: Client, editor_client: APIClient, hours: str, loans: str, query: dict[str, str], found: list[str]
) -> None:
    submit(editor_client, "Cafe", "# Cafe\n\nCoffee and cake.", publish=False)
    editor_client.post("/api/rag/index/", {"title": "Waits", "content": "Not yet indexed."})
    if "category__id__exact" in query:
        query = {"category__id__exact": str(Category.objects.get(name="Guide").pk)}
    listed = site.get(LIST, query).context["cl"].result_list
    assert [document.title for document in listed] == found


def test_the_page_tells_versions_with_their_errors_and_what_to_do(
    site: Client, editor_client: APIClient, loans: str
) -> None:
    golden(loans)
    submit(editor_client, "Loans", "# Loans\n\nNothing to see.", note="A try")
    text = site.get(f"{LIST}{loans}/change/").content.decode()
    for part in ("Loans.md", "A try", "edda", "would_break_questions", "What to do:", "Change the version"):
        assert part in text


def test_the_page_follows_by_itself_while_a_worker_is_busy(
    site: Client, editor_client: APIClient, document: str, hours: str
) -> None:
    editor_client.post(f"{document}versions/", {"content": LOANS})
    assert b'hx-trigger="every 2s"' in site.get(f"{LIST}{hours}/change/").content
    work()
    assert b"every 2s" not in site.get(f"{LIST}{hours}/change/").content


def test_a_document_is_moved_and_the_search_hears_of_it(site: Client, editor_client: APIClient, loans: str) -> None:
    staff = Collection.objects.create(name="Staff", slug="staff", visibility=Visibility.ROLES, roles=["editor"])
    site.post(f"{LIST}{loans}/change/", {"collection": str(staff.pk), "category": ""})
    found = editor_client.get("/api/rag/search/", {"q": COST, "collection": "staff"}).json()["results"]
    assert {result["category"] for result in found} == {None}


def test_deleting_asks_first(site: Client, loans: str) -> None:
    assert b"cannot be undone" in site.get(f"{LIST}{loans}/delete/").content
    assert site.post(f"{LIST}{loans}/delete/", {"confirmed": "1"}).status_code == 302
    assert not Document.objects.exists()
    assert AuditEntry.objects.get(object_type="document").action == "document.delete"


def test_deleting_what_a_golden_question_needs_is_refused_unless_forced(site: Client, loans: str) -> None:
    golden(loans)
    refused = site.post(f"{LIST}{loans}/delete/", {"confirmed": "1"})
    assert refused.status_code == 409
    assert COST in refused.content.decode()
    assert Document.objects.exists()
    site.post(f"{LIST}{loans}/delete/", {"confirmed": "1", "force": "1"})
    assert not Document.objects.exists()


def test_several_are_deleted_one_by_one_but_for_what_is_refused(site: Client, hours: str, loans: str) -> None:
    golden(loans)
    chosen = {"action": "delete_chosen", "_selected_action": [hours, loans]}
    asked = site.post(LIST, chosen)
    assert Document.objects.count() == 2
    assert b"Delete 2 documents?" in asked.content
    refused = site.post(LIST, chosen | {"confirmed": "1"})
    assert [document.title for document in Document.objects.all()] == ["Loans"]
    assert COST in refused.content.decode()
    left = {"action": "delete_chosen", "_selected_action": [loans], "confirmed": "1", "force": "1"}
    assert site.post(LIST, left).status_code == 302
    assert not Document.objects.exists()


@pytest.mark.parametrize("identity", ["00000000-0000-0000-0000-000000000000", "nonsense"])
def test_a_document_that_is_not_there_is_said_so_on_a_page(site: Client, identity: str) -> None:
    answer = site.get(f"{LIST}{identity}/change/")
    assert answer.status_code == 404
    assert "No document has this id." in answer.content.decode()


def test_the_shipped_action_that_passes_by_the_services_is_gone(site: Client, hours: str) -> None:
    site.post(LIST, {"action": "delete_selected", "_selected_action": [hours], "post": "yes"})
    assert Document.objects.exists()


def test_a_title_is_text_and_never_markup(site: Client, editor_client: APIClient) -> None:
    title = "<img src=x onerror=alert(1)>"
    made = submit(editor_client, title, f"# Heading {title}\n\n{title}", note=title)["documents"][0]
    page = f"{LIST}{made['id']}/"
    for address in (LIST, f"{page}change/", f"{page}delete/", f"{page}versions/1/chunks/", f"{page}versions/1/diff/"):
        text = site.get(address).content.decode()
        assert title not in text
        assert "&lt;img" in text
    assert title not in site.post(f"{page}delete/", {"confirmed": "1"}, follow=True).content.decode()
