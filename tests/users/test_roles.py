"""The role of an account decides what it may do on the admin site."""

from typing import Any

import pytest
from django.test import Client

from tests.conftest import PASSWORD
from users import services
from users.models import Role, User


@pytest.fixture
def admin_site() -> Client:
    """A browser in which an admin is logged in to the admin site."""
    services.account_create(username="root", email="root@example.org", password=PASSWORD, role=Role.ADMIN)
    browser = Client()
    browser.post("/admin/login/", {"username": "root", "password": PASSWORD})
    return browser


def rights(user: User) -> tuple[bool, bool]:
    user.refresh_from_db()
    return user.is_staff, user.is_superuser


@pytest.mark.parametrize(
    ("role", "expected"), [(Role.USER, (False, False)), (Role.EDITOR, (True, False)), (Role.ADMIN, (True, True))]
)
def test_rights_on_the_admin_site_follow_the_role(user: User, role: Role, expected: tuple[bool, bool]) -> None:
    made = services.account_create(username="grace", email="grace@example.org", password=PASSWORD, role=role)
    assert rights(made) == expected
    services.role_assign(user=user, role=role)
    assert rights(user) == expected


def test_who_loses_a_role_loses_its_rights(user: User) -> None:
    services.role_assign(user=user, role=Role.ADMIN)
    services.role_assign(user=user, role=Role.USER)
    assert rights(user) == (False, False)


def test_djangos_own_command_makes_an_admin() -> None:
    made = User.objects.create_superuser("root", "root@example.org", PASSWORD)
    assert made.role == Role.ADMIN
    assert rights(made) == (True, True)


def account_form(**changes: Any) -> dict[str, Any]:
    return {
        "username": "ada",
        "email": "ada@example.org",
        "role": "user",
        "is_active": "on",
        **changes,
    }


def test_admins_look_after_accounts(admin_site: Client, user: User) -> None:
    assert b"ada@example.org" in admin_site.get("/admin/users/user/", {"q": "ada"}).content
    answer = admin_site.post(f"/admin/users/user/{user.pk}/change/", account_form(role="editor"))
    assert answer.status_code == 302, answer.content
    user.refresh_from_db()
    assert user.role == Role.EDITOR
    assert rights(user) == (True, False)


def test_admins_make_accounts(admin_site: Client) -> None:
    form = account_form(role="admin", password1=PASSWORD, password2=PASSWORD)
    answer = admin_site.post("/admin/users/user/add/", form)
    assert answer.status_code == 302, answer.content
    made = User.objects.get(username="ada")
    assert rights(made) == (True, True)
    assert made.check_password(PASSWORD)
    assert made.is_verified  # they vouch for the address


def test_an_account_is_made_with_an_address(admin_site: Client) -> None:
    form = account_form(email="", password1=PASSWORD, password2=PASSWORD)
    assert admin_site.post("/admin/users/user/add/", form).status_code == 200
    assert not User.objects.filter(username="ada").exists()


def test_an_account_that_awaits_verification_can_be_looked_after(admin_site: Client) -> None:
    waiting = User.objects.create_user("ada", "", PASSWORD, new_email="ada@example.org")
    assert b"ada@example.org" in admin_site.get("/admin/users/user/").content
    answer = admin_site.post(f"/admin/users/user/{waiting.pk}/change/", account_form(email="", role="editor"))
    assert answer.status_code == 302, answer.content
    waiting.refresh_from_db()
    assert (waiting.role, waiting.email, waiting.new_email) == (Role.EDITOR, "", "ada@example.org")
    assert not waiting.is_verified


def test_a_name_or_address_that_is_taken_is_told_in_the_form(admin_site: Client, user: User) -> None:
    form = account_form(username="eve", email="ADA@example.org", password1=PASSWORD, password2=PASSWORD)
    answer = admin_site.post("/admin/users/user/add/", form)
    assert answer.status_code == 200
    assert b"An account with this e-mail address already exists." in answer.content


def test_plain_users_do_not_enter_the_admin_site(user: User) -> None:
    browser = Client()
    browser.post("/admin/login/", {"username": "ada", "password": PASSWORD})
    assert browser.get("/admin/").status_code == 302
