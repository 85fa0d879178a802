"""One's own conversations are found by the words that they hold."""

import pytest
from rest_framework.test import APIClient

from chat.models import Message, Session
from tests.conftest import PASSWORD
from users.models import User


@pytest.fixture(autouse=True)
def _talk(user: User) -> None:
    eve = User.objects.create_user("eve", "eve@example.org", PASSWORD)
    for owner, title, *contents in (
        (user, "Leave", "How long is parental leave?", "Parental leave lasts 14 weeks (100% paid)."),
        (user, "Travel to Zürich", "Who pays the hotel?", "The company pays it."),
        (user, "Umzug", "Wer zahlt den ÜBERTRAG der Möbel?", "Die Firma."),
        (eve, "Parental leave", "parental leave?", "14 weeks"),
    ):
        session = Session.objects.create(user=owner, title=title)
        for position, content in enumerate(contents):
            sender = "bot" if position % 2 else "user"
            Message.objects.create(session=session, position=position, sender_type=sender, content=content)


@pytest.mark.parametrize(
    ("query", "sessions", "messages"),
    [
        ("leave PARENTAL", ["Leave"], 2),
        ('"parental leave"', ["Leave"], 2),
        ('"leave parental"', [], 0),
        ("parental hotel", [], 0),
        ("hotel", ["Travel to Zürich"], 1),
        ("zürich", ["Travel to Zürich"], 0),
        ("ZÜRICH travel", ["Travel to Zürich"], 0),
        ("übertrag möbel", ["Umzug"], 1),
        ("100%", ["Leave"], 1),
        ("%", ["Leave"], 1),
        ("(100% .*", [], 0),
        ("", ["Leave", "Travel to Zürich", "Umzug"], 6),
        ('"', ["Leave", "Travel to Zürich", "Umzug"], 6),
    ],
)
def test_what_has_all_words_is_found(client: APIClient, query: str, sessions: list[str], messages: int) -> None:
    found = client.get("/api/chat/history/", {"q": query}).json()
    assert sorted(session["title"] for session in found["sessions"]) == sessions
    assert (found["total_sessions"], found["total_messages"]) == (len(sessions), messages)
    assert len(found["recent_messages"]) == messages
    listed = client.get("/api/chat/sessions/", {"q": query}).json()
    assert sorted(session["title"] for session in listed["results"]) == sessions
    assert all(session["message_count"] == 2 for session in listed["results"])


def test_it_comes_in_pages(client: APIClient) -> None:
    pages = [client.get("/api/chat/history/", {"page": page, "page_size": 4}).json() for page in (1, 2, 3)]
    assert [len(page["recent_messages"]) for page in pages] == [4, 2, 0]
    assert len({message["id"] for page in pages for message in page["recent_messages"]}) == 6
    assert all(page["total_messages"] == 6 for page in pages)


@pytest.mark.parametrize("query", [{"q": "x" * 501}, {"q": "\0"}, {"page": "0"}, {"page_size": "101"}, {"page": "x"}])
def test_a_search_that_makes_no_sense_is_refused(client: APIClient, query: dict[str, str]) -> None:
    answer = client.get("/api/chat/history/", query)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
