"""Who has forgotten the password sets a new one by a mail."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from tests.conftest import PASSWORD
from tests.mails import delivered, token_in, told
from users.models import AuditEntry, MailedToken, User

ASK, CONFIRM, LOGIN = "/api/auth/password/reset/", "/api/auth/password/reset/confirm/", "/api/auth/login/"
NEW = "eleven grey owls at noon"


def asked(client: APIClient, email: str = "ada@example.org") -> str:
    """The token of the mail that comes."""
    assert client.post(ASK, {"email": email}).status_code == 202
    return token_in(delivered()[-1])


def test_the_link_sets_a_new_password(anonymous: APIClient, user: User) -> None:
    old = anonymous.post(LOGIN, {"username": "ada", "password": PASSWORD}).json()["refresh"]
    answer = anonymous.post(CONFIRM, {"token": asked(anonymous), "new_password": NEW})
    assert (answer.status_code, answer.content) == (204, b"")
    assert anonymous.post(LOGIN, {"username": "ada", "password": PASSWORD}).status_code == 401
    assert anonymous.post(LOGIN, {"username": "ada", "password": NEW}).status_code == 200
    assert anonymous.post("/api/auth/refresh/", {"refresh": old}).status_code == 401
    assert told(delivered()) == [("ada@example.org", "Your password was changed")]


def test_the_mail_goes_to_the_address_as_it_is_written_in_the_account(anonymous: APIClient, user: User) -> None:
    anonymous.post(ASK, {"email": "ADA@EXAMPLE.ORG"})
    [message] = delivered()
    assert told([message]) == [("ada@example.org", "Set a new password")]
    assert "60 minutes" in message.body


@pytest.mark.parametrize("mode", [True, False])
def test_it_verifies_the_address(anonymous: APIClient, settings: Any, mode: bool) -> None:
    settings.REQUIRE_VERIFIED_EMAIL = mode
    who = {"username": "grace", "email": "grace@example.org", "password": PASSWORD}
    anonymous.post("/api/auth/register/", who)
    anonymous.post(CONFIRM, {"token": asked(anonymous, who["email"]), "new_password": NEW})
    user = User.objects.get()
    assert (user.email, user.new_email, user.is_verified) == (who["email"], "", True)
    assert anonymous.post(LOGIN, {"email": who["email"], "password": NEW}).status_code == 200


def test_whoever_asks_is_answered_the_same_and_a_mail_goes_to_accounts_only(anonymous: APIClient, user: User) -> None:
    User.objects.create_user("sleeper", "sleeper@example.org", PASSWORD, is_active=False)
    answers = [
        anonymous.post(ASK, {"email": f"{name}@example.org"}) for name in ("ada", "nobody", "sleeper", *["ada"] * 10)
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, b"")}
    assert {message.to[0] for message in delivered()} == {"ada@example.org"}
    assert anonymous.post(ASK, {"email": "no address"}).status_code == 400


def test_what_is_asked_for_is_on_record_where_there_is_an_account(anonymous: APIClient, user: User) -> None:
    anonymous.post(ASK, {"email": "nobody@example.org"})
    anonymous.post(CONFIRM, {"token": asked(anonymous), "new_password": NEW})
    entries = AuditEntry.objects.order_by("pk").values_list("action", "actor_name", "object_id")
    assert list(entries) == [
        ("password.reset_ask", "", str(user.pk)),
        ("account.verify", "ada", str(user.pk)),
        ("password.reset", "ada", str(user.pk)),
    ]


def test_a_link_is_good_once_for_an_hour_and_until_the_next_mail(anonymous: APIClient, user: User) -> None:
    used = asked(anonymous)
    assert anonymous.post(CONFIRM, {"token": used, "new_password": NEW}).status_code == 204
    older, newer = asked(anonymous), asked(anonymous)
    row = MailedToken.objects.get()
    assert timedelta(minutes=59) < row.expires_at - timezone.now() <= timedelta(hours=1)
    MailedToken.objects.update(expires_at=timezone.now())
    for token in (used, older, newer):
        answer = anonymous.post(CONFIRM, {"token": token, "new_password": NEW})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_link")


def test_a_weak_password_does_not_use_the_link_up(anonymous: APIClient, user: User) -> None:
    token = asked(anonymous)
    for weak in ("ada@example.org", "12345678", "short"):
        answer = anonymous.post(CONFIRM, {"token": token, "new_password": weak})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["new_password"])
    assert anonymous.post(CONFIRM, {"token": token, "new_password": NEW}).status_code == 204


def test_a_link_that_went_to_an_address_of_before_is_worth_nothing(anonymous: APIClient, client: APIClient) -> None:
    token = asked(anonymous)
    client.patch("/api/auth/me/", {"email": "new@example.org"})
    assert anonymous.post(CONFIRM, {"token": token, "new_password": NEW}).json()["code"] == "invalid_link"


def test_a_link_of_an_account_that_was_switched_off_is_worth_nothing(anonymous: APIClient, user: User) -> None:
    token = asked(anonymous)
    User.objects.update(is_active=False)
    assert anonymous.post(CONFIRM, {"token": token, "new_password": NEW}).json()["code"] == "invalid_link"
