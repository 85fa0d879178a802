"""The admin site: editors see what they look after, admins see everything."""

import re

import pytest
from django.test import Client

from documents.models import Document
from tests.conftest import PASSWORD
from tests.knowledge import HOURS, submit
from users.audit import audit_record
from users.models import AuditEntry, Role, User
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


@pytest.mark.parametrize("page", ["users/user/", "chat/session/", "users/auditentry/"])
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


@pytest.fixture
def admin() -> User:
    return account_create(username="root", email="root@example.org", password=PASSWORD, role=Role.ADMIN)


OURS = [
    "upload/",
    "upload/0b6c7f5e-3d0a-4c53-9a43-6a4f2f9f6f10/",
    "playground/",
    "status/",
    "gaps/",
    "gaps/draft/",
    "reports/",
    "reports/2026-01-31/",
    "documents/chunk/0:1:2/",
    "documents/question/runs/",
    "documents/question/runs/1/",
    "documents/document/0b6c7f5e-3d0a-4c53-9a43-6a4f2f9f6f10/change/",
    "documents/document/0b6c7f5e-3d0a-4c53-9a43-6a4f2f9f6f10/delete/",
    "documents/document/0b6c7f5e-3d0a-4c53-9a43-6a4f2f9f6f10/versions/new/",
    "documents/document/0b6c7f5e-3d0a-4c53-9a43-6a4f2f9f6f10/versions/1/diff/",
    "documents/document/0b6c7f5e-3d0a-4c53-9a43-6a4f2f9f6f10/versions/1/chunks/",
    "documents/document/0b6c7f5e-3d0a-4c53-9a43-6a4f2f9f6f10/versions/1/file/",
    "documents/document/0b6c7f5e-3d0a-4c53-9a43-6a4f2f9f6f10/versions/1/impact/",
]


@pytest.mark.parametrize("page", OURS)
def test_no_page_is_shown_to_users_and_visitors(user: User, page: str) -> None:
    for client in (Client(), site_of(user)):
        answer = client.get(f"/admin/{page}")
        assert answer.status_code == 302
        assert answer["Location"].startswith("/admin/login/?next=/admin/")


@pytest.mark.parametrize("page", OURS)
def test_who_may_log_in_to_the_site_but_is_no_editor_is_refused(user: User, page: str) -> None:
    User.objects.filter(pk=user.pk).update(is_staff=True)
    assert site_of(user).get(f"/admin/{page}").status_code == 403


def test_admins_read_the_audit_trail_and_nobody_changes_it(admin: User) -> None:
    audit_record(actor=admin, action="document.delete", object_type="document", object_id="7")
    entry, site = AuditEntry.objects.get(object_type="document"), site_of(admin)
    assert b"document.delete" in site.get("/admin/users/auditentry/").content
    assert site.get(f"/admin/users/auditentry/{entry.pk}/change/").status_code == 200
    assert site.post(f"/admin/users/auditentry/{entry.pk}/change/", {"action": "x"}).status_code == 403
    assert site.post(f"/admin/users/auditentry/{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    assert site.get("/admin/users/auditentry/add/").status_code == 403


def test_the_navigation_holds_what_a_role_may_see(editor: User, admin: User) -> None:
    links = {
        user.username: set(
            re.findall(r'href="(/admin/[^"]+)" class="flex', site_of(user).get("/admin/").content.decode())
        )
        for user in (editor, admin)
    }
    assert "/admin/upload/" in links["edda"]
    assert "/admin/playground/" in links["edda"]
    assert "/admin/chat/feedback/" in links["edda"]
    assert links["root"] - links["edda"] == {
        "/admin/background_tasks/jobrun/",
        "/admin/chat/session/",
        "/admin/chat/toolcall/",
        "/admin/chat/usage/",
        "/admin/chat/visitorusage/",
        "/admin/learning/course/",
        "/admin/learning/enrolment/",
        "/admin/reports/",
        "/admin/users/apikey/",
        "/admin/users/user/",
        "/admin/users/auditentry/",
    }


@pytest.mark.parametrize(
    "page", ["login/", "", "documents/document/", "documents/question/add/", "upload/", "users/user/add/"]
)
def test_the_pages_load_their_assets_from_this_server(admin: User, page: str) -> None:
    client = Client() if page == "login/" else site_of(admin)
    html = client.get(f"/admin/{page}").content.decode()
    assert not re.findall(r"""(?:src|href|action)=["'](?:https?:)?//[^"']+""", html)
    assets = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', html))
    assert assets
    for asset in assets:
        answer = client.get(asset)
        assert answer.status_code == 200, asset
        body = answer.getvalue()
        if asset.endswith(".css"):
            assert not re.findall(rb"(?:url\(|@import)\s*[\"']?(?:https?:)?//", body), asset
