"""Editors read what visitors asked; admins read what everybody asked: found by words, date, sender, response time."""

import pytest
from django.test import Client
from rest_framework.test import APIClient

from chat.models import Message, Session, Visitor
from tests.chat.visitors import QUESTION, Guest
from tests.conftest import PASSWORD
from users.models import Role
from users.services import account_create

MESSAGES = "/admin/chat/message/"
SECRET = "Is my salary paid on Mondays?"


@pytest.fixture
def admin() -> Client:
    account_create(username="root", email="root@example.org", password=PASSWORD, role=Role.ADMIN)
    client = Client()
    assert client.login(username="root", password=PASSWORD)
    return client


@pytest.fixture(autouse=True)
def _asked(client: APIClient) -> None:
    client.post("/api/chat/messages/", {"content": SECRET})
    Guest().ask(visitor_info={"name": "Grace", "email": "grace@example.org"})
    Guest().ask("Where do I park?")


def shown(site: Client, query: str = "") -> str:
    answer = site.get(f"{MESSAGES}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_editor_reads_visitors_messages_and_no_others(site: Client) -> None:
    text = shown(site)
    assert QUESTION in text
    assert SECRET not in text
    hidden = Message.objects.get(content=SECRET)
    assert SECRET not in shown(site, "?q=salary")
    assert site.get(f"{MESSAGES}{hidden.pk}/change/").status_code == 302
    seen = Message.objects.get(content=QUESTION)
    assert "Grace" in site.get(f"{MESSAGES}{seen.pk}/change/").content.decode()
    assert site.post(f"{MESSAGES}{seen.pk}/delete/", {"post": "yes"}).status_code == 403


def test_an_admin_reads_all_and_finds_by_words_sender_date_and_whose(admin: Client) -> None:
    assert {text in shown(admin) for text in (QUESTION, SECRET, "Where do I park?")} == {True}
    by_visitors, found, day = shown(admin, "?whose=visitor"), shown(admin, "?q=grace@example.org"), "?timestamp__year="
    assert (SECRET in by_visitors, QUESTION in by_visitors) == (False, True)
    assert (QUESTION in found, "Where do I park?" in found) == (True, False)
    assert "3 answers: half within" in shown(admin, "?sender_type__exact=bot")
    assert "answers: half within" not in shown(admin, "?sender_type__exact=user")
    assert SECRET not in shown(admin, f"{day}2001")
    assert SECRET in shown(admin, f"{day}{Message.objects.get(content=SECRET).timestamp:%Y}")


def test_response_times_are_shown_and_filtered(site: Client) -> None:
    answers = Message.objects.filter(sender_type="bot", session__user=None)
    for answer, took in zip(answers, (700, 6200), strict=True):
        Message.objects.filter(pk=answer.pk).update(response_time_ms=took)
    text = shown(site, "?sender_type__exact=bot")
    assert "2 answers: half within 700 ms, 95 of 100 within 6200 ms." in text
    assert "6,200 ms" in text
    slow = shown(site, "?took=slow")
    assert ("6,200 ms" in slow, "700 ms</" in slow) == (True, False)
    assert "1 answer: half within 700 ms" in shown(site, "?took=fast")


def test_a_whole_conversation_is_shown_in_its_order(site: Client) -> None:
    session = Session.objects.get(visitor__name="Grace")
    page = f"{MESSAGES}?session__id__exact={session.pk}&o=1"
    assert page.replace("&", "&amp;") in shown(site)
    text = shown(site, page.removeprefix(MESSAGES))
    assert (QUESTION in text, "Where do I park?" in text) == (True, False)


def test_an_admin_reads_and_deletes_a_visitor_s_conversation(admin: Client) -> None:
    session = Session.objects.get(visitor__name="Grace")
    page = f"/admin/chat/session/{session.pk}/"
    assert "Grace, grace@example.org" in admin.get(f"{page}change/").content.decode()
    found = admin.get("/admin/chat/session/?q=grace@").content.decode()
    assert (QUESTION in found, SECRET in found) == (True, False)
    assert admin.post(f"{page}delete/", {"post": "yes"}).status_code == 302
    assert not Visitor.objects.filter(name="Grace").exists()
    others = Session.objects.all()
    chosen = {"action": "delete_selected", "_selected_action": [s.pk for s in others], "post": "yes"}
    assert admin.post("/admin/chat/session/", chosen).status_code == 302
    assert not Visitor.objects.exists()
    assert admin.get("/admin/chat/visitorusage/").status_code == 200
