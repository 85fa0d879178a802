"""The admin site: editors see what they look after, admins see everything."""

import pytest
from django.test import Client

from documents.models import Document
from tests.conftest import PASSWORD
from tests.knowledge import HOURS, submit
from users.models import Role, User
from users.services import account_create


def site_of(user: User) -> Client:
    client = Client()
    assert client.login(username=user.username, password=PASSWORD)
    return client


@pytest.mark.parametrize(
    "page", ["", "documents/document/", "documents/collection/", "documents/category/", "documents/collection/add/"]
)
def test_an_editor_sees_the_knowledge_base(editor: User, page: str) -> None:
    assert site_of(editor).get(f"/admin/{page}").status_code == 200


@pytest.mark.parametrize("page", ["users/user/", "chat/session/"])
def test_an_editor_does_not_see_accounts_and_conversations(editor: User, page: str) -> None:
    assert site_of(editor).get(f"/admin/{page}").status_code == 403


def test_a_document_s_page_shows_its_versions(editor: User, editor_client: object) -> None:
    submit(editor_client, "Hours", HOURS)  # type: ignore[arg-type]
    answer = site_of(editor).get(f"/admin/documents/document/{Document.objects.get().pk}/change/")
    assert b"Hours.md" in answer.content


@pytest.mark.parametrize("page", ["users/user/", "chat/session/", "documents/document/"])
def test_an_admin_sees_everything(page: str) -> None:
    admin = account_create(username="root", email="root@example.org", password=PASSWORD, role=Role.ADMIN)
    assert site_of(admin).get(f"/admin/{page}").status_code == 200


def test_a_user_is_not_let_in(user: User) -> None:
    assert site_of(user).get("/admin/").status_code == 302
